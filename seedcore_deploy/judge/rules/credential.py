"""SC407: a client's credential does not fit the head's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seedcore_deploy.judge.carriers import ROLLING_KINDS, container_of
from seedcore_deploy.judge.claims import Claim, effects, proof_of
from seedcore_deploy.judge.environment import same
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.lost_connections import connection_effects
from seedcore_deploy.judge.mends import shell
from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.judge.template_mends import mend_template
from seedcore_deploy.judge.templates import same_entry
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Finding, Fix, Severity, Subject
from seedcore_deploy.model.probe_reason import ProbeReason
from seedcore_deploy.model.snapshot import EnvEntry, EnvSource

MODE, TOKEN = "RAY_AUTH_MODE", "RAY_AUTH_TOKEN"


def is_refused(view: PodView) -> bool:
    """Whether the head, or Ray itself, refused a client for its token."""
    return (
        view.pod.role is Role.CLIENT
        and view.probe is not None
        and view.probe.reason == ProbeReason.AUTH
    )


def credentials(facts: Facts) -> Iterable[Claim]:
    """SC407: a probe was refused for its token; the layers tell what is missing or differs.

    Names alone prove nothing: a token may come from a file, so only a refusal counts.
    """
    refused = [view for view in facts.clients if is_refused(view) and not view.unsettled]
    for owner in dict.fromkeys(view.owner for view in refused):
        yield _claim(facts, owner, [view for view in refused if view.owner == owner])


def _claim(facts: Facts, owner: Subject, views: Sequence[PodView]) -> Claim:
    view = views[0]
    entries = _of_head(facts)
    because = _because(facts, view, entries)
    finding = Finding(
        rule="SC407",
        severity=Severity.ERROR,
        subject=Subject(owner.kind, owner.name),
        summary="its credential does not fit the head's",
        expected="RAY_AUTH_MODE and RAY_AUTH_TOKEN as the head has them",
        actual=because,
        because=because + (f": {view.probe.error}" if view.probe and view.probe.error else ""),
        fix=_fix(facts, view, entries),
    )
    about = effects(proof_of(each.pod.name) for each in views)
    everybody = (each for each in facts.clients if each.owner == owner)
    return Claim(finding, about, about.union(*(connection_effects(each) for each in everybody)))


def _of_head(facts: Facts) -> tuple[EnvEntry, ...]:
    """The head's own entries, which KubeRay puts into Ray containers only; empty for no mode."""
    for view in facts.heads:
        container = container_of(view.pod)
        found = (
            tuple(each for each in container.env if each.name in (MODE, TOKEN)) if container else ()
        )
        if any(each.name == MODE for each in found):
            return found
    return ()


def _because(facts: Facts, view: PodView, entries: Sequence[EnvEntry]) -> str:
    if not entries:
        return f"Ray wants a token of pod/{view.pod.name}, and the head's env has no {MODE}"
    _, mode = view.has(MODE)
    if mode is None or mode.text != "token":
        shown = "unset" if mode is None else mode.display()
        return f"the head asks for a token, and {MODE} of pod/{view.pod.name} is {shown}"
    known, token = view.has(TOKEN)
    if known and token is None:
        return f"the head asks for a token, and pod/{view.pod.name} has no {TOKEN}"
    heads = [head.has(TOKEN)[1] for head in facts.heads]
    if any(same(token, other) is False for other in heads if other is not None):
        return f"the {TOKEN} of pod/{view.pod.name} is not the head's"
    return f"the head refused the token of pod/{view.pod.name}"


def _fix(facts: Facts, view: PodView, entries: Sequence[EnvEntry]) -> Fix:
    carrier = view.carrier
    copied = any(each.name == TOKEN and each.source is EnvSource.SECRET_KEY for each in entries)
    if not copied or carrier is None or carrier.subject.kind not in ROLLING_KINDS:
        return mend_template(
            facts, view, f"give it {MODE} and {TOKEN} as the head has them, or none of them"
        )
    own = {each.name: each for each in carrier.container.env}
    if all(each.name in own and same_entry(each, own[each.name]) for each in entries):
        # A Secret that changed meanwhile: a container keeps the token that it was started with.
        return Fix(f"restart {carrier.subject}", shell(facts).restart(carrier.subject))
    planned = facts.planned.get(carrier.key)
    lacks = planned is not None and not any(each.name == TOKEN for each in planned.container.env)
    return Fix(
        f"give {carrier.subject} {MODE} and {TOKEN} as the head has them"
        + (", here and in the overlay, which lacks them" if lacks else ""),
        (shell(facts).copy_entries(carrier, entries), *shell(facts).rolled_out(carrier.subject)),
    )


RULES = (Rule("SC407", "the credential does not fit", credentials),)
