"""The readers against texts of any kind: no crash, no hang, and edits that fit the text."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from seedcore_deploy.errors import UsageError
from seedcore_deploy.model.setting import Setting
from seedcore_deploy.model.source import Edit
from seedcore_deploy.sources.leftovers.compose import read_compose
from seedcore_deploy.sources.leftovers.dockerfile import read_dockerfile
from seedcore_deploy.sources.leftovers.env_file import read_env_file
from seedcore_deploy.sources.leftovers.helm import read_template, read_values
from seedcore_deploy.sources.leftovers.manifest import read_manifests
from seedcore_deploy.sources.leftovers.python_code import read_python
from seedcore_deploy.sources.leftovers.shell import read_shell
from seedcore_deploy.sources.manifest_objects import patches_in
from seedcore_deploy.sources.source_text import SourceText, decoded

Reader = Callable[[SourceText], object]

READERS: dict[str, Callable[[SourceText], tuple[Setting, ...]]] = {
    "env file": read_env_file,
    "dockerfile": read_dockerfile,
    "shell": read_shell,
    "helm template": read_template,
    "helm values": read_values,
    "manifest": read_manifests,
    "compose": lambda source: read_compose(source).settings,
    "python": lambda source: read_python(source).settings,
}
YAML_READERS = ("helm values", "manifest", "compose")
PIECES = st.sampled_from(
    [
        "RAY_ADDRESS", "RAY_ADDRESS=", "ray://h:10001", "'", '"', "`", "\\", "\\\n", "\n", "\r\n",
        "\r", " ", "  ", "\t", "#", ":", ": ", "- ", "? ", "{", "}", "[", "]", ",", "&a ", "*a",
        "!x ", "|\n", ">-\n", "---\n", "...\n", "<<: ", "<<EOF\n", "EOF\n", "$(", "${", "ENV ",
        "ARG ", "export ", "services:", "environment:", "env:", "envFrom:", "configMapRef:",
        "name: ", "value: ", "kind: Pod\n", "data:", "containers:", "import ray\n", "ray.init(",
        "ray.init()", "os.environ[", "import os\n", "=", "(", ")", "é", "😀", "\ufeff", "\0", "%",
        "\x85", "\u2028", "-e ", "if x:\n    ",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=200))
patient = settings(
    max_examples=300, deadline=5000, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def edits_of(found: tuple[Setting, ...]) -> list[Edit]:
    return [edit for setting in found for edit in setting.edits]


@pytest.mark.parametrize("name", READERS)
def test_reader_takes_any_text_and_its_edits_lie_within(name: str) -> None:
    @patient
    @given(TEXTS)
    @example("RAY_ADDRESS=")
    @example("a: *a")
    @example("&a [*a]")
    @example("ENV RAY_ADDRESS=x \\")
    @example("RAY_ADDRESS='")
    @example("import os\ros.environ['RAY_ADDRESS'] = 'x'")
    def check(text: str) -> None:
        source = SourceText("f", text)
        try:
            found = READERS[name](source)
        except UsageError:
            return
        for setting in found:
            assert 1 <= setting.at.line <= text.count("\n") + 1
            assert setting.at.column >= 1
        for edit in edits_of(found):
            assert 0 <= edit.start <= edit.end <= len(text)

    check()


@patient
@given(TEXTS)
def test_patches_of_any_text_are_read_or_refused(text: str) -> None:
    try:
        patches_in(SourceText("f", text), "Deployment", "api")
    except UsageError:
        return


@patient
@given(st.binary(max_size=200))
def test_bytes_of_any_kind_come_back_as_they_were(content: bytes) -> None:
    assert decoded(content, "f").to_bytes() == content


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 50_000,
        "- " * 100_000,
        "? " * 100_000,
        "".join(" " * depth + "a:\n" for depth in range(1500)),
        'a0: &a0 ["x", "x"]\n'
        + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)),
        "a: &a [*a]\n",
        "&a " * 10_000,
        '"' + "x" * 1_000_000,
        "a: " + "b" * 1_000_000,
        "#" * 1_000_000,
    ],
    ids=["brackets", "braces", "dashes", "question marks", "indents", "alias bomb", "itself",
         "anchors", "open quote", "long value", "long comment"],
)  # fmt: skip
@pytest.mark.parametrize("name", YAML_READERS)
def test_hostile_yaml_is_read_or_refused_at_once(name: str, text: str) -> None:
    began = time.process_time()

    with contextlib.suppress(UsageError):
        READERS[name](SourceText("f", text))

    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("shell", "RAY_ADDRESS='" * 20_000),
        ("shell", "export RAY_ADDRESS=\\\n" * 20_000),
        ("shell", "<<EOF " * 20_000),
        ("dockerfile", "ENV RAY_ADDRESS=a \\\n" * 5_000),
        ("env file", "RAY_ADDRESS='\n" * 20_000),
        ("env file", "A=\"\n" * 20_000),
        ("helm template", "name: RAY_ADDRESS\n" * 20_000),
        ("python", "(" * 100_000),
        ("python", "x = " + "-" * 100_000 + "1"),
        ("python", "import ray\n" + "ray." * 5_000 + "init()"),
    ],
)  # fmt: skip
def test_long_rows_of_the_same_are_read_in_a_moment(name: str, text: str) -> None:
    began = time.process_time()

    with contextlib.suppress(UsageError):
        READERS[name](SourceText("f", text))

    assert time.process_time() - began < 3
