"""SC401, SC403: the proof of connection failed, or a worker is not in the head's session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seedcore_deploy.judge.addresses import parse_url
from seedcore_deploy.judge.claims import (
    Claim,
    application_of,
    effects,
    proof_of,
    ready_of,
)
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.mends import replace_ray_pods, restart_pods
from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.judge.rules.credential import is_refused
from seedcore_deploy.judge.rules.image import lacks_ray_client
from seedcore_deploy.judge.session import head_probe, is_member
from seedcore_deploy.judge.slow_proofs import reaching, too_slow_to_tell
from seedcore_deploy.judge.template_mends import mend_template
from seedcore_deploy.judge.values import good_value
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Finding, Fix, Severity, Subject
from seedcore_deploy.model.probe_reason import ProbeReason
from seedcore_deploy.model.snapshot import ProbeFacts

_CAUSES = {
    ProbeReason.ADDRESS_UNSET: "the process has no RAY_ADDRESS, so ray.init() starts a private Ray",
    ProbeReason.ADDRESS_LOCAL: "RAY_ADDRESS=local starts a private Ray",
    ProbeReason.ADDRESS_INVALID: "RAY_ADDRESS is no address that Ray Client takes",
    ProbeReason.TIMEOUT: "nothing answered at the address in time",
    ProbeReason.REFUSED: "the host is there, and nothing listens on the port",
    ProbeReason.DNS: "the host name does not resolve",
    ProbeReason.WRONG_PORT: "something else than Ray Client answers on the port",
    ProbeReason.VERSION_MISMATCH: "the Ray or Python versions of pod and head differ",
    ProbeReason.AUTH: "the head asks for a token that the pod does not have",
    ProbeReason.TLS: "pod and head do not agree about TLS",
    ProbeReason.NO_RAY: "the application's interpreter has no ray",
    ProbeReason.NO_CLIENT_EXTRA: "ray is installed without ray[client]",
    ProbeReason.NO_INSTANCE: "there is no Ray at the address",
    ProbeReason.CLIENT_SERVER: "the head's client server did not start",
    ProbeReason.LOCAL_RAY: "the connection led to a private Ray inside the pod",
    ProbeReason.WRONG_MODE: "the connection is not one of Ray Client",
    ProbeReason.TASK_FAILED: "it connected, and a task on the head node failed",
    ProbeReason.DEADLINE: "it did not end in time: Ray's GCS or raylet may hang",
    ProbeReason.CRASHED: "the probe's process ended without a word",
}

_AS_THE_HEAD_HAS_IT: dict[str, str] = {
    ProbeReason.NO_RAY: "Ray",
    ProbeReason.NO_CLIENT_EXTRA: "Ray",
    ProbeReason.VERSION_MISMATCH: "Ray and Python",
    ProbeReason.AUTH: "token settings",
    ProbeReason.TLS: "RAY_USE_TLS, with the certificate files of RAY_TLS_*",
}
_OF_THE_HEAD = frozenset(
    {
        ProbeReason.TIMEOUT,
        ProbeReason.REFUSED,
        ProbeReason.CLIENT_SERVER,
        ProbeReason.TASK_FAILED,
        ProbeReason.DEADLINE,
        ProbeReason.NO_INSTANCE,
    }
)
_OF_THE_WAY = frozenset(
    {ProbeReason.TIMEOUT, ProbeReason.REFUSED, ProbeReason.DNS, ProbeReason.WRONG_PORT}
)
"""Reasons that lie on the way from the pod, where another pod gets through to the same address."""


def failed_proofs(facts: Facts) -> Iterable[Claim]:
    """SC401: a probe ran, and did not prove the connection."""
    failed = [
        view
        for view in facts.pods
        if view.probe is not None
        and not view.probe.ok
        and not _may_settle(view)
        and not (lacks_ray_client(view) or is_refused(view))
        and not too_slow_to_tell(facts, view)
    ]
    for view in failed:
        probe = view.probe
        if probe is not None:
            alike = [each for each in failed if _alike(each, view)]
            yield _failed_claim(facts, view, probe, alike)


def _may_settle(view: PodView) -> bool:
    return bool(view.unsettled or view.settling)


def _alike(one: PodView, other: PodView) -> bool:
    """Whether two client probes failed in the same way at the same address."""
    if one.pod.role is not other.pod.role or one.probe is None or other.probe is None:
        return False
    mine, theirs = one.probe, other.probe
    return (mine.reason, mine.address) == (theirs.reason, theirs.address)


def _failed_claim(
    facts: Facts, view: PodView, probe: ProbeFacts, alike: Sequence[PodView]
) -> Claim:
    name = view.pod.name
    cause = _CAUSES.get(ProbeReason(probe.reason), "") if probe.reason in set(ProbeReason) else ""
    details = "; ".join(part for part in (cause, probe.error, probe.diagnosis) if part)
    subject = view.subject
    url = parse_url(probe.address)
    if len(alike) > 1 and url is not None:
        subject = Subject("Service", url.host.split(".")[0], probe.address)
    finding = Finding(
        rule="SC401",
        severity=Severity.ERROR,
        subject=subject,
        summary=f"the proof of connection from pod/{name} failed at {probe.stage or 'the start'}"
        + (f": {cause}" if cause else ""),
        expected="a connection, and a task that runs on the head node",
        actual=probe.reason or probe.error or "no proof",
        because=details or f"the probe ended at {probe.stage or 'its start'} without a reason",
        fix=_fix(facts, view, probe, alike),
    )
    follows = effects(proof_of(name), application_of(name), ready_of(name))
    if view.pod.role is Role.HEAD:
        follows |= effects(
            effect
            for each in facts.pods
            for effect in (
                proof_of(each.pod.name),
                application_of(each.pod.name),
                ready_of(each.pod.name),
            )
        )
    for each in facts.pods:
        # One pod of a workload speaks for those that were not probed.
        if each.owner == view.owner and each.pod.probe is None:
            follows |= effects(application_of(each.pod.name), ready_of(each.pod.name))
    return Claim(finding, effects(proof_of(name)), follows)


def _fix(facts: Facts, view: PodView, probe: ProbeFacts, alike: Sequence[PodView]) -> Fix:
    reason = probe.reason
    if what := _AS_THE_HEAD_HAS_IT.get(reason):
        pods = ", ".join(f"pod/{each.pod.name}" for each in alike)
        return mend_template(facts, view, f"give {pods} the head's {what}")
    if view.pod.role is Role.HEAD:
        return Fix("replace the head: it does not answer itself", restart_pods(facts, [view]))
    if reason in _OF_THE_WAY and not probe.address:
        good = good_value(facts, "RAY_ADDRESS", view.carrier)
        return Fix(
            f"see where RAY_ADDRESS of pod/{view.pod.name} leads: it comes from a Secret, which is "
            f"not read. Make it {(good and good.text) or 'the head service'} there and restart the "
            f"pod; where it is that already, look at the head service and the head"
        )
    if reason in _OF_THE_WAY and (other := reaching(facts, view)) is not None:
        ips = ", ".join(sorted(head.pod.ip for head in facts.heads))
        return Fix(
            f"let pod/{view.pod.name} ({view.pod.ip}) reach {probe.address} on the head pod "
            f"({ips}): pod/{other.pod.name} does, so the head is well. Look at kubectl get "
            f"networkpolicies, at firewalls between their nodes, and at hostAliases and dnsConfig "
            f"of {view.owner}"
        )
    if reason in _OF_THE_HEAD and head_probe(facts) is not None:
        return Fix(
            "replace the head, whose client server does not answer, once nothing that matters "
            "runs on it; its log is ray_client_server.err in /tmp/ray/session_latest/logs",
            replace_ray_pods(facts, facts.heads),
        )
    return Fix(
        f"make {probe.address or 'the address'} reach the head, then restart the pod",
        restart_pods(facts, [view]),
    )


def missing_workers(facts: Facts) -> Iterable[Claim]:
    """SC403: a ready worker is no alive node of the session that the head is in."""
    for view in facts.workers:
        if not view.pod.ready or is_member(facts, view) is not False:
            continue
        if view.unsettled or view.young:
            continue
        own = head_probe(facts)
        session = own.session if own else ""
        finding = Finding(
            rule="SC403",
            severity=Severity.ERROR,
            subject=view.subject,
            summary="the worker is not in the head's Ray session",
            expected=f"{view.pod.ip} alive in session {session}",
            actual=f"{view.pod.ip} is not among the alive nodes",
            because="its raylet lost the head, or joined another one, and did not come back",
            fix=Fix("replace the worker", replace_ray_pods(facts, [view])),
        )
        about = effects(proof_of(view.pod.name))
        yield Claim(finding, about, about)


RULES = (
    Rule("SC401", "the proof of connection failed", failed_proofs),
    Rule("SC403", "a worker is not in the session", missing_workers),
)
