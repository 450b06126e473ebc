"""What an apply would change in a RayService's cluster, in KubeRay's eyes."""

from __future__ import annotations

from collections.abc import Mapping

from seedcore_deploy.model.upgrade import ServiceChange, Upgrade
from seedcore_deploy.observe.containers import Json
from seedcore_deploy.observe.rayservices import deleted_after_s
from seedcore_deploy.observe.spec_change import changed_since, differences, hashed, shortened

_GROUPS = "workerGroupSpecs"
_NONE = "None"


def service_change(before: Json, after: Json) -> ServiceChange | None:
    """The change from the live RayService to what it would be; None where KubeRay does nothing.

    Source: KubeRay 1.6 rayservice_controller.go. shouldPrepareNewCluster compares a hash of
    rayClusterConfig (the one of upgradeStrategy Recreate, without the numbers of workers) with the
    one that its RayCluster was given. With nothing but further worker groups at the end it updates
    that RayCluster (shouldUpdateCluster). With the strategy None it does neither. Turning the
    strategy on is enough where the spec was changed since the RayService was made. The operator's
    ENABLE_ZERO_DOWNTIME=false, which counts where no strategy is given, shows nowhere.
    """
    name = str(after["metadata"]["name"])
    old, new = hashed(_config(before)), hashed(_config(after))
    seconds = deleted_after_s(after)
    if old == new:
        made = str((before.get("metadata") or {}).get("creationTimestamp") or "")
        if _strategy(before) == _NONE != _strategy(after) and changed_since(before, made):
            older = ("upgradeStrategy, with an older RayCluster",)
            return ServiceChange(name, Upgrade.NEW_CLUSTER, older, seconds)
        return None
    paths = shortened(tuple(differences("", old, new)))
    if _adds_groups(old, new):
        return ServiceChange(name, Upgrade.IN_PLACE, paths, seconds)
    if _strategy(after) == _NONE:
        return ServiceChange(name, Upgrade.NOT_TAKEN_OVER, paths, seconds)
    return ServiceChange(name, Upgrade.NEW_CLUSTER, paths, seconds)


def _config(rayservice: Json) -> Json:
    config: Json = (rayservice.get("spec") or {}).get("rayClusterConfig") or {}
    return config


def _strategy(rayservice: Json) -> str:
    strategy = (rayservice.get("spec") or {}).get("upgradeStrategy") or {}
    return str(strategy.get("type") or "")


def _adds_groups(old: Mapping[str, object], new: Mapping[str, object]) -> bool:
    former, groups = old.get(_GROUPS) or [], new.get(_GROUPS) or []
    if not isinstance(former, list) or not isinstance(groups, list):
        return False
    return {**new, _GROUPS: groups[: len(former)]} == {**old, _GROUPS: former}
