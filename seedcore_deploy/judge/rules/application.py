"""SC404: the application itself is not connected, though a fresh probe is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seedcore_deploy.judge.claims import Claim, application_of, effects, ready_of
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.mends import restart_pods
from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.judge.session import has_own_connection
from seedcore_deploy.model.finding import Finding, Fix, Severity, Subject
from seedcore_deploy.model.look import Seen


def no_connection(facts: Facts) -> Iterable[Claim]:
    """SC404: the main process tree of a client holds no connection to the present head."""
    lost = [
        view
        for view in facts.clients
        if has_own_connection(facts, view) is False
        and not (view.unsettled or view.settling or view.young)
    ]
    for owner in dict.fromkeys(view.owner for view in lost):
        yield _claim(facts, owner, [view for view in lost if view.owner == owner])


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
        summary=f"the application in {pods} has no connection to the head",
        expected=f"an ESTABLISHED connection to the client port of the head pod at {ips}",
        actual=_connections(views),
        because="it has not connected since the head that is there now started, or it lost the "
        "connection and does not connect again"
        + ("; a fresh probe passes, so its settings are right" if passes else ""),
        fix=Fix(f"restart {owner}", restart_pods(facts, views)),
    )
    about = effects(application_of(view.pod.name) for view in views)
    return Claim(finding, about, about | effects(ready_of(view.pod.name) for view in views))


def _connections(views: Sequence[PodView]) -> str:
    held = {
        each
        for view in views
        if view.process is not None and isinstance(view.process.connections, Seen)
        for each in view.process.connections.value
    }
    return f"connections to {', '.join(sorted(held))}" if held else "no TCP connection at all"


RULES = (Rule("SC404", "the application is not connected", no_connection),)
