"""SC409, SC410: dashboard or Serve do not answer at the address that clients have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from seedcore_deploy.judge.addresses import parse_url
from seedcore_deploy.judge.answers import (
    DASHBOARD,
    SERVE,
    Standing,
    answer_at,
    answer_settling,
    is_right,
    standing,
)
from seedcore_deploy.judge.claims import (
    Claim,
    answer_of,
    effects,
    env_of,
    presence_of,
    ready_of,
    serving_of,
)
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.mends import mend_place, replace_ray_pods, shell
from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.judge.session import head_probe
from seedcore_deploy.judge.values import good_value
from seedcore_deploy.model.address_answer import AddressAnswer, AnswerEnd
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Finding, Fix, Severity, Subject
from seedcore_deploy.model.variable import OriginKind

_DEPLOYER = "serve"
"""The contract's name of the workload that deploys the Serve application."""
_AT_THE_ADDRESS = frozenset({AnswerEnd.DNS, AnswerEnd.NOT_HTTP})
_THERE = frozenset({AnswerEnd.ANSWERED, AnswerEnd.NEEDS_TOKEN})
_LOOK_BETWEEN = (
    "look at the NetworkPolicies here, and at --dashboard-host in the head's rayStartParams"
)


def _check(
    variable: str,
    wanted: Standing,
    claim: Callable[[Facts, Subject, Sequence[PodView], AddressAnswer], Claim],
) -> Callable[[Facts], Iterable[Claim]]:
    def check(facts: Facts) -> Iterable[Claim]:
        found: dict[tuple[Subject, AnswerEnd], list[PodView]] = {}
        for view in facts.clients:
            answer = answer_at(view, variable)
            if answer is None or standing(facts, view, variable) is not wanted:
                continue
            if not answer_settling(facts, view, variable):
                found.setdefault((_subject(facts, view, variable), answer.ended), []).append(view)
        for (subject, _), views in found.items():
            if answer := answer_at(views[0], variable):
                yield claim(facts, subject, views, answer)

    return check


def _subject(facts: Facts, view: PodView, variable: str) -> Subject:
    """The Service where the address is right, else where the address comes from."""
    answer = answer_at(view, variable)
    _, value = view.has(variable)
    url = parse_url(value.text) if value is not None and value.text else None
    right = is_right(facts, view, variable)
    if url is not None and right and answer is not None and answer.ended not in _AT_THE_ADDRESS:
        return Subject("Service", url.host.split(".")[0])
    origin = view.variables[variable].origin if variable in view.variables else None
    if origin is not None and origin.kind is OriginKind.CONFIGMAP:
        return Subject("ConfigMap", origin.name, origin.key)
    if origin is not None and origin.kind is OriginKind.WORKLOAD and view.carrier is not None:
        return Subject(view.carrier.subject.kind, view.carrier.subject.name, variable)
    return Subject("Pod", view.pod.name, variable)


def _silent_dashboard(
    facts: Facts, subject: Subject, views: Sequence[PodView], answer: AddressAnswer
) -> Claim:
    own = head_probe(facts)
    another = answer.ended is AnswerEnd.ANSWERED
    said = f"the dashboard of {answer.session}" if another else answer.said
    finding = Finding(
        rule="SC409",
        severity=Severity.ERROR,
        subject=subject,
        summary=f"{DASHBOARD} answers for another cluster: {said}"
        if another
        else f"{DASHBOARD} does not answer in {_pods(views)}: {said}",
        expected=f"the dashboard of {own.session if own else 'this cluster'} at {answer.asked}",
        actual=said,
        because=_why_dashboard(facts, subject, answer),
        fix=_mend_dashboard(facts, subject, views[0], answer),
    )
    about = _about(subject, views, DASHBOARD)
    explains = about | effects(serving_of(view.pod.name) for view in views)
    if subject.kind == "Service" and not another:
        # Readiness probes of older KubeRay releases ask the dashboard.
        explains |= effects(ready_of(view.pod.name) for view in facts.heads)
    return Claim(finding, about, explains)


def _about(subject: Subject, views: Sequence[PodView], variable: str) -> frozenset[str]:
    """The variable itself, unless it is right, and what stands behind the Service is not."""
    effect = answer_of if subject.kind == "Service" else env_of
    return effects(effect(view.pod.name, variable) for view in views)


def _why_dashboard(facts: Facts, subject: Subject, answer: AddressAnswer) -> str:
    proven = "the proof of connection is made, so the head is there"
    if answer.ended is AnswerEnd.ANSWERED:
        return f"{proven}; what answers at {answer.asked} is another Ray's dashboard"
    if subject.kind != "Service":
        return f"{proven}; the address is not where its dashboard is: {answer.said}"
    at_head = _at_head(facts, DASHBOARD)
    if at_head is None:
        return f"{proven}; its dashboard is dead, hangs, or something between keeps it away"
    if at_head.ended in _THERE:
        return (
            f"{proven}, and its dashboard answers on the head pod itself: something between keeps "
            f"clients away from the port, or the dashboard listens on 127.0.0.1 alone"
        )
    return f"{proven}; its dashboard process is dead or hangs: on the head pod, {at_head.said}"


def _at_head(facts: Facts, variable: str) -> AddressAnswer | None:
    """What dashboard or Serve answered on the head pod itself, at Ray's own port."""
    for view in facts.heads:
        if view.probe is not None and view.probe.ok:
            return answer_at(view, variable)
    return None


def _mend_dashboard(facts: Facts, subject: Subject, view: PodView, answer: AddressAnswer) -> Fix:
    if subject.kind != "Service":
        return _mend_address(facts, view, DASHBOARD)
    if answer.ended is AnswerEnd.ANSWERED:
        return Fix(
            f"find what answers at {answer.asked}: hostAliases or a proxy of the pod, or another "
            f"pod behind service/{subject.name}"
        )
    at_head = _at_head(facts, DASHBOARD)
    if at_head is not None and at_head.ended in _THERE:
        return Fix(_LOOK_BETWEEN)
    return Fix(
        "replace the head, whose dashboard does not answer, once nothing that matters runs on it; "
        "its log is dashboard.log in /tmp/ray/session_latest/logs",
        replace_ray_pods(facts, facts.heads),
    )


def _mend_address(facts: Facts, view: PodView, variable: str) -> Fix:
    good = good_value(facts, variable, view.carrier)
    if view.carrier is None or variable not in view.variables:
        return Fix(f"set {variable} of pod/{view.pod.name} right, and restart it")
    return mend_place(facts, view.variables[variable].origin, view.carrier, variable, good)


def _silent_serve(
    facts: Facts, subject: Subject, views: Sequence[PodView], answer: AddressAnswer
) -> Claim:
    reported = f"; the dashboard reports: {answer.reported}" if answer.reported else ""
    finding = Finding(
        rule="SC410",
        severity=Severity.ERROR,
        subject=subject,
        summary=f"{SERVE} does not answer in {_pods(views)}: {answer.said}",
        expected=f"Ray Serve's proxy at {answer.asked}",
        actual=answer.said,
        because=f"{_why_serve(facts)}{reported}"
        if subject.kind == "Service"
        else f"the address is not where Serve's proxy is: {answer.said}",
        fix=_mend_serve(facts, subject, views[0], answer),
    )
    about = _about(subject, views, SERVE)
    owners = {view.owner for view in views}
    waiting = [
        view for view in facts.clients if view.owner in owners or view.pod.workload == _DEPLOYER
    ]
    return Claim(finding, about, about | effects(ready_of(view.pod.name) for view in waiting))


def _why_serve(facts: Facts) -> str:
    at_head = _at_head(facts, SERVE)
    if at_head is not None and at_head.ended in _THERE:
        return (
            "Serve's proxy answers on the head pod itself: something between keeps clients away "
            "from the port, or the proxy listens on 127.0.0.1 alone"
        )
    return "Serve runs on this cluster, and its proxy cannot be reached"


def _mend_serve(facts: Facts, subject: Subject, view: PodView, answer: AddressAnswer) -> Fix:
    if subject.kind != "Service":
        return _mend_address(facts, view, SERVE)
    log = "its logs are in /tmp/ray/session_latest/logs/serve on the head"
    if "listens on 127.0.0.1" in answer.reported or "listens on localhost" in answer.reported:
        return Fix(
            'start Serve with http_options={"host": "0.0.0.0"}, after serve.shutdown(): a Serve '
            "that runs keeps the options that it was started with"
        )
    at_head = _at_head(facts, SERVE)
    if at_head is not None and at_head.ended in _THERE:
        return Fix("look at the NetworkPolicies here, and at the http_options of serve.start()")
    for carrier in facts.carriers:
        if carrier.role is Role.CLIENT and carrier.workload == _DEPLOYER:
            return Fix(
                f"restart {carrier.subject}, which deploys the application; if it stays silent, "
                f"{log}, and a NetworkPolicy may be in the way",
                shell(facts).restart(carrier.subject),
            )
    return Fix(f"deploy the Serve application again; {log}")


def _nothing_served(
    facts: Facts, subject: Subject, views: Sequence[PodView], answer: AddressAnswer
) -> Claim:
    finding = Finding(
        rule="SC410",
        severity=Severity.HINT,
        subject=subject,
        summary=f"{SERVE} is silent in {_pods(views)}, and nothing is served on this cluster",
        expected="nothing, where Serve is not used, or not now",
        actual=answer.said,
        because="the dashboard reports neither proxies nor applications of Serve",
        fix=Fix("if something should be served, restart what deploys it"),
    )
    # Of a deployer that is not there or not ready, its own finding says why nothing is served.
    deployers = [view for view in facts.clients if view.pod.workload == _DEPLOYER]
    unready = [view.pod.name for view in deployers if not view.pod.ready]
    about = _about(subject, views, SERVE)
    if not deployers:
        about = effects(presence_of(_DEPLOYER))
    elif unready:
        about = effects(ready_of(name) for name in unready)
    return Claim(finding, about, about, symptom=True)


def _pods(views: Sequence[PodView]) -> str:
    return ", ".join(f"pod/{view.pod.name}" for view in views)


_silent_while_served = _check(SERVE, Standing.WRONG, _silent_serve)
_silent_for_nothing = _check(SERVE, Standing.IDLE, _nothing_served)


def _serve(facts: Facts) -> Iterable[Claim]:
    yield from _silent_while_served(facts)
    yield from _silent_for_nothing(facts)


RULES = (
    Rule(
        "SC409",
        "RAY_DASHBOARD_ADDRESS is silent, or answers for another cluster",
        _check(DASHBOARD, Standing.WRONG, _silent_dashboard),
    ),
    Rule("SC410", "RAY_SERVE_ADDRESS is silent", _serve),
)
