"""What a client's variables must be: the rendered manifests' values, else the structure's."""

from __future__ import annotations

from seedcore_deploy.judge.addresses import HeadPlace, address_fault, expected_address
from seedcore_deploy.judge.carriers import Carrier, evaluated
from seedcore_deploy.judge.environment import same
from seedcore_deploy.judge.facts import Facts
from seedcore_deploy.judge.head_service import strangers
from seedcore_deploy.model.disclosure import EnvValue
from seedcore_deploy.model.snapshot import RayClusterFacts, ServiceFacts


def head_place(facts: Facts) -> HeadPlace | None:
    """Where the head is reached; None where the RayCluster could not be seen or told."""
    if facts.cluster is None:
        return None
    service = facts.cluster.head_service
    services = facts.services or {}
    ips = {ip for view in facts.heads for ip in view.pod.addresses}
    aliases = {
        name: frozenset(each.ports)
        for name, each in services.items()
        if ((each.endpoints and set(each.endpoints) <= ips) or _selects_head(each, facts.cluster))
        and (name == service or not strangers(facts, each))
    }
    ports = services[service].ports if service in services else ()
    return HeadPlace(facts.cluster.name, service, facts.namespace, aliases, frozenset(ports))


def _selects_head(service: ServiceFacts, cluster: RayClusterFacts) -> bool:
    """Whether a Service selects this head by KubeRay's labels, its pod being there or not."""
    is_head = service.selector.get("ray.io/node-type") == "head"
    return is_head and service.selector.get("ray.io/cluster", cluster.name) == cluster.name


def good_value(facts: Facts, variable: str, carrier: Carrier | None = None) -> EnvValue | None:
    """The value to set; None where nothing tells what it should be.

    A value of the manifests that is wrong in itself is not taken.
    """
    place = head_place(facts)
    planned = planned_value(facts, variable, carrier)
    if planned is not None and not _is_faulty(variable, planned, place):
        return planned
    if place is not None and (structural := expected_address(variable, place)):
        return EnvValue(structural, "")
    return _ray_namespace(facts) if variable == "RAY_NAMESPACE" else None


def planned_value(facts: Facts, variable: str, carrier: Carrier | None) -> EnvValue | None:
    """What the manifests give a carrier, or any client, for a variable."""
    if facts.manifests is None:
        return None
    named = {each.name: each for each in facts.manifests.configmaps}
    of_carrier = facts.planned.get(carrier.key) if carrier else None
    if of_carrier is not None:
        found = evaluated(of_carrier, None, named, (), complete=False).get(variable)
        if found is not None and found.certain:
            return found.value
    settings = named.get(facts.contract.client_configmap)
    return settings.data.get(variable) if settings else None


def planned_key(facts: Facts, configmap: str, key: str) -> EnvValue | None:
    """What the manifests say of a ConfigMap's key."""
    for each in facts.manifests.configmaps if facts.manifests else ():
        if each.name == configmap:
            return each.data.get(key)
    return None


def _is_faulty(variable: str, value: EnvValue, place: HeadPlace | None) -> bool:
    return value.text is not None and address_fault(variable, value.text, place) is not None


def _ray_namespace(facts: Facts) -> EnvValue:
    """The client settings', a running client's own, the shared settings', or the namespace's name.

    A client that lost its settings runs with the shared ones: its value tells nothing.
    """
    settings = _of_configmap(facts, facts.contract.client_configmap)
    if settings is not None:
        return settings
    shared = _of_configmap(facts, facts.contract.shared_configmap)
    for view in facts.clients:
        known, value = view.has("RAY_NAMESPACE")
        if known and value is not None and value.text and same(value, shared) is not True:
            return value
    return shared or EnvValue(facts.namespace, "")


def _of_configmap(facts: Facts, name: str) -> EnvValue | None:
    settings = (facts.configmaps or {}).get(name)
    value = settings.data.get("RAY_NAMESPACE") if settings else None
    return value if value is not None and value.text else None
