"""SC408: the image of a client has no Ray Client."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seedcore_deploy.judge.carriers import container_of
from seedcore_deploy.judge.claims import Claim, effects, proof_of
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.lost_connections import connection_effects
from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.judge.session import head_probe
from seedcore_deploy.judge.template_mends import mend_template
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Finding, Severity, Subject
from seedcore_deploy.model.probe_reason import ProbeReason

_LACKS = {
    ProbeReason.NO_RAY: "no ray",
    ProbeReason.NO_CLIENT_EXTRA: "ray without ray[client]",
}


def lacks_ray_client(view: PodView) -> bool:
    """Whether a client's probe ended for want of Ray Client: nothing on the way can be why."""
    return view.pod.role is Role.CLIENT and view.probe is not None and view.probe.reason in _LACKS


def no_ray_client(facts: Facts) -> Iterable[Claim]:
    """SC408: the application's interpreter cannot import what a connection needs."""
    lacking = [view for view in facts.clients if lacks_ray_client(view) and not _is_former(view)]
    for owner in dict.fromkeys(view.owner for view in lacking):
        yield _claim(facts, owner, [view for view in lacking if view.owner == owner])


def _is_former(view: PodView) -> bool:
    """Whether a rollout is under way that replaces the pod by one of another template."""
    own, carrier = container_of(view.pod), view.carrier
    if own is None or carrier is None or not view.unsettled:
        return False
    wanted = carrier.container
    return (own.image, own.command, own.args) != (wanted.image, wanted.command, wanted.args)


def _claim(facts: Facts, owner: Subject, views: Sequence[PodView]) -> Claim:
    view = views[0]
    reason = view.probe.reason if view.probe else ""
    lacks = _LACKS[ProbeReason(reason)]
    interpreter = view.process.interpreter if view.process else ""
    own = head_probe(facts)
    wanted = f'"ray[client]=={own.ray_version}"' if own and own.ray_version else '"ray[client]"'
    finding = Finding(
        rule="SC408",
        severity=Severity.ERROR,
        subject=Subject(owner.kind, owner.name),
        summary=f"its image has {lacks}",
        expected=f"{wanted} for the application's interpreter",
        actual=reason,
        because=f"{interpreter or 'the interpreter'} of pod/{view.pod.name} has {lacks}"
        + (f": {view.probe.error}" if view.probe and view.probe.error else ""),
        fix=mend_template(facts, view, f"take an image with pip install {wanted}"),
    )
    about = effects(proof_of(each.pod.name) for each in views)
    everybody = (each for each in facts.clients if each.owner == owner)
    return Claim(finding, about, about.union(*(connection_effects(each) for each in everybody)))


RULES = (Rule("SC408", "the image has no Ray Client", no_ray_client),)
