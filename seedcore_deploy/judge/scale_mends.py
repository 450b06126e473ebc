"""Mends of what has no replicas: resume it, or scale it up."""

from __future__ import annotations

from dataclasses import replace

from seedcore_deploy.judge.carriers import Carrier
from seedcore_deploy.judge.commands import Json, owner_path
from seedcore_deploy.judge.facts import Facts
from seedcore_deploy.judge.mends import shell
from seedcore_deploy.model.finding import Fix, Subject


def resume(facts: Facts, carrier: Carrier) -> Fix:
    """Resume a RayCluster; a RayService has its spec under its own, and made it before."""
    spec = carrier.path.partition("/headGroupSpec")[0].partition("/workerGroupSpecs")[0]
    places = {carrier.subject: f"{spec}/suspend"}
    if facts.cluster and facts.cluster.service:
        places[Subject("RayCluster", facts.cluster.name)] = "/spec/suspend"
    return Fix(
        f"resume {owner_path(carrier.subject)}",
        tuple(
            shell(facts).patch(subject, [{"op": "add", "path": path, "value": False}])
            for subject, path in places.items()
        ),
    )


def scale_up(facts: Facts, carrier: Carrier) -> Fix:
    """Give a workload or a worker group the overlay's replicas, or one where that has none."""
    planned = facts.planned.get(carrier.key)
    replicas = planned.replicas if planned and planned.replicas else 1
    name = owner_path(carrier.subject)
    if carrier.group is not None:
        path = carrier.path.removesuffix("/template/spec") + "/replicas"
        operation: Json = {"op": "add", "path": path, "value": replicas}
        return Fix(
            f"give worker group {carrier.group.name} of {name} {replicas} replica(s)",
            (
                shell(facts).patch(carrier.subject, [operation]),
                shell(facts).group_ready(replace(carrier, replicas=replicas)),
            ),
        )
    return Fix(
        f"scale {name} to {replicas}",
        (
            shell(facts).kubectl("scale", name, f"--replicas={replicas}"),
            *shell(facts).rolled_out(carrier.subject),
        ),
    )
