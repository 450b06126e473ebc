"""When pods that moved during the look are looked at again, and what is written beside it."""

from dataclasses import replace
from pathlib import Path

import pytest

from seedcore_deploy.commands.verify import of_two_moments, run
from seedcore_deploy.model.look import NotSeen
from seedcore_deploy.model.snapshot import Snapshot
from seedcore_deploy.model.verdict import ExitCode, Outcome
from seedcore_deploy.options import ClusterOptions, VerifyOptions
from seedcore_deploy.sources.stored_snapshots import dump
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


def test_metrics_are_written_beside_the_verdict_and_count_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stored, metrics = tmp_path / "seen.json", tmp_path / "seedcore.prom"
    stored.write_text(dump(BEFORE))
    asked = VerifyOptions(ClusterOptions(), from_file=str(stored), metrics_file=str(metrics))

    codes = [run(asked), run(asked)]

    assert codes == [ExitCode.PROVEN, ExitCode.PROVEN]
    assert "PROVEN" in capsys.readouterr().out
    where = 'context="kind-seedcore",namespace="seedcore-dev"'
    passed = f'seedcore_ray_connect_total{{{where},role="client",outcome="success",reason=""}} 4'
    assert passed in metrics.read_text().splitlines()
