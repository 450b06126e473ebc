"""References that lead to nothing, and what makes their mend take effect."""

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.look import NotSeen
from seedcore_deploy.model.snapshot import EnvFromEntry
from tests.support import snapshots as s


def test_head_that_never_started_for_its_reference_is_replaced_after_the_overlay() -> None:
    """KubeRay leaves such a pod as it is when its template is mended."""
    sources = (EnvFromEntry("seedcore-envs"),)
    snapshot = s.with_group_template(s.healthy(), Role.HEAD, env_from=sources)
    template = s.with_container(s.pod_of(snapshot, s.HEAD).template, env_from=sources)
    why = 'container ray-head: CreateContainerConfigError: configmap "seedcore-envs" not found'
    snapshot = s.with_pod(
        snapshot,
        s.HEAD,
        template=template,
        ready=False,
        started_at="",
        why_not_ready=why,
        process=NotSeen("the container is not running"),
        probe=None,
    )

    (finding,) = judge(snapshot).findings

    assert finding.rule == "SC202"
    applied, deleted, *_ = finding.fix.commands
    assert " apply -k " in applied
    assert f"delete pod {s.HEAD}" in deleted
