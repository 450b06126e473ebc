"""When pods that moved during the look are looked at again."""

from dataclasses import replace

import pytest

from seedcore_deploy.commands.verify import of_two_moments
from seedcore_deploy.model.look import NotSeen
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.verdict import Outcome
from tests.support import snapshots as s

BEFORE = s.healthy()
JOB_ENDED = s.with_pod(BEFORE, s.API, finished=True, started_at="", ready=False)


@pytest.mark.parametrize("outcome", [Outcome.FINDINGS, Outcome.INCONCLUSIVE])
def test_a_pod_that_ended_between_list_and_exec_is_worth_another_look(outcome: Outcome) -> None:
    assert of_two_moments(outcome, BEFORE, lambda: JOB_ENDED) is JOB_ENDED


@pytest.mark.parametrize("outcome", list(Outcome))
def test_pods_that_stayed_are_not_looked_at_again(outcome: Outcome) -> None:
    assert of_two_moments(outcome, BEFORE, s.healthy) is None


@pytest.mark.parametrize("outcome", [Outcome.SETTLING, Outcome.PROVEN])
def test_what_settles_is_told_at_once_without_asking_for_the_pods(outcome: Outcome) -> None:
    def collect() -> Snapshot:
        raise AssertionError("nothing more is to be asked")

    assert of_two_moments(outcome, BEFORE, collect) is None


def test_pods_that_could_not_be_seen_the_second_time_are_not_pods_that_changed() -> None:
    unseen = replace(BEFORE, pods=NotSeen("the API server did not answer"))

    assert of_two_moments(Outcome.INCONCLUSIVE, BEFORE, lambda: unseen) is None
