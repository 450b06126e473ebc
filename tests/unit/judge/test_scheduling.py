from __future__ import annotations

from collections.abc import Mapping

import pytest

from seedcore_deploy.judge.scheduling import scheduling_differences
from seedcore_deploy.model.snapshot import PodTemplate


def template(scheduling: Mapping[str, str]) -> PodTemplate:
    return PodTemplate((), scheduling=scheduling)


@pytest.mark.parametrize("name", ["nodeSelector", "affinity"])
def test_a_choice_of_nodes_that_was_changed_or_dropped_differs(name: str) -> None:
    old = template({name: '{"disk":"none"}'})

    assert scheduling_differences(template({}), old) == (name,)
    assert scheduling_differences(template({name: '{"disk":"ssd"}'}), old) == (name,)
    assert scheduling_differences(old, old) == ()


def test_tolerations_that_admission_adds_are_no_difference() -> None:
    own, added = '{"key":"gpu"}', '{"key":"node.kubernetes.io/not-ready"}'
    wanted = template({"tolerations": f"[{own}]"})

    assert scheduling_differences(wanted, template({"tolerations": f"[{added},{own}]"})) == ()
    assert scheduling_differences(wanted, template({"tolerations": f"[{added}]"})) == (
        "tolerations",
    )
