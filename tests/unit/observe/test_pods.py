"""Which pods have a role, and what is known of each."""

from typing import Any

import pytest

from seedcore_deploy.model.contract import Contract, Role, WorkloadContract
from seedcore_deploy.model.disclosure import Discloser
from seedcore_deploy.model.snapshot import PodFacts
from seedcore_deploy.observe.pods import PodParser

READER = {"name": "main", "envFrom": [{"configMapRef": {"name": "seedcore-client-env"}}]}
SIDECAR = {"name": "sidecar"}
RAY = {"name": "ray", "env": [{"name": "KUBERAY_GEN_RAY_START_CMD", "value": "ray start"}]}


def pod(**parts: Any) -> dict[str, Any]:
    metadata = {"name": "p", "uid": "u", **parts.pop("metadata", {})}
    status = {
        "phase": "Running",
        "podIP": "1.1.1.1",
        "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "T2"}],
        "containerStatuses": [
            {"name": "main", "state": {"running": {"startedAt": "T1"}}, "restartCount": 3}
        ],
        **parts.pop("status", {}),
    }
    return {"metadata": metadata, "spec": {"containers": [READER], **parts}, "status": status}


def owned_by(kind: str, name: str, **labels: str) -> dict[str, Any]:
    reference = {"kind": kind, "name": name, "controller": True}
    return {"ownerReferences": [reference], "labels": labels}


def parsed(document: dict[str, Any], workload: str = "", contract: Contract | None = None) -> Any:
    selected = {workload: frozenset({"u"})} if workload else {}
    parser = PodParser(contract or Contract(), selected, Discloser(b"salt"))
    return parser.pods([document])


def only(*arguments: Any) -> PodFacts:
    (found,) = parsed(*arguments)
    assert isinstance(found, PodFacts)
    return found


def test_a_selected_pod_has_the_role_of_its_contract() -> None:
    labels = {
        "ray.io/cluster": "seedcore",
        "ray.io/group": "headgroup",
        "ray.io/node-type": "head",
    }

    facts = only(pod(metadata={"labels": labels}), "head")

    assert (facts.role, facts.workload, facts.group) == (Role.HEAD, "head", "headgroup")
    assert facts.raycluster == "seedcore"


def test_a_client_that_carries_a_label_of_kuberays_is_no_pod_of_the_raycluster() -> None:
    facts = only(pod(metadata=owned_by("Deployment", "api", **{"ray.io/cluster": "seedcore"})))

    assert (facts.role, facts.group, facts.raycluster) == (Role.CLIENT, "api", "")


def test_any_reader_of_the_client_settings_is_a_client() -> None:
    facts = only(pod(metadata=owned_by("Job", "batch")))

    assert (facts.role, facts.workload, facts.owner) == (Role.CLIENT, "batch", "job/batch")


def test_a_pod_that_reads_nothing_has_no_role() -> None:
    assert parsed(pod(containers=[SIDECAR])) == ()


def test_a_ray_pod_that_reads_the_client_settings_is_no_client() -> None:
    assert parsed(pod(metadata={"labels": {"ray.io/node-type": "worker"}})) == ()


def test_a_deployment_is_found_behind_its_replicaset() -> None:
    metadata = owned_by("ReplicaSet", "seedcore-api-5bc", **{"pod-template-hash": "5bc"})

    facts = only(pod(metadata=metadata), "api")

    assert (facts.owner, facts.group) == ("deployment/seedcore-api", "seedcore-api")


def test_a_replicaset_of_its_own_stays_one() -> None:
    assert only(pod(metadata=owned_by("ReplicaSet", "rs"))).owner == "replicaset/rs"


def test_a_container_that_runs_again_tells_when_its_run_before_had_begun() -> None:
    running = {"running": {"startedAt": "T3"}}
    before = {"terminated": {"exitCode": 1, "startedAt": "T2", "finishedAt": "T3"}}
    container = {"name": "main", "state": running, "lastState": before}

    facts = only(pod(status={"containerStatuses": [container]}))

    assert (facts.started_at, facts.tried_at) == ("T3", "T2")


def test_a_ready_pod_has_its_times_and_no_reason() -> None:
    facts = only(pod())

    assert facts.ready
    assert (facts.started_at, facts.ready_since, facts.restarts) == ("T1", "T2", 3)
    assert facts.why_not_ready == ""


def test_a_terminating_pod_is_not_ready() -> None:
    facts = only(pod(metadata={"deletionTimestamp": "T3"}))

    assert facts.terminating
    assert not facts.ready
    assert facts.why_not_ready == "it is being deleted"


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_finished_pod_is_not_ready(phase: str) -> None:
    facts = only(pod(status={"phase": phase}))

    assert facts.finished
    assert not facts.ready


def test_a_pod_has_all_its_addresses() -> None:
    status = {"podIPs": [{"ip": "1.1.1.1"}, {"ip": "fd00::1"}]}

    assert only(pod(status=status)).ips == ("1.1.1.1", "fd00::1")
    assert only(pod()).ips == ()


def test_the_cpu_limit_is_a_number_of_processors() -> None:
    container = {**READER, "resources": {"limits": {"cpu": "250m"}}}

    assert only(pod(containers=[container])).cpu_limit == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("containers", "workload", "judged"),
    [
        ([SIDECAR, READER], WorkloadContract("api", Role.CLIENT, "x"), "main"),
        ([SIDECAR, READER], WorkloadContract("api", Role.CLIENT, "x", "sidecar"), "sidecar"),
        ([SIDECAR, READER], WorkloadContract("api", Role.CLIENT, "x", "gone"), "main"),
        ([SIDECAR, READER], WorkloadContract("head", Role.HEAD, "x", "ray-head"), "sidecar"),
        ([SIDECAR], WorkloadContract("api", Role.CLIENT, "x"), "sidecar"),
        ([SIDECAR, RAY], WorkloadContract("worker", Role.WORKER, "x"), "ray"),
        ([SIDECAR, RAY], WorkloadContract("head", Role.HEAD, "x", "ray-head"), "ray"),
    ],
)
def test_the_container_to_judge(
    containers: list[Any], workload: WorkloadContract, judged: str
) -> None:
    contract = Contract(workloads=(workload,))

    assert only(pod(containers=containers), workload.name, contract).container == judged


def test_last_words_are_kept_without_secrets() -> None:
    ended = {"exitCode": 1, "reason": "Error", "message": "RAY_AUTH_TOKEN=hunter2 u:hunter2@head"}
    failed = {
        "conditions": [],
        "containerStatuses": [{"name": "c", "state": {"terminated": ended}}],
    }

    assert "Error with exit code 1" in only(pod(status=failed)).why_not_ready
    assert "hunter2" not in repr(only(pod(status=failed)))
