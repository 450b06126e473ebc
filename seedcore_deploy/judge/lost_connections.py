"""Which connections are lost with a variable: that they fail follows from it."""

from __future__ import annotations

from collections.abc import Collection

from seedcore_deploy.judge.claims import application_of, effects, proof_of, ready_of
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.probe_reason import ProbeReason


def connection_effects(view: PodView) -> frozenset[str]:
    """All that a client lacks when it has no way to the head."""
    name = view.pod.name
    return effects(proof_of(name), application_of(name), ready_of(name))


def lost_with(facts: Facts, view: PodView, names: Collection[str]) -> frozenset[str]:
    """What fails for it that these variables of a pod are wrong.

    A client's RAY_ADDRESS takes its connection along; variables of TLS, of the client or of the
    head, those that failed for TLS.
    """
    client, head = (view.pod.role is role for role in (Role.CLIENT, Role.HEAD))
    if client and "RAY_ADDRESS" in names:
        return connection_effects(view)
    if not any(name == "RAY_USE_TLS" or name.startswith("RAY_TLS_") for name in names):
        return frozenset()
    affected = facts.clients if head else (view,) if client else ()
    return effects(
        effect
        for each in affected
        if each.probe is not None and each.probe.reason == ProbeReason.TLS
        for effect in connection_effects(each)
    )
