from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from seedcore_deploy.act.apply import plan_apply
from seedcore_deploy.errors import UsageError
from seedcore_deploy.sources.rendered import RenderedOverlay, rendered_overlay


def rendered(name: str, objects: Iterable[str]) -> RenderedOverlay:
    text = "---\n".join(
        f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {each}\n" for each in objects
    )
    return rendered_overlay(Path(name), name, text, restricted=False)


BASE = rendered("base", ["seedcore-env", "other"])


def test_an_overlay_that_contains_the_base_is_applied_in_one_step() -> None:
    overlay = rendered("dev", ["seedcore-env", "other", "seedcore-client-env"])

    plan = plan_apply(overlay, BASE, builds_on_base=True, two_step=False)

    assert plan.steps == (overlay,)
    assert plan.why == "one step: it contains every object of base"


def test_an_overlay_without_the_base_is_applied_after_it() -> None:
    overlay = rendered("dev", ["seedcore-client-env"])

    plan = plan_apply(overlay, BASE, builds_on_base=False, two_step=False)

    assert plan.steps == (BASE, overlay)
    assert "dev does not contain configmap/other, configmap/seedcore-env of base" in plan.why


def test_an_overlay_that_renames_the_base_does_not_bring_a_second_one() -> None:
    overlay = rendered("dev", ["seedcore-env-dev", "other-dev"])

    plan = plan_apply(overlay, BASE, builds_on_base=True, two_step=False)

    assert plan.steps == (overlay,)
    assert plan.why == "one step: it is built on base"


def test_two_steps_are_taken_literally_when_asked_for() -> None:
    overlay = rendered("dev", ["seedcore-env", "other"])

    plan = plan_apply(overlay, BASE, builds_on_base=True, two_step=True)

    assert plan.steps == (BASE, overlay)


def test_two_steps_without_a_base_are_refused() -> None:
    with pytest.raises(UsageError, match="--two-step needs a base"):
        plan_apply(BASE, None, builds_on_base=False, two_step=True)


def test_a_directory_without_a_base_beside_it_is_one_step() -> None:
    assert plan_apply(BASE, None, builds_on_base=False, two_step=False).steps == (BASE,)
