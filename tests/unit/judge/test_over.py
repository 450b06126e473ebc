"""What makes no more pods carries no settings, whatever its template says."""

from typing import Any

import pytest

from seedcore_deploy.observe import objects


def job(*conditions: tuple[str, str], **spec: Any) -> dict[str, Any]:
    return {
        "kind": "Job",
        "metadata": {"name": "batch"},
        "spec": spec,
        "status": {"conditions": [{"type": kind, "status": state} for kind, state in conditions]},
    }


@pytest.mark.parametrize("kind", ["Complete", "Failed"])
def test_job_that_has_finished_is_over(kind: str) -> None:
    assert objects.is_over(job((kind, "True")))


def test_suspended_job_makes_no_pods() -> None:
    assert objects.is_over(job(suspend=True))


@pytest.mark.parametrize(
    "given",
    [job(), job(("Complete", "False")), job(("FailureTarget", "True")), job(suspend=False),
     {**job(suspend=True), "kind": "CronJob"},
     {**job(("Failed", "True")), "kind": "StatefulSet"}],
)  # fmt: skip
def test_what_still_makes_pods_is_not_over(given: dict[str, Any]) -> None:
    assert not objects.is_over(given)
