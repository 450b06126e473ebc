"""Verdicts for the tests of the reports."""

from dataclasses import replace

from seedcore_deploy.model.contract import Contract, Role
from seedcore_deploy.model.finding import Finding, Fix, Gap, Severity, Subject
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import Snapshot, Target
from seedcore_deploy.model.variable import LayerVerdict, Origin, OriginKind, VariableLine
from seedcore_deploy.model.verdict import Mark, Outcome, PodLine, Verdict

SNAPSHOT = Snapshot(
    target=Target("prod", "seedcore-dev", "https://127.0.0.1:6443", ("kubectl",), "overlays/dev"),
    contract=Contract(),
    taken_at="2026-01-02T03:04:05Z",
    manifests=NotSeen("no overlay", "name one"),
    configmaps=Seen(()),
    services=Seen(()),
    rayclusters=Seen(()),
    workloads=Seen(()),
    pods=Seen(()),
    tool="0.1.0",
)

ADDRESS = VariableLine(
    "RAY_ADDRESS",
    "ray://seedcore-head-svc:10001",
    Origin(OriginKind.CONFIGMAP, "seedcore-client-env", "RAY_ADDRESS"),
    LayerVerdict.AGREED,
    (("cluster", "ray://seedcore-head-svc:10001"), ("process", "ray://seedcore-head-svc:10001")),
)

API = PodLine("api-1", Role.CLIENT, "api", True, Mark.OK, Mark.OK, Mark.OK, variables=(ADDRESS,))
HEAD = PodLine("head-1", Role.HEAD, "head", True, Mark.OK, Mark.OK, Mark.NOT_APPLICABLE)

PROVEN = Verdict(Outcome.PROVEN, (), (), (HEAD, API), "session_1", ("manifests not compared",))

FINDING = Finding(
    "SC203",
    Severity.ERROR,
    Subject("ConfigMap", "seedcore-client-env", "RAY_ADDRESS"),
    "the host is not the head service",
    "ray://seedcore-head-svc:10001",
    "ray://wrong:10001",
    "someone changed the key",
    Fix("apply the overlay", ("kubectl apply -k overlays/dev", "kubectl rollout status x")),
    ("the proof from api-1 failed",),
)
GAP = Gap(Subject("Pod", "api-1"), "exec is forbidden", "grant pods/exec")
WRONG = replace(
    PROVEN,
    outcome=Outcome.FINDINGS,
    findings=(FINDING,),
    gaps=(GAP,),
    pods=(HEAD, replace(API, proof=Mark.WRONG, application=Mark.UNKNOWN, note="no answer")),
    session="",
)
