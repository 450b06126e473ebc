"""Reading Dockerfiles: what they copy, what they build on, and when to build again."""

from __future__ import annotations

from pathlib import Path

import pytest
from localcluster import images
from localcluster.errors import UsageError
from localcluster.images import ImageSource

DOCKERFILE = """\
# ARG NOT=this
ARG BASE=debian:bookworm-slim
ARG RAY_IMAGE="localhost/ray:0.9"
FROM ${BASE} AS one
FROM alpine:3
RUN echo a \\
    && echo COPY no /
COPY --chown=1:1 app/ \\
     settings.toml /app/
ADD ["list.txt", "/"]
COPY --from=one /etc/passwd /tmp/
"""


def test_what_a_dockerfile_copies() -> None:
    text = DOCKERFILE.replace('ADD ["list.txt", "/"]\n', "ADD list.txt /\n")
    assert images.copied(text) == ["app/", "settings.toml", "list.txt"]


def test_the_list_form_of_copy() -> None:
    assert images.copied('COPY ["a b.txt", "c", "/x/"]\n') == ["a b.txt", "c"]


def test_what_a_dockerfile_builds_on() -> None:
    assert images.references(DOCKERFILE) == {
        "debian:bookworm-slim",
        "localhost/ray:0.9",
        "alpine:3",
    }
    assert images.arguments(DOCKERFILE)["RAY_IMAGE"] == "localhost/ray:0.9"
    assert "NOT" not in images.arguments(DOCKERFILE)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("localhost/a:1", "localhost/a"),
        ("localhost/a", "localhost/a"),
        ("localhost:5000/a", "localhost:5000/a"),
        ("localhost:5000/a:2", "localhost:5000/a"),
    ],
)
def test_without_tag(reference: str, expected: str) -> None:
    assert images.without_tag(reference) == expected


def _source(root: Path, name: str, dockerfile: str) -> ImageSource:
    place = root / "deploy" / "images" / name
    place.mkdir(parents=True)
    (place / "Dockerfile").write_text(dockerfile)
    return ImageSource(f"localhost/{name}:0.1", place / "Dockerfile", root)


def test_parents_are_built_first_whatever_version_is_named(tmp_path: Path) -> None:
    client = _source(tmp_path, "client", "ARG RAY=localhost/ray:0.0.9\nFROM ${RAY}\n")
    ray = _source(tmp_path, "ray", "ARG BASE=debian:bookworm-slim\nFROM ${BASE}\n")
    known = {"client": client, "ray": ray}
    assert images.build_order([client], known) == [ray, client]
    assert images.build_order([client, ray], known) == [ray, client]
    assert images.build_arguments(client, known, "base") == {"RAY": "localhost/ray:0.1"}
    assert images.build_arguments(ray, known, "base") == {"BASE": "base"}


def test_images_that_build_on_each_other_are_refused(tmp_path: Path) -> None:
    one = _source(tmp_path, "one", "FROM localhost/two:1\n")
    two = _source(tmp_path, "two", "FROM localhost/one:1\n")
    with pytest.raises(UsageError, match="builds on itself"):
        images.build_order([one], {"one": one, "two": two})


def test_an_unknown_image_is_an_error_that_lists_the_images(tmp_path: Path) -> None:
    known = {"ray": _source(tmp_path, "ray", "FROM scratch\n")}
    assert images.chosen(["localhost/ray:0.1"], known) == images.chosen([], known)
    with pytest.raises(UsageError) as refused:
        images.chosen(["rya"], known)
    assert "ray" in refused.value.mend


def test_only_what_goes_in_changes_the_hash(tmp_path: Path) -> None:
    source = _source(tmp_path, "ray", "FROM scratch\nCOPY app/ one.txt /\n")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "a.py").write_text("a")
    (tmp_path / "one.txt").write_text("1")

    def content_hash(parents: tuple[str, ...] = (), **arguments: str) -> str:
        return images.content_hash(source, arguments, parents)

    first = content_hash()
    (tmp_path / "other.txt").write_text("not copied")
    (tmp_path / "app" / "__pycache__").mkdir()
    (tmp_path / "app" / "__pycache__" / "a.pyc").write_text("x")
    assert content_hash() == first
    others = {content_hash(("parent",)), content_hash(BASE="x")}
    (tmp_path / "app" / "a.py").chmod(0o755)
    others.add(content_hash())
    (tmp_path / "app" / "a.py").write_text("b")
    others.add(content_hash())
    source.dockerfile.write_text("FROM scratch\nCOPY app/ /\n")
    others.add(content_hash())
    assert len(others) == 5
    assert first not in others
