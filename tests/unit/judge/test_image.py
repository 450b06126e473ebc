"""An image without Ray Client: certain at once, and mended by the overlay's image."""

from seedcore_deploy.judge.verdict import judge
from tests.support import snapshots as s
from tests.support.faults.connections import without_ray_client


def test_head_s_version_is_what_to_install() -> None:
    (finding,) = judge(without_ray_client("no-ray")).findings

    assert '"ray[client]==2.60.0"' in finding.fix.text
    assert "no ray" in finding.because


def test_overlay_with_another_image_is_applied() -> None:
    broken = without_ray_client("no-client-extra")
    broken = s.with_client_container(broken, "api", image="localhost/other:1")

    (finding,) = judge(broken).findings

    assert finding.fix.commands[0].endswith(f"apply -k {s.OVERLAY}")


def test_it_is_told_at_once_since_no_wait_brings_ray_into_an_image() -> None:
    broken = without_ray_client("no-ray")
    broken = s.with_pod(
        broken, s.API, created_at=s.A_MOMENT_AGO, started_at=s.A_MOMENT_AGO, ready_since=""
    )

    assert [finding.rule for finding in judge(broken).findings] == ["SC408"]


def test_pod_that_a_rollout_replaces_is_not_spoken_of() -> None:
    broken = without_ray_client("no-ray")
    template = s.with_container(s.client_template("api"), image="localhost/other:1")
    broken = s.with_workload(
        broken, "seedcore-api", template=template, generation=2, observed_generation=1
    )

    assert "SC408" not in {finding.rule for finding in judge(broken).findings}
