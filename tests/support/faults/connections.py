"""What is broken in the connections: proofs, applications, the dashboard and Serve."""

from __future__ import annotations

from dataclasses import replace

from seedcore_deploy.model.address_answer import AddressAnswer, AnswerEnd
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import EnvEntry, EnvSource, NodeFacts, Snapshot
from tests.support import snapshots as s


def application_dead(*, ready: bool) -> Snapshot:
    """The head was restarted; the API holds a connection to the old one only."""
    broken = s.with_process(
        s.healthy(), s.API, lambda facts: replace(facts, connections=Seen(("10.244.0.99:10001",)))
    )
    why = "" if ready else "container api: its readiness probe has not passed"
    broken = s.with_pod(broken, s.API, ready=ready, why_not_ready=why)
    return broken if ready else s.with_workload(broken, "seedcore-api", available=0)


def application_dead_with_a_live_channel() -> Snapshot:
    """The Ray client is dead since the head was replaced; its gRPC channel connected again."""
    changed, lost = "2026-03-01T11:50:00Z", "2026-03-01T11:49:50Z"
    broken = s.with_pod(s.healthy(), s.HEAD, created_at=changed, started_at=changed)
    broken = s.with_pod(broken, s.SERVE, ready_since="2026-03-01T11:50:20Z")
    why = "container api: its readiness probe has not passed"
    broken = s.with_pod(broken, s.API, ready=False, ready_since=lost, why_not_ready=why)
    return s.with_workload(broken, "seedcore-api", available=0)


def proof_failed() -> Snapshot:
    return s.with_pod(s.healthy(), s.API, probe=s.failed("refused"))


def frozen_head() -> Snapshot:
    """GCS hangs: no probe ends, neither the head's own nor the clients'."""
    broken = s.with_pod(s.healthy(), s.HEAD, probe=s.failed("deadline", "auto"))
    for name in (s.API, s.SERVE):
        broken = s.with_pod(broken, name, probe=s.failed("deadline"))
    return broken


def worker_outside() -> Snapshot:
    dead = (
        NodeFacts(s.NODE, s.HEAD_IP, alive=True, head=True),
        NodeFacts("bb" * 28, s.WORKER_IP, alive=False, head=False),
    )
    return s.with_probe(s.healthy(), s.HEAD, nodes=dead)


def version_skew() -> Snapshot:
    return s.with_probe(
        s.healthy(),
        s.API,
        ray_version="2.59.0",
        ok=False,
        stage="connect",
        reason="version-mismatch",
    )


def without_ray_client(reason: str) -> Snapshot:
    """The API's image lacks what a connection needs, and the API never came up."""
    why = "container api: CrashLoopBackOff"
    broken = s.with_pod(s.healthy(), s.API, ready=False, why_not_ready=why, probe=s.failed(reason))
    broken = s.with_process(broken, s.API, lambda facts: replace(facts, connections=Seen(())))
    return s.with_workload(broken, "seedcore-api", available=0)


def token_wanted() -> Snapshot:
    """KubeRay's authOptions were switched on: the head has mode and token, the API has not."""
    mode = s.literal("RAY_AUTH_MODE", "token")
    token = EnvEntry("RAY_AUTH_TOKEN", EnvSource.SECRET_KEY, None, "seedcore", "auth_token")
    template = s.pod_of(s.healthy(), s.HEAD).template
    own = (*template.containers[0].env, mode, token)
    broken = s.with_pod(s.healthy(), s.HEAD, template=s.with_container(template, env=own))
    broken = s.with_environment(broken, s.HEAD, RAY_AUTH_MODE="token", RAY_AUTH_TOKEN="t")
    broken = s.with_pod(broken, s.API, probe=s.failed("auth"))
    return s.with_process(broken, s.API, lambda facts: replace(facts, connections=Seen(())))


def without_tls() -> Snapshot:
    """The head speaks TLS, and the API was not told."""
    return s.with_pod(s.healthy(), s.API, probe=s.failed("tls"))


def race() -> Snapshot:
    """A head without the remedy, where a probe needed its second attempt."""
    met = s.with_probe(s.healthy(), s.API, attempts=2, seconds=41.0)
    met = s.with_environment(met, s.HEAD, GRPC_ENABLE_FORK_SUPPORT=None)
    met = s.with_group_template(met, Role.HEAD, env=())
    template = s.pod_of(met, s.HEAD).template
    own = tuple(each for each in template.containers[0].env if each.name != s.FORK_SUPPORT)
    met = s.with_pod(met, s.HEAD, template=s.with_container(template, env=own))
    return s.without_manifests(met)


def no_dashboard() -> Snapshot:
    """The head's dashboard died: clients are refused, and the head itself is as well."""
    refused = AddressAnswer("http://x:8265/api/version", AnswerEnd.REFUSED, "it is refused")
    return s.with_dashboard(s.healthy(), refused, s.HEAD, s.API, s.SERVE)


def dashboard_of_another_cluster() -> Snapshot:
    """A pod's hostAliases lead the name elsewhere; Ray Client's connection was made before."""
    return s.with_dashboard(s.healthy(), replace(s.DASHBOARD, session="session_other"), s.API)


def dashboard_over_tls() -> Snapshot:
    """Port and host are right; the dashboard speaks no TLS."""
    address = "https://seedcore-head-svc:8265"
    broken = s.with_key(
        s.without_manifests(s.healthy()), "seedcore-client-env", RAY_DASHBOARD_ADDRESS=address
    )
    for name in (s.API, s.SERVE):
        broken = s.with_environment(broken, name, RAY_DASHBOARD_ADDRESS=address)
    told = AddressAnswer(f"{address}/api/version", AnswerEnd.NOT_HTTP, "it does not speak TLS")
    return s.with_dashboard(broken, told, s.API, s.SERVE)


def silent_serve(*, serves: bool) -> Snapshot:
    """Nothing listens on the port; Serve runs, or nothing is served at all."""
    reported = "application seedcore RUNNING; proxy UNHEALTHY" if serves else ""
    told = AddressAnswer(
        "http://seedcore-head-svc:8000/-/healthz", AnswerEnd.REFUSED, "the connection is refused",
        serves=serves, reported=reported,
    )  # fmt: skip
    return s.with_serve(s.healthy(), told, s.API, s.SERVE)
