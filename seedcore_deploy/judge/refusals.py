"""Pods that the API server does not take: a quota, an admission webhook, pod security."""

from __future__ import annotations

import re

from seedcore_deploy.judge.carriers import Carrier
from seedcore_deploy.judge.facts import Facts, seen
from seedcore_deploy.judge.threat import Threat
from seedcore_deploy.judge.times import REFUSED_S
from seedcore_deploy.model.pod_state import EventFacts

DENIED_S = 10.0
"""What says no by a rule is asked again several times meanwhile (5 ms, doubled each time)."""
UNANSWERED_S = 120.0
"""A webhook, or the API server itself, that does not answer may be starting."""

_UNANSWERED = re.compile(
    r"(?i)failed calling webhook|timeout|connection refused|deadline|etcdserver|try again"
    r"|being terminated|unable to create new content"
)
_QUOTA = re.compile(r"exceeded quota: (?P<name>[^\s,]+)")
_DENIED = re.compile(r"violates PodSecurity|denied (?:the )?request|is invalid:|failed quota")
_EVENTS = frozenset(
    """
    FailedToCreateHeadPod FailedToCreateWorkerPod FailedToCreateService
    FailedToCreateRole FailedToCreateRoleBinding FailedToCreateServiceAccount
    """.split()
)


def refusal_threat(facts: Facts, carrier: Carrier) -> Threat | None:
    """The threat of a carrier that lacks pods because they are refused; None for others.

    A quota is not counted while pods are ending: they give back what they used.
    """
    said, since, met_at = last_refusal(facts, carrier)
    if not said or (_QUOTA.search(said) is not None and facts.leaving):
        return None
    return Threat(
        f"FailedCreate: {said}",
        _mend(said),
        since,
        _patience_s(said),
        met_at,
        retried=bool(_refusals(facts, carrier)),
    )


def last_refusal(facts: Facts, carrier: Carrier) -> tuple[str, str, str]:
    """What the API server said when it refused a pod, since when it does, and when it did last.

    The last event is believed before the condition: a Deployment keeps the words and the time of
    its first refusal though the next revision is refused for another reason (measured, 1.34).
    """
    owner = carrier.facts if carrier.group is None else facts.cluster
    said, since = (owner.refused, owner.refused_since) if owner is not None else ("", "")
    events = _refusals(facts, carrier)
    if events and (said or carrier.group is not None):
        of_one = [each.first_at for each in events if each.name == events[-1].name]
        said, since = events[-1].message, min(of_one)
    return said, since, events[-1].last_at if events else since


def _patience_s(said: str) -> float:
    if _UNANSWERED.search(said):
        return UNANSWERED_S
    return DENIED_S if _DENIED.search(said) else REFUSED_S


def _mend(said: str) -> str:
    quota = _QUOTA.search(said)
    if quota is not None:
        return f"raise or remove resourcequota/{quota['name']}, or make room under it"
    if "violates PodSecurity" in said:
        return "mend the securityContext that it names in the template, or the namespace's level"
    if "webhook" in said:
        return "mend what the webhook says in the template, or the webhook"
    return "mend what the API server says"


def _refusals(facts: Facts, carrier: Carrier) -> list[EventFacts]:
    """The refusals that what makes the carrier's pods has met, oldest first."""
    return [each for each in seen(facts.snapshot.events) or () if _is_refusal(each, carrier)]


def _is_refusal(event: EventFacts, carrier: Carrier) -> bool:
    """A ReplicaSet's name is its Deployment's and a hash."""
    name, kind = carrier.subject.name, carrier.subject.kind
    own = (event.kind, event.name) == (kind, name)
    if carrier.group is not None:
        return own and event.reason in _EVENTS
    made = event.kind == "ReplicaSet" and event.name.rpartition("-")[0] == name
    return event.reason == "FailedCreate" and (own or made)
