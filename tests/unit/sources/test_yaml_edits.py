from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedcore_deploy.errors import UsageError
from seedcore_deploy.sources.yaml_documents import documents
from seedcore_deploy.sources.yaml_edits import Edit, edited

LABEL = ("metadata", "labels", "seedcore.dev/overlay")


def test_label_is_added_and_nothing_else_is_touched() -> None:
    text = "kind: A\nmetadata:\n  labels:\n    app: x # why\n  name: 'é'\nspec: {a: 1e3, b: 012}\n"

    assert edited(text, [Edit(0, LABEL, "dev")], "text") == (
        'kind: A\nmetadata:\n  labels:\n    "seedcore.dev/overlay": "dev"\n    app: x # why\n'
        "  name: 'é'\nspec: {a: 1e3, b: 012}\n"
    )


@pytest.mark.parametrize(
    "metadata",
    [
        "metadata:\n  name: a\n",
        "metadata: {name: a}\n",
        "metadata:\n  name: a\n  labels:\n",
        "metadata:\n  name: a\n  labels: {}\n",
        "metadata:\n  name: a\n  labels: null\n",
        "metadata:\n  labels: {app: x}\n  name: a\n",
        "metadata:\n  labels:\n    seedcore.dev/overlay: former\n  name: a\n",
        'metadata: {"labels": {"app": "x"}, "name": "a"}\n',
    ],
)
def test_label_is_set_however_the_metadata_is_written(metadata: str) -> None:
    text = f"kind: A\n{metadata}spec: {{}}\n"

    (found,) = documents(edited(text, [Edit(0, LABEL, "dev")], "text"), "text")

    assert found["metadata"]["labels"]["seedcore.dev/overlay"] == "dev"
    assert found["metadata"]["name"] == "a"


def test_items_of_lists_are_edited_in_their_place() -> None:
    groups = "  groups:\n  - name: a\n    replicas: 1\n  - name: b\n    # none\n"
    text = f"---\n---\nspec:\n{groups}---\nb: 1\n"
    edits = [
        Edit(0, ("spec", "groups", 0, "replicas"), 3),
        Edit(0, ("spec", "groups", 1, "replicas"), 4),
        Edit(0, ("spec", "groups", 1, "scale"), {"gone": ["x"]}),
        Edit(1, ("c",), "d"),
    ]

    assert documents(edited(text, edits, "text"), "text") == (
        {
            "spec": {
                "groups": [
                    {"name": "a", "replicas": 3},
                    {"name": "b", "replicas": 4, "scale": {"gone": ["x"]}},
                ]
            }
        },
        {"b": 1, "c": "d"},
    )


def test_label_that_would_change_an_alias_elsewhere_is_refused() -> None:
    text = "metadata:\n  name: a\n  labels: &l\n    app: x\nspec:\n  selector: *l\n"

    with pytest.raises(UsageError, match="aliases"):
        edited(text, [Edit(0, LABEL, "dev")], "the render")


def test_text_without_edits_stays_as_it_is() -> None:
    assert edited("a: [", [], "text") == "a: ["


names = st.text("aé:#-{'\" ", min_size=1, max_size=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(names, values, max_size=4), st.booleans())
def test_only_what_was_to_be_set_is_another(metadata: dict[str, object], flow: bool) -> None:
    import yaml

    metadata.pop("labels", None)
    text = yaml.safe_dump(
        {"metadata": metadata, "spec": 1}, default_flow_style=flow, allow_unicode=True
    )

    (found,) = documents(edited(text, [Edit(0, LABEL, "dev")], "text"), "text")

    assert found == {
        "metadata": {**metadata, "labels": {"seedcore.dev/overlay": "dev"}},
        "spec": 1,
    }
