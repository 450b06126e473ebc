"""The verdict is never a guess: proven, wrong, not yet, and could not look."""

from dataclasses import replace
from typing import Any

import pytest

from seedcore_deploy.judge.verdict import judge, judge_render
from seedcore_deploy.model.contract import Contract, Role, WorkloadContract
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import EnvEntry, EnvSource, NodeFacts, ServiceFacts, Snapshot
from seedcore_deploy.model.verdict import Mark, Outcome
from tests.support import snapshots as s
from tests.support.snapshots import A_MOMENT_AGO, API, HEAD, SERVE, WORKER, healthy

FORBIDDEN = NotSeen("exec is forbidden", "grant pods/exec")
RECENTLY = "2026-03-01T11:59:10Z"
MINUTES_AGO = "2026-03-01T11:55:00Z"


def outcome(snapshot: Snapshot) -> Outcome:
    return judge(snapshot).outcome


def test_healthy_is_proven() -> None:
    verdict = judge(healthy())

    assert verdict.outcome is Outcome.PROVEN
    assert verdict.gaps == ()
    assert verdict.session == s.SESSION
    assert {line.environment for line in verdict.pods} == {Mark.OK}
    assert {line.proof for line in verdict.pods} == {Mark.OK}


def test_without_the_repository_it_is_proven_and_says_what_was_not_compared() -> None:
    verdict = judge(s.without_manifests(healthy()))

    assert verdict.outcome is Outcome.PROVEN
    assert any("manifests were not compared: no overlay here" in x for x in verdict.fine_print)


@pytest.mark.parametrize("part", ["configmaps", "services", "rayclusters", "workloads", "pods"])
def test_part_that_was_not_seen_prevents_proven(part: str) -> None:
    changes: dict[str, Any] = {part: NotSeen("forbidden", "")}

    verdict = judge(replace(healthy(), **changes))

    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.findings == ()
    assert any("forbidden" in gap.why for gap in verdict.gaps)
    assert all(gap.mend for gap in verdict.gaps)


@pytest.mark.parametrize("name", [HEAD, WORKER, API, SERVE])
def test_pod_that_could_not_be_looked_into_prevents_proven(name: str) -> None:
    verdict = judge(s.with_pod(healthy(), name, process=FORBIDDEN))

    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert any("exec" in gap.why for gap in verdict.gaps)


@pytest.mark.parametrize("name", [HEAD, API, SERVE])
@pytest.mark.parametrize("probe", [FORBIDDEN, None])
def test_proof_that_was_not_made_prevents_proven(name: str, probe: NotSeen | None) -> None:
    verdict = judge(s.with_pod(healthy(), name, probe=probe))

    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.findings == ()


def test_connections_that_were_not_seen_prevent_proven() -> None:
    snapshot = s.with_process(
        healthy(), API, lambda facts: replace(facts, connections=NotSeen("no /proc/net/tcp"))
    )

    verdict = judge(snapshot)

    assert verdict.outcome is Outcome.INCONCLUSIVE
    (gap,) = verdict.gaps
    assert "own connection is not proven" in gap.why


def test_everything_forbidden_is_no_finding() -> None:
    snapshot = healthy()
    for name in (HEAD, WORKER, API, SERVE):
        snapshot = s.with_pod(snapshot, name, process=FORBIDDEN, probe=FORBIDDEN)

    verdict = judge(snapshot)

    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.findings == ()


def test_replica_whose_process_was_not_read_prevents_proven() -> None:
    """Nobody probes a second replica, and its entrypoint may have changed anything."""
    wiped = NotSeen("/proc/1/environ has been overwritten by the process (its title)")
    unread = s.with_process(healthy(), API, lambda facts: replace(facts, process=wiped))
    second = replace(s.pod_of(unread, API), name="second", uid="second-uid", probe=None)

    verdict = judge(s.with_added_pod(healthy(), second))

    assert verdict.outcome is Outcome.INCONCLUSIVE
    (line,) = [each for each in verdict.pods if each.pod == "second"]
    assert line.environment is Mark.UNKNOWN
    assert "overwritten" in line.note
    assert [str(gap.subject) for gap in verdict.gaps] == ["pod/second"]


def test_findings_win_and_gaps_are_kept() -> None:
    snapshot = s.with_pod(healthy(), SERVE, probe=FORBIDDEN)
    snapshot = s.with_key(snapshot, "seedcore-env", RAY_ADDRESS="auto")

    verdict = judge(snapshot)

    assert verdict.outcome is Outcome.FINDINGS
    assert verdict.gaps


def test_unreadable_process_environment_is_fine_print() -> None:
    snapshot = s.with_process(
        healthy(), WORKER, lambda facts: replace(facts, process=NotSeen("another uid"))
    )

    verdict = judge(snapshot)

    assert verdict.outcome is Outcome.PROVEN
    assert any(WORKER in line for line in verdict.fine_print)


@pytest.mark.parametrize(
    "changes",
    [
        {"generation": 2, "observed_generation": 1},
        {"generation": 2, "observed_generation": 2, "updated": 0},
        {"current": 2},
    ],
)
def test_rollout_in_progress_is_settling(changes: dict[str, int]) -> None:
    snapshot = s.with_workload(healthy(), "seedcore-api", **changes)
    snapshot = s.with_environment(snapshot, API, RAY_HOST="older")

    verdict = judge(snapshot)

    assert verdict.outcome is Outcome.SETTLING
    assert verdict.findings == ()


@pytest.mark.parametrize("name", [HEAD, WORKER, API])
def test_young_pod_that_is_not_ready_is_settling(name: str) -> None:
    snapshot = s.with_pod(
        healthy(),
        name,
        ready=False,
        created_at=RECENTLY,
        started_at=A_MOMENT_AGO,
        ready_since="",
        process=NotSeen("it does not run"),
        probe=NotSeen("it does not run") if name != WORKER else None,
    )

    assert outcome(snapshot) is Outcome.SETTLING


def test_readiness_lost_a_moment_ago_is_settling() -> None:
    snapshot = s.with_pod(healthy(), API, ready=False, ready_since=RECENTLY)

    assert outcome(snapshot) is Outcome.SETTLING


def test_readiness_lost_long_ago_is_a_finding() -> None:
    snapshot = s.with_pod(healthy(), API, ready=False, ready_since=MINUTES_AGO)

    assert outcome(snapshot) is Outcome.FINDINGS


def test_old_pod_that_is_terminating_counts_for_nothing() -> None:
    old = replace(s.pod_of(healthy(), API), name="old", uid="old", terminating=True, ready=False)

    verdict = judge(s.with_added_pod(healthy(), old))

    assert verdict.outcome is Outcome.PROVEN
    assert verdict.pods[-1].note == "ending"


def test_terminating_worker_that_is_being_replaced_is_settling() -> None:
    assert outcome(s.with_pod(healthy(), WORKER, terminating=True, ready=False)) is (
        Outcome.SETTLING
    )


def test_terminating_head_that_is_being_replaced_is_settling() -> None:
    snapshot = s.with_pod(healthy(), HEAD, terminating=True, ready=False)

    verdict = judge(snapshot)

    assert verdict.outcome is Outcome.SETTLING
    assert verdict.findings == ()


def just_restarted_head() -> Snapshot:
    """The new head is ready; nobody else has found it yet."""
    snapshot = s.with_pod(healthy(), HEAD, created_at=RECENTLY, started_at=RECENTLY)
    snapshot = s.with_probe(
        snapshot,
        HEAD,
        session="session_new",
        nodes=(NodeFacts(s.NODE, s.HEAD_IP, alive=True, head=True),),
    )
    for name in (API, SERVE):
        snapshot = s.with_pod(snapshot, name, ready=False, ready_since=MINUTES_AGO)
        snapshot = s.with_process(
            snapshot, name, lambda facts: replace(facts, connections=Seen(("10.244.0.9:10001",)))
        )
    dashboard = replace(s.DASHBOARD, session="session_new")
    snapshot = s.with_probe(snapshot, SERVE, session="session_new", dashboard=dashboard)
    return s.with_pod(snapshot, API, probe=s.failed("client-server"))


def test_head_that_started_a_moment_ago_gives_everybody_time() -> None:
    verdict = judge(just_restarted_head())

    assert verdict.findings == ()
    assert verdict.outcome is Outcome.SETTLING


def test_head_that_started_minutes_ago_gives_nobody_time() -> None:
    snapshot = s.with_pod(
        just_restarted_head(), HEAD, created_at=MINUTES_AGO, started_at=MINUTES_AGO
    )

    verdict = judge(snapshot)

    assert {finding.rule for finding in verdict.findings} == {"SC401", "SC403", "SC404"}


def test_client_that_started_a_moment_ago_may_lack_its_connection() -> None:
    snapshot = s.with_pod(healthy(), API, started_at=RECENTLY, created_at=RECENTLY)
    snapshot = s.with_process(snapshot, API, lambda facts: replace(facts, connections=Seen(())))

    verdict = judge(snapshot)

    assert verdict.outcome is Outcome.SETTLING
    assert verdict.findings == ()


CHANGED, AFTER = "2026-03-01T11:50:00Z", "2026-03-01T11:50:30Z"


def test_process_older_than_its_head_must_show_that_it_noticed() -> None:
    """A dead Ray client keeps a TCP connection: alone it proves nothing after a change of head."""
    snapshot = s.with_pod(healthy(), HEAD, created_at=CHANGED, started_at=CHANGED)
    snapshot = s.with_pod(snapshot, SERVE, ready_since=AFTER)

    verdict = judge(snapshot)

    assert verdict.outcome is Outcome.INCONCLUSIVE
    (gap,) = verdict.gaps
    assert str(gap.subject) == f"pod/{API}"
    assert "older than the head" in gap.why


def test_readiness_that_came_back_after_the_head_shows_the_connection() -> None:
    snapshot = s.with_pod(healthy(), HEAD, created_at=CHANGED, started_at=CHANGED)
    for name in (API, SERVE):
        snapshot = s.with_pod(snapshot, name, ready_since=AFTER)

    assert outcome(snapshot) is Outcome.PROVEN


def test_pod_that_is_unready_for_another_reason_is_not_said_to_have_lost_the_head() -> None:
    snapshot = s.with_pod(healthy(), HEAD, created_at=CHANGED, started_at=CHANGED)
    snapshot = s.with_pod(snapshot, SERVE, ready_since=AFTER)
    snapshot = s.with_pod(snapshot, API, ready=False, ready_since=MINUTES_AGO)

    assert [finding.rule for finding in judge(snapshot).findings] == ["SC302"]


def test_required_workload_without_a_template_or_pod_is_found() -> None:
    snapshot = s.without_pods(healthy(), API)
    assert isinstance(snapshot.workloads, Seen)
    left = tuple(each for each in snapshot.workloads.value if each.name != "seedcore-api")

    (finding,) = judge(replace(snapshot, workloads=Seen(left))).findings

    assert finding.rule == "SC301"
    assert str(finding.subject) == "deployment/seedcore-api"


def healthy_variants() -> dict[str, Snapshot]:
    """Deployments that differ from the usual one and are right."""
    ok = healthy()
    twin = replace(s.pod_of(ok, API), name="api-2", uid="api-2", ip="10.244.0.50", probe=None)
    two = {"replicas": 2, "updated": 2, "available": 2, "current": 2}
    cluster = s.raycluster()
    named = "seedcore-head-svc.seedcore-dev.svc.example.org"
    job = replace(
        s.pod_of(ok, API), name="job", uid="job", workload="batch", group="batch", finished=True,
        ready=False, phase="Succeeded", process=NotSeen("done"), probe=None,
    )  # fmt: skip
    restarted = (
        NodeFacts(s.NODE, s.HEAD_IP, alive=True, head=True),
        NodeFacts("bb" * 28, s.WORKER_IP, alive=False, head=False),
        NodeFacts("cc" * 28, s.WORKER_IP, alive=True, head=False),
    )
    extra = s.literal("RAY_LOG_TO_STDERR", "1")
    from_field = EnvEntry("RAY_POD", EnvSource.FIELD, s.value(API), ref_key="metadata.name")
    no_workers = replace(
        cluster, groups=(cluster.groups[0], replace(cluster.groups[1], replicas=0))
    )
    domain = s.with_key(
        s.without_manifests(ok), "seedcore-client-env", RAY_ADDRESS=f"ray://{named}:10001"
    )
    for name in (API, SERVE):
        domain = s.with_environment(domain, name, RAY_ADDRESS=f"ray://{named}:10001")
    clustered = s.with_service(ok, "seedcore-head-svc", cluster_ips=("10.96.7.7",))
    mapped = s.with_process(
        ok, API, lambda facts: replace(facts, connections=Seen((f"[::ffff:{s.HEAD_IP}]:10001",)))
    )
    unshown = s.with_process(
        clustered, API, lambda facts: replace(facts, connections=Seen(("10.96.7.7:10001",)))
    )
    image_only = s.with_environment(ok, API, RAY_FROM_IMAGE="x")
    other_names = replace(
        ok,
        contract=replace(
            Contract(),
            workloads=(
                *Contract().workloads[:2],
                WorkloadContract("api", Role.CLIENT, "app in (seedcore-api, x)", "api"),
                WorkloadContract("serve", Role.CLIENT, "app=seedcore-serve,app!=x"),
            ),
        ),
    )
    return {
        "two replicas, one of them asked": s.with_added_pod(
            s.with_workload(ok, "seedcore-api", **two), twin
        ),
        "a finished Job": s.with_added_pod(ok, job),
        "a restarted worker": s.with_probe(ok, HEAD, nodes=restarted),
        "workers at zero": s.without_pods(replace(ok, rayclusters=Seen((no_workers,))), WORKER),
        "another cluster domain": domain,
        "a head service with a cluster IP": unshown,
        "an IPv4 address in an IPv6 socket": mapped,
        "a variable from the image": image_only,
        "extra harmless variables": s.without_manifests(
            s.with_environment(
                s.with_client_container(ok, "api", env=(extra, from_field)),
                API,
                RAY_LOG_TO_STDERR="1",
                RAY_POD=API,
            )
        ),
        "names from a contract": other_names,
        "another Service": replace(
            ok, services=Seen((s.head_service(), ServiceFacts("unrelated", (1,))))
        ),
        "a probe that needed two attempts on a head with the remedy": s.with_probe(
            ok, API, attempts=2
        ),
    }


@pytest.mark.parametrize("name", list(healthy_variants()))
def test_healthy_variant_has_no_finding_and_is_proven(name: str) -> None:
    verdict = judge(healthy_variants()[name])

    assert verdict.findings == ()
    assert verdict.gaps == ()
    assert verdict.outcome is Outcome.PROVEN


@pytest.mark.parametrize("name", ["client settings not read", "reference to nothing"])
def test_other_ray_namespace_of_the_shared_settings_follows_from_what_is_not_read(
    name: str,
) -> None:
    from tests.support.faults.catalogue import FAULTS

    fault = next(each for each in FAULTS if each.name == name)
    snapshot = s.with_key(s.without_manifests(fault.make()), "seedcore-env", RAY_NAMESPACE="shared")
    for pod in (HEAD, WORKER):
        snapshot = s.with_environment(snapshot, pod, RAY_NAMESPACE="shared")

    assert [finding.rule for finding in judge(snapshot).findings] == [fault.rule]


def test_render_of_the_overlay_is_clean() -> None:
    assert judge_render(s.manifests(), Contract()) == ()


def test_render_whose_clients_use_an_alias_service_of_the_head_is_clean() -> None:
    client = {name: text.replace("seedcore-head-svc", "ray") for name, text in s.CLIENT.items()}
    selector = {"ray.io/cluster": "seedcore", "ray.io/node-type": "head"}
    rendered = replace(
        s.manifests(),
        configmaps=(s.manifests().configmaps[0], s.configmap("seedcore-client-env", client)),
        services=(ServiceFacts("ray", (8000, 8265, 10001), selector),),
    )

    assert judge_render(rendered, Contract()) == ()


def test_mistake_of_the_render_is_found_without_a_cluster() -> None:
    wrong = s.configmap(
        "seedcore-client-env", {**s.CLIENT, "RAY_ADDRESS": "ray://old-head-svc:10001"}
    )
    rendered = replace(s.manifests(), configmaps=(s.manifests().configmaps[0], wrong))

    (finding,) = judge_render(rendered, Contract())

    assert finding.rule == "SC203"
    assert finding.fix.commands == ()
    assert "overlay" in finding.fix.text


def test_configmap_that_the_render_lacks_is_found() -> None:
    rendered = replace(s.manifests(), configmaps=s.manifests().configmaps[:1])

    (finding,) = judge_render(rendered, Contract())

    assert (finding.rule, str(finding.subject)) == ("SC201", "configmap/seedcore-client-env")


def test_mistake_of_the_overlay_that_is_not_live_is_still_found() -> None:
    wrong = s.configmap("seedcore-client-env", {**s.CLIENT, "RAY_ADDRESS": "auto"})
    rendered = replace(s.manifests(), configmaps=(s.manifests().configmaps[0], wrong))

    (finding,) = judge(replace(healthy(), manifests=Seen(rendered))).findings

    assert finding.rule == "SC104"
    assert "overlay" in finding.fix.text


@pytest.mark.parametrize(
    ("issue", "make", "rule"),
    [
        ("RAY_ADDRESS not set in client pods", "client settings not read", "SC104"),
        ("Head pod has wrong RAY_ADDRESS", "RAY_ADDRESS of the head", "SC105"),
        ("Configmap not found", "client ConfigMap deleted", "SC201"),
    ],
)
def test_troubleshooting_of_the_document_maps_to_rules(issue: str, make: str, rule: str) -> None:
    from tests.support.faults.catalogue import FAULTS

    fault = next(each for each in FAULTS if each.name == make)

    assert [finding.rule for finding in judge(fault.make()).findings] == [rule], issue
