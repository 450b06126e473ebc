"""OCI archives: one of a single static program, and streams of images that share layers."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Container
from pathlib import Path
from typing import IO, Any

from localcluster.image_store import ImageStore

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
CONTAINERD_NAME = "io.containerd.image.name"
"""The annotation that containerd takes an image's full name from when it imports."""

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


def architecture() -> str:
    """Return this machine's architecture, as image configurations name it."""
    machine = platform.machine()
    return ARCHITECTURES.get(machine, machine)


def _descriptor(kind: str, content: bytes) -> dict[str, Any]:
    """Describe a blob by type, digest and size."""
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return {"mediaType": kind, "digest": digest, "size": len(content)}


def _add(archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    """Add a file without owner or time, so that the same content gives the same archive."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))


def write_program_image(program: Path, image: str, target: Path) -> None:
    """Write an archive of an image that holds one static program and runs it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as files:
        _add(files, program.name, program.read_bytes(), 0o755)
    layer = buffer.getvalue()
    layer_descriptor = _descriptor(LAYER, layer)
    config = json.dumps(
        {
            "architecture": architecture(),
            "os": "linux",
            "config": {"Entrypoint": [f"/{program.name}"], "User": "65535:65535"},
            "rootfs": {"type": "layers", "diff_ids": [layer_descriptor["digest"]]},
        }
    ).encode()
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": _descriptor(CONFIG, config),
            "layers": [layer_descriptor],
        }
    ).encode()
    entry = _descriptor(MANIFEST, manifest) | {"annotations": {CONTAINERD_NAME: image}}
    with tarfile.open(target, mode="w") as archive:
        _add_heading(archive, [entry])
        for blob in (layer, config, manifest):
            _add(archive, f"blobs/sha256/{hashlib.sha256(blob).hexdigest()}", blob)


def _add_heading(archive: tarfile.TarFile, manifests: list[dict[str, Any]]) -> None:
    """Add the two files that make an archive an OCI layout."""
    _add(archive, "oci-layout", b'{"imageLayoutVersion": "1.0.0"}')
    _add(archive, "index.json", json.dumps({"schemaVersion": 2, "manifests": manifests}).encode())


def stream(
    store: ImageStore, images: dict[str, str], target: IO[bytes], present: Container[str] = ()
) -> None:
    """Write stored images as one archive in which the blobs that they share stand once.

    `images` maps each full image name to its key in the store; blobs whose digests are in
    `present` are left out: the reader has them. Nothing is written to disk.
    """
    entries = [
        _descriptor(MANIFEST, store.manifest(key)) | {"annotations": {CONTAINERD_NAME: image}}
        for image, key in images.items()
    ]
    digests = [digest for key in images.values() for digest in store.blobs_of(key)]
    with tarfile.open(fileobj=target, mode="w|", bufsize=1024 * 1024) as archive:
        _add_heading(archive, entries)
        for key in images.values():
            manifest = store.manifest(key)
            _add(archive, f"blobs/sha256/{hashlib.sha256(manifest).hexdigest()}", manifest)
        for digest in dict.fromkeys(digests):
            if digest in present:
                continue
            archive.add(store.blob(digest), arcname=f"blobs/{digest.replace(':', '/')}")
