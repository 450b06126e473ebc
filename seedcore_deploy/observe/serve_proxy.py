"""The worker of a RayService that Kubernetes calls unready though nothing is wrong with it."""

from __future__ import annotations

from seedcore_deploy.observe.containers import Json

_PROXY_HEALTH = "/-/healthz"


def lacks_proxy_only(pod: Json, container: Json) -> bool:
    """Whether no more than a missing Serve proxy may keep the worker from being ready.

    KubeRay has the worker of a RayService ask its raylet and then its own Serve proxy (1.6 pod.go,
    initLivenessAndReadinessProbe), but Ray runs a proxy only beside a replica, and with
    `proxy_location: HeadOnly` on no worker at all: such a worker runs tasks and stays 0/1 for
    good (KubeRay issue 4994; measured). Which half of the probe failed, no status says: whether
    Ray works there must be told by its session.
    """
    if not _asks_for_a_proxy(container):
        return False
    states = (pod.get("status") or {}).get("containerStatuses") or []
    unready = [each for each in states if not each.get("ready")]
    return [each.get("name") for each in unready] == [container["name"]] and all(
        "running" in (each.get("state") or {}) for each in unready
    )


def _asks_for_a_proxy(container: Json) -> bool:
    asked = ((container.get("readinessProbe") or {}).get("exec") or {}).get("command") or []
    return any(_PROXY_HEALTH in str(word) for word in asked)
