"""The store of built images: whole or not at all, shared blobs once, old builds removed."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

from localcluster import oci_archive
from localcluster.image_store import KEEP, ImageStore


def _pushed(place: Path, layers: list[bytes], config: bytes) -> Path:
    """Write what `buildah push dir:` writes."""
    place.mkdir()
    digests = []
    for blob in (config, *layers):
        digests.append(hashlib.sha256(blob).hexdigest())
        (place / digests[-1]).write_bytes(blob)
    manifest = {
        "config": {"digest": f"sha256:{digests[0]}"},
        "layers": [{"digest": f"sha256:{digest}"} for digest in digests[1:]],
    }
    (place / "manifest.json").write_text(json.dumps(manifest))
    (place / "version").write_text("Directory Transport Version: 1.1\n")
    return place


def test_shared_layers_stand_once_in_a_stream(tmp_path: Path) -> None:
    store = ImageStore(tmp_path / "store")
    store.take("ray@1", _pushed(tmp_path / "a", [b"base", b"ray"], b"config a"))
    store.take("client@1", _pushed(tmp_path / "b", [b"base", b"ray", b"app"], b"config b"))
    buffer = io.BytesIO()
    oci_archive.stream(
        store, {"localhost/ray:1": "ray@1", "localhost/client:1": "client@1"}, buffer
    )
    buffer.seek(0)
    with tarfile.open(fileobj=buffer) as archive:
        names = archive.getnames()
        index_file = archive.extractfile("index.json")
        assert index_file is not None
        index = json.load(index_file)
        for name in names:
            if name.startswith("blobs/sha256/"):
                blob = archive.extractfile(name)
                assert blob is not None
                assert hashlib.sha256(blob.read()).hexdigest() == name.removeprefix("blobs/sha256/")
    assert len(names) == len(set(names)) == 2 + 2 + 2 + 3
    assert {
        one["annotations"]["io.containerd.image.name"]: one["digest"] for one in index["manifests"]
    } == {"localhost/ray:1": store.digest("ray@1"), "localhost/client:1": store.digest("client@1")}


def test_old_builds_go_and_what_others_need_stays(tmp_path: Path) -> None:
    store = ImageStore(tmp_path / "store")
    for number in range(KEEP + 1):
        pushed = _pushed(tmp_path / f"p{number}", [b"base", b"%d" % number], b"c%d" % number)
        store.take(f"ray@{number}", pushed)
    store.take("client@0", _pushed(tmp_path / "q", [b"base", b"0"], b"client"))
    store.prune()
    assert not store.has("ray@0")
    assert all(store.has(f"ray@{number}") for number in range(1, KEEP + 1))
    for key in ("client@0", "ray@1"):
        assert all(store.blob(digest).exists() for digest in store.blobs_of(key))
    assert not store.blob(f"sha256:{hashlib.sha256(b'c0').hexdigest()}").exists()


def test_the_image_of_one_program_is_complete(tmp_path: Path) -> None:
    program = tmp_path / "pause"
    program.write_bytes(b"\x7fELF")
    oci_archive.write_program_image(program, "localhost/pause:1", tmp_path / "a.tar")
    oci_archive.write_program_image(program, "localhost/pause:1", tmp_path / "b.tar")
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()
    with tarfile.open(tmp_path / "a.tar") as archive:
        assert "oci-layout" in archive.getnames()
        assert len(archive.getnames()) == 5
