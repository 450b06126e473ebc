"""Which Ray session is the right one: what the head says of itself."""

from __future__ import annotations

import ipaddress

from seedcore_deploy.judge.addresses import parse_url
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.model.contract import CLIENT_PORT, Role
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import ProbeFacts


def head_probe(facts: Facts) -> ProbeFacts | None:
    """What the head's own probe proved; None where there is no such proof."""
    for view in facts.heads:
        if view.probe is not None and view.probe.ok:
            return view.probe
    return None


def reached_another(facts: Facts, view: PodView, probe: ProbeFacts) -> str:
    """How the cluster that a successful probe reached is not ours; "" where nothing differs."""
    own = head_probe(facts)
    if own is not None and view.pod.role is not Role.HEAD:
        if probe.session != own.session:
            return f"session {probe.session or '(none)'} instead of {own.session}"
        if probe.head_node_id != own.head_node_id:
            return f"head node {probe.head_node_id or '(none)'} instead of {own.head_node_id}"
    ips = {ip for each in facts.heads for ip in each.pod.addresses}
    if ips and probe.head_ip not in ips:
        known = ", ".join(sorted(ips))
        return f"the head node at {probe.head_ip or '(unknown)'} instead of the head pod at {known}"
    return ""


def is_member(facts: Facts, view: PodView) -> bool | None:
    """Whether a worker pod is an alive node of the head's session; None where nobody said.

    A restarted worker stands there once dead and once alive: any alive entry counts. The head's
    own node is no worker's, though on the network of a machine they have one address; and of
    workers that share one, each needs an entry, for whose a single one is cannot be told.
    """
    own = head_probe(facts)
    if own is None:
        return None
    alive = [node for node in own.nodes if node.alive and not node.head]
    mine = sum(node.ip in view.pod.addresses for node in alive)
    beside = _beside(facts, view)
    return None if 0 < mine < beside else mine > 0


def _beside(facts: Facts, view: PodView) -> int:
    """How many ready workers have an address of this one's, as on a node's own network."""
    own = set(view.pod.addresses)
    return sum(each.pod.ready and not own.isdisjoint(each.pod.addresses) for each in facts.workers)


def has_own_connection(facts: Facts, view: PodView) -> bool | None:
    """Whether the application holds a connection to the head's client port; None: not seen."""
    if view.process is None or not isinstance(view.process.connections, Seen):
        return None
    if not facts.heads or not all(head.pod.addresses for head in facts.heads):
        return None
    wanted = {(ip, port) for ip in _head_addresses(facts) for port in _ports(view)}
    found = any(_endpoint(each) in wanted for each in view.process.connections.value)
    _, address = view.has("RAY_ADDRESS")
    hidden = address is not None and address.text is None
    if found or not _may_lead_to_the_head(facts, view):
        return None if hidden and not found else found  # a hidden address may name another port
    return None


def _may_lead_to_the_head(facts: Facts, view: PodView) -> bool:
    """Whether it has a connection to a client port, and which Service's address that is is open."""
    name = facts.cluster.head_service if facts.cluster else ""
    service = (facts.services or {}).get(name)
    known = service is not None and bool(service.endpoints)
    if known or view.process is None or not isinstance(view.process.connections, Seen):
        return False
    ports = {port for _, port in map(_endpoint, view.process.connections.value)}
    return not ports.isdisjoint(_ports(view))


def _head_addresses(facts: Facts) -> set[str]:
    """The head pod's IPs, and the cluster IP of a head service that leads to nothing else."""
    ips = {_ip(each) for view in facts.heads for each in view.pod.addresses}
    for service in (facts.services or {}).values():
        if service.endpoints and {_ip(each) for each in service.endpoints} <= ips:
            ips = ips | {_ip(each) for each in service.cluster_ips}
    return ips


def _ports(view: PodView) -> set[int]:
    _, value = view.has("RAY_ADDRESS")
    url = parse_url(value.text) if value is not None and value.text else None
    return {url.port if url and url.port else CLIENT_PORT}


def _endpoint(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return _ip(host.strip("[]")), int(port) if port.isdecimal() else 0


def _ip(text: str) -> str:
    """An address in one spelling; IPv4 inside IPv6 as IPv4, as dual-stack sockets show it."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    inner = getattr(address, "ipv4_mapped", None)
    return str(inner or address)
