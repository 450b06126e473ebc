from __future__ import annotations

from pathlib import Path

import pytest

from seedcore_deploy.errors import UsageError
from seedcore_deploy.sources.yaml_documents import YamlFault, documents, read_documents


def test_empty_documents_are_left_out() -> None:
    assert documents("---\n---\na: 1\n---\n", "text") == ({"a": 1},)


def test_a_date_stays_text_as_kubernetes_reads_it() -> None:
    assert documents("day: 2026-01-02\n", "text") == ({"day": "2026-01-02"},)


def test_a_yaml_error_names_file_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text("a: 1\nb: [1\nc: 2\n")

    with pytest.raises(UsageError, match=r"broken\.yaml, line 3, column \d+: .*expected"):
        read_documents(file)


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*gone"):
        read_documents(tmp_path / "gone.yaml")


def test_bytes_that_are_no_text_are_a_usage_error(tmp_path: Path) -> None:
    file = tmp_path / "binary.yaml"
    file.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(UsageError, match="not UTF-8"):
        read_documents(file)


@pytest.mark.parametrize("text", ["- 1\n", "just text\n", "1: 2\n"])
def test_a_document_without_named_fields_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no object with named fields"):
        documents(text, "text")


def test_nested_aliases_that_mean_billions_are_refused() -> None:
    lines = ['a0: &a0 ["x", "x"]']
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]

    with pytest.raises(UsageError, match="aliases"):
        documents("\n".join(lines), "bomb")


def test_ordinary_anchors_are_read() -> None:
    assert documents("a: &x {b: 1}\nc: *x\n", "text") == ({"a": {"b": 1}, "c": {"b": 1}},)


def test_an_unsafe_tag_is_refused() -> None:
    with pytest.raises(UsageError, match="could not determine a constructor"):
        documents("a: !!python/object/apply:os.getcwd []\n", "text")


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 10_000, "- " * 10_000])
def test_deep_nesting_is_refused_before_it_takes_time(text: str) -> None:
    with pytest.raises(YamlFault, match="nested deeper than 200 levels") as caught:
        documents(text, "deep")

    assert (caught.value.source, caught.value.line) == ("deep", 1)


def test_a_value_that_contains_itself_is_refused() -> None:
    with pytest.raises(YamlFault, match=r"contains itself, by alias \*a") as caught:
        documents("b: 1\na: &a [*a]\n", "text")

    assert (caught.value.line, caught.value.column) == (2, 8)
