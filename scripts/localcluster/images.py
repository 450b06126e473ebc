"""Which images there are, in which order they are built, and when they must be built again.

An image is a folder under deploy/images/ with a Dockerfile; its build context is the
repository's root. An `ARG` whose default names another of these images is set to that image.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from localcluster.binaries import content_key
from localcluster.errors import UsageError
from localcluster.folders import REPOSITORY

IMAGES = REPOSITORY / "deploy" / "images"
REGISTRY = "localhost"
DEBIAN = "debian:bookworm-slim"
"""The default of `ARG BASE` in the Dockerfiles; without a registry a local one stands in."""


@dataclass(frozen=True, slots=True)
class ImageSource:
    """An image as it is described on disk."""

    tag: str
    dockerfile: Path
    context: Path

    @property
    def folder(self) -> str:
        """A name for files and folders that belong to this image."""
        return re.sub(r"[^a-zA-Z0-9.-]", "_", self.tag)


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    """Split a Dockerfile into instructions and arguments, continued lines joined."""
    found = []
    joined = re.sub(
        r"\\\n",
        " ",
        "\n".join(line for line in dockerfile.splitlines() if not line.lstrip().startswith("#")),
    )
    for line in joined.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word:
            found.append((word.upper(), rest.strip()))
    return found


def arguments(dockerfile: str) -> dict[str, str]:
    """Return the defaults of a Dockerfile's ARG instructions."""
    found = {}
    for word, rest in instructions(dockerfile):
        if word == "ARG":
            name, _, default = rest.partition("=")
            found[name.strip()] = default.strip().strip("\"'")
    return found


def references(dockerfile: str) -> set[str]:
    """Return the image references that a Dockerfile builds on, as far as they are literal."""
    found = set(arguments(dockerfile).values())
    found.update(rest.split()[0] for word, rest in instructions(dockerfile) if word == "FROM")
    return {reference for reference in found if reference and "$" not in reference}


def copied(dockerfile: str) -> list[str]:
    """Return the paths in the build context that a Dockerfile copies."""
    found = []
    for word, rest in instructions(dockerfile):
        if word in ("COPY", "ADD"):
            words = json.loads(rest) if rest.startswith("[") else shlex.split(rest)
            if any(option.startswith("--from=") for option in words):
                continue
            found.extend([path for path in words if not path.startswith("--")][:-1])
    return found


def context_files(context: Path, paths: Iterable[str]) -> list[Path]:
    """List the files of a build context that the copied paths mean."""
    found: set[Path] = set()
    for path in paths:
        pattern = path.strip("/")
        for match in [context] if pattern in ("", ".") else context.glob(pattern):
            inside = match.rglob("*") if match.is_dir() else [match]
            found.update(
                file for file in inside if file.is_file() and "__pycache__" not in file.parts
            )
    return sorted(found)


def content_hash(
    source: ImageSource, build_arguments: Mapping[str, str], parents: Iterable[str]
) -> str:
    """Return what changes when the image has to be built again; parents are others' keys."""
    text = source.dockerfile.read_text()
    files = {source.dockerfile, *context_files(source.context, copied(text))}
    inside = {file for file in files if source.context in file.parents}
    words = [source.tag, *(f"{name}={value}" for name, value in sorted(build_arguments.items()))]
    if source.dockerfile not in inside:
        words.append(text)
    modes = [f"{path.name} {path.stat().st_mode:o}" for path in sorted(inside)]
    return content_key(inside, source.context, [*words, *modes, *sorted(parents)])


def version() -> str:
    """Return the version that tags the repository's images, from deploy/images/VERSION."""
    file = IMAGES / "VERSION"
    try:
        return file.read_text().strip()
    except FileNotFoundError as absent:
        raise UsageError(f"{file} is not there", mend="write one line in it: 0.1.0") from absent


def all_sources() -> dict[str, ImageSource]:
    """Return the repository's images by name."""
    if not IMAGES.is_dir():
        return {}
    return {
        path.parent.name: ImageSource(
            f"{REGISTRY}/{path.parent.name}:{version()}", path, REPOSITORY
        )
        for path in sorted(IMAGES.glob("*/Dockerfile"))
    }


def without_tag(reference: str) -> str:
    """Return an image reference without its tag: ``localhost/a:1`` gives ``localhost/a``."""
    head, colon, tag = reference.rpartition(":")
    return head if colon and "/" not in tag else reference


def parents_of(source: ImageSource, known: Mapping[str, ImageSource]) -> list[ImageSource]:
    """Return which of our images an image builds on, whatever version it names."""
    wanted = {without_tag(reference) for reference in references(source.dockerfile.read_text())}
    return [
        other for other in known.values() if other != source and without_tag(other.tag) in wanted
    ]


def build_order(
    wanted: Iterable[ImageSource], known: Mapping[str, ImageSource]
) -> list[ImageSource]:
    """Return the wanted images and those that they build on, parents first."""
    ordered: list[ImageSource] = []

    def visit(source: ImageSource, above: tuple[ImageSource, ...]) -> None:
        if source in above:
            raise UsageError(f"{source.dockerfile} builds on itself", where=str(source.dockerfile))
        for parent in parents_of(source, known):
            visit(parent, (*above, source))
        if source not in ordered:
            ordered.append(source)

    for source in wanted:
        visit(source, ())
    return ordered


def build_arguments(
    source: ImageSource, known: Mapping[str, ImageSource], base: str
) -> dict[str, str]:
    """Return the values of the ARGs that name images: ours as they are now, Debian as `base`."""
    ours = {without_tag(other.tag): other.tag for other in known.values()}
    found = {}
    for name, default in arguments(source.dockerfile.read_text()).items():
        if default == DEBIAN:
            found[name] = base
        elif without_tag(default) in ours:
            found[name] = ours[without_tag(default)]
    return found


def chosen(names: Iterable[str], known: Mapping[str, ImageSource]) -> list[ImageSource]:
    """Return the images that names or full references mean; all when there are none."""
    names = list(names)
    if not names:
        return list(known.values())
    by_reference = {source.tag: source for source in known.values()}
    found = []
    for name in names:
        source = known.get(name) or by_reference.get(name)
        if source is None:
            choices = ", ".join(known) or "none"
            raise UsageError(f"no image {name} under {IMAGES}", mend=f"the images are: {choices}")
        found.append(source)
    return found
