"""SC404: the application itself is not connected, though a fresh probe is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seedcore_deploy.judge.application import Application, application_of_pod
from seedcore_deploy.judge.claims import Claim, application_of, effects, ready_of
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.mends import restart_pods
from seedcore_deploy.judge.readers import needs_no_connection, submits_a_job
from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.model.finding import Finding, Fix, Severity, Subject
from seedcore_deploy.model.look import Seen


def no_connection(facts: Facts) -> Iterable[Claim]:
    """SC404: the main process tree of a client holds no connection to the present head."""
    lost = [
        view
        for view in facts.clients
        if application_of_pod(facts, view) in (Application.MISSING, Application.DEAD)
        and not (view.unsettled or view.settling or view.young)
    ]
    idle = [view for view in lost if needs_no_connection(facts, view)]
    lost = [view for view in lost if view not in idle]
    # What submits a RayJob talks to the dashboard, and never to Ray itself.
    idle = [view for view in idle if not submits_a_job(view.pod)]
    for owner in dict.fromkeys(view.owner for view in lost):
        yield _claim(facts, owner, [view for view in lost if view.owner == owner])
    for owner in dict.fromkeys(view.owner for view in idle):
        yield _hint(owner, [view for view in idle if view.owner == owner])


def _hint(owner: Subject, views: Sequence[PodView]) -> Claim:
    """A reader that no selector picks: perhaps it never connects, or not now."""
    pods = ", ".join(f"pod/{view.pod.name}" for view in views)
    finding = Finding(
        rule="SC404",
        severity=Severity.HINT,
        subject=owner,
        summary=f"the application in {pods} holds no connection to the head at present",
        expected="nothing, where it needs Ray only now and then, as `ray job submit` does",
        actual=_connections(views),
        because="no selector of the contract picks it: it is known only as a reader of the client "
        "settings; a fresh probe passes, so they are right",
        fix=Fix(
            f"if it should be connected all the time, restart {owner}, and name it in the contract"
        ),
    )
    return Claim(finding)


def _claim(facts: Facts, owner: Subject, views: Sequence[PodView]) -> Claim:
    pods = ", ".join(f"pod/{view.pod.name}" for view in views)
    ips = ", ".join(sorted(view.pod.ip for view in facts.heads))
    passes = any(
        view.probe is not None and view.probe.ok for view in facts.clients if view.owner == owner
    )
    finding = Finding(
        rule="SC404",
        severity=Severity.ERROR,
        subject=owner,
        summary=f"the application in {pods} is not connected to the head",
        expected=f"a connection to the client port of the head pod at {ips}, and a pod that is "
        f"ready with it",
        actual=_actual(facts, views),
        because="it lost its connection when the head was replaced, or never made one, and does "
        "not connect again"
        + ("; a fresh probe passes, so its settings are right" if passes else ""),
        fix=Fix(f"restart {owner}", restart_pods(facts, views)),
    )
    about = effects(application_of(view.pod.name) for view in views)
    return Claim(finding, about, about | effects(ready_of(view.pod.name) for view in views))


def _actual(facts: Facts, views: Sequence[PodView]) -> str:
    if any(application_of_pod(facts, view) is Application.MISSING for view in views):
        return _connections(views)
    return (
        "a TCP connection, as a dead Ray client keeps one, and a readiness that was lost with the "
        "former head"
    )


def _connections(views: Sequence[PodView]) -> str:
    held = {
        each
        for view in views
        if view.process is not None and isinstance(view.process.connections, Seen)
        for each in view.process.connections.value
    }
    return f"connections to {', '.join(sorted(held))}" if held else "no TCP connection at all"


RULES = (Rule("SC404", "the application is not connected", no_connection),)
