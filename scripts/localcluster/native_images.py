"""Building images by content and importing them into a native cluster's containerd."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Container, Sequence
from pathlib import Path

from localcluster import base_image, images, native_report, oci_archive, prerequisites
from localcluster.buildah import Buildah
from localcluster.commands import last_lines, output_of
from localcluster.errors import CommandFailed, UsageError
from localcluster.folders import cache_folder
from localcluster.image_store import ImageStore
from localcluster.images import ImageSource
from localcluster.locks import held
from localcluster.processes import Identity
from localcluster.progress import say, step
from localcluster.settings import CONTAINERD_SOCKET


class ImageCache:
    """Everything about images below the cache folder."""

    def __init__(self, home: Path) -> None:
        self.store = ImageStore(home / "store")
        self._home = home
        self._buildah = Buildah(home / "buildah")

    def build(self, wanted: Sequence[ImageSource]) -> dict[str, str]:
        """Build what has changed among the wanted images and their parents.

        Returns the key in the store for each wanted image's name.
        """
        known = images.all_sources()
        hashes: dict[str, str] = {}
        keys = {}
        for source in images.build_order(wanted, known):
            arguments = images.build_arguments(source, known, base_image.TAG)
            parents = [hashes[parent.tag] for parent in images.parents_of(source, known)]
            hashes[source.tag] = images.content_hash(source, arguments, parents)
            keys[source.tag] = f"{source.folder}@{hashes[source.tag]}"
            if not self.store.has(keys[source.tag]):
                self._build_one(source, arguments, keys[source.tag])
        return {source.tag: keys[source.tag] for source in wanted}

    def _build_one(self, source: ImageSource, arguments: dict[str, str], key: str) -> None:
        """Build one image whose parents are there."""
        prerequisites.ensure_certificates()
        prerequisites.ensure(prerequisites.FOR_IMAGES)
        logs = self._home / "logs"
        if base_image.TAG in arguments.values():
            self._ensure_base(logs)
        pushed = self._home / "pushed"
        shutil.rmtree(pushed, ignore_errors=True)
        with step(f"building {source.tag}"):
            self._buildah.build(source, arguments, logs / f"{source.folder}.log")
            self._buildah.push(source.tag, pushed, logs / f"{source.folder}-push.log")
            self.store.take(key, pushed)
        shutil.rmtree(pushed)
        self.store.prune()

    def _ensure_base(self, logs: Path) -> None:
        """Make the Debian base image unless buildah's storage has it."""
        done = self._home / "base-image-is-built"
        if done.exists():
            return
        context = self._home / "base"
        shutil.rmtree(context, ignore_errors=True)
        base_image.make_context(context)
        source = ImageSource(base_image.TAG, context / "Dockerfile", context)
        self._buildah.build(source, {}, logs / "base.log")
        shutil.rmtree(context)
        done.touch()


def wanted_sources(names: Sequence[str], dockerfile: Path | None) -> list[ImageSource]:
    """Return the images that a command line means; with a Dockerfile, that one."""
    if dockerfile is None:
        wanted = images.chosen(names, images.all_sources())
        if not wanted:
            raise UsageError(f"no images under {images.IMAGES}", mend="name one with --file")
        return wanted
    if len(names) != 1:
        raise UsageError("--file wants one --tag", mend="--file DIR/Dockerfile --tag NAME:1")
    if not dockerfile.is_file():
        raise UsageError(f"{dockerfile} is not there", mend="name a Dockerfile with --file")
    absolute = dockerfile.resolve()
    return [ImageSource(names[0], absolute, absolute.parent)]


def load(first: Identity, names: Sequence[str], dockerfile: Path | None) -> None:
    """Build the named images (all, without names) and import those that are missing.

    With a Dockerfile the one name is the tag that it gets, and its folder is the context.
    """
    prerequisites.ensure_root()
    wanted = wanted_sources(names, dockerfile)
    home = cache_folder() / "images"
    with held(home / ".lock", "waiting for another load of images ..."):
        cache = ImageCache(home)
        keys = cache.build(wanted)
        present = _present(first)
        missing = {}
        for image, key in keys.items():
            if present.get(image) == cache.store.digest(key):
                say(f"{image} is loaded already")
            else:
                missing[image] = key
        if missing:
            started = time.monotonic()
            with step(f"importing {', '.join(missing)}"):
                try:
                    _import(first, cache.store, missing, _present_blobs(first))
                except CommandFailed:  # containerd may collect a blob just then
                    _import(first, cache.store, missing, ())
            say(f"imported in {time.monotonic() - started:.1f} s")


def _ctr(first: Identity, *words: str) -> list[str]:
    """Return a containerd command inside the cluster."""
    ctr = ["ctr", "--address", str(CONTAINERD_SOCKET), "--namespace", "k8s.io", *words]
    return native_report.entering(first, ctr)


def _present(first: Identity) -> dict[str, str]:
    """Map the images that the cluster has to their digests."""
    lines = output_of(_ctr(first, "images", "list"), timeout=60).splitlines()[1:]
    return {fields[0]: fields[2] for fields in map(str.split, lines) if len(fields) > 2}


def _present_blobs(first: Identity) -> frozenset[str]:
    """Return the digests of the blobs that the cluster has."""
    return frozenset(output_of(_ctr(first, "content", "list", "--quiet"), timeout=60).split())


def _import(
    first: Identity, store: ImageStore, missing: dict[str, str], present: Container[str]
) -> None:
    """Stream the images into containerd; what is present there does not go over again."""
    argv = _ctr(first, "images", "import", "--digests=false", "-")
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with process.stdin as stream:
                oci_archive.stream(store, missing, stream, present)
        except BrokenPipeError:
            pass  # ctr says below why it did not read on
        words = process.stdout.read().decode(errors="replace")
        code = process.wait()
    if code != 0:
        raise CommandFailed(f"ctr images import ended with {code}:\n{last_lines(words)}")
