"""Built images on disk: a manifest for each, and the blobs that they share."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

KEEP = 3
"""How many builds of one image are kept: other branches and clones build into this cache."""


@dataclass(frozen=True, slots=True)
class ImageStore:
    """A folder with `manifests/<image>@<key>.json` and `blobs/<digest>`."""

    home: Path

    def has(self, key: str) -> bool:
        """Tell whether an image is stored under a key."""
        return self._manifest_file(key).exists()

    def manifest(self, key: str) -> bytes:
        """Return an image's manifest, byte for byte: its digest is the image's."""
        return self._manifest_file(key).read_bytes()

    def digest(self, key: str) -> str:
        """Return the digest that names an image."""
        return f"sha256:{hashlib.sha256(self.manifest(key)).hexdigest()}"

    def blobs_of(self, key: str) -> list[str]:
        """Return the digests of an image's configuration and layers."""
        manifest = json.loads(self.manifest(key))
        return [manifest["config"]["digest"], *(one["digest"] for one in manifest["layers"])]

    def blob(self, digest: str) -> Path:
        """Return the file of a blob."""
        return self.home / "blobs" / digest.replace(":", "-")

    def take(self, key: str, pushed: Path) -> None:
        """Move in what `buildah push dir:` wrote: blobs by hex digest, and manifest.json.

        The manifest comes last: an image is stored wholly or not at all.
        """
        self.blob("").mkdir(parents=True, exist_ok=True)
        self._manifest_file(key).parent.mkdir(parents=True, exist_ok=True)
        for path in pushed.iterdir():
            if path.name not in ("manifest.json", "version"):
                path.rename(self.blob(f"sha256:{path.name}"))
        (pushed / "manifest.json").rename(self._manifest_file(key))

    def prune(self) -> None:
        """Remove all but the newest builds of each image, and blobs that no image needs."""
        manifests = sorted(
            (self.home / "manifests").glob("*.json"), key=lambda path: -path.stat().st_mtime_ns
        )
        kept: dict[str, list[Path]] = {}
        for path in manifests:
            builds = kept.setdefault(path.name.partition("@")[0], [])
            if len(builds) < KEEP:
                builds.append(path)
            else:
                path.unlink()
        needed = {
            self.blob(digest)
            for builds in kept.values()
            for path in builds
            for digest in self.blobs_of(path.name.removesuffix(".json"))
        }
        for blob in self.blob("").iterdir():
            if blob not in needed:
                blob.unlink()

    def _manifest_file(self, key: str) -> Path:
        return self.home / "manifests" / f"{key}.json"
