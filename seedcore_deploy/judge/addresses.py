"""What RAY_ADDRESS and its kin must be: the head service of this RayCluster, at the right port."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from seedcore_deploy.model.contract import (
    CLIENT_PORT,
    DASHBOARD_PORT,
    GCS_PORT,
    SERVE_PORT,
    Role,
)

_URL = re.compile(
    r"^(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?"
    r"(?P<host>\[[0-9A-Fa-f:.%]+\]|[^\s/:?#@\[\]]*)"
    r"(?::(?P<port>\d{1,5}))?(?P<rest>[/?#]\S*)?$"
)
_CONTROL = re.compile(r"\\(?:[nrt]|x[01][0-9a-f])")
"""A control character, as a value is shown (disclosure.py)."""
_OTHER_PORTS = frozenset({GCS_PORT, DASHBOARD_PORT, SERVE_PORT, 8080, 52365})
_PURPOSES = {
    GCS_PORT: "Ray's own GCS",
    CLIENT_PORT: "Ray Client",
    DASHBOARD_PORT: "the dashboard",
    SERVE_PORT: "Ray Serve",
}
_OWN_PORT = {"RAY_SERVE_ADDRESS": SERVE_PORT, "RAY_DASHBOARD_ADDRESS": DASHBOARD_PORT}


@dataclass(frozen=True, slots=True)
class Url:
    """An address in its parts; `port` 0 and `scheme` "" where it has none."""

    scheme: str
    host: str
    port: int


def parse_url(text: str) -> Url | None:
    """The parts of an address; None where it is none."""
    bare = re.sub(r"(\A|://)\*\*\*@", r"\1", text)
    found = _URL.match(bare)
    if found is None or not found["host"]:
        return None
    return Url(found["scheme"] or "", found["host"], int(found["port"] or 0))


@dataclass(frozen=True, slots=True)
class HeadPlace:
    """Where the head of the RayCluster that is meant is reached.

    `aliases` are other Services here that lead to nothing but this head, with their ports.
    `namespace` "" and `ports` empty where they are not known.
    """

    cluster: str
    service: str
    namespace: str = ""
    aliases: Mapping[str, frozenset[int]] = field(default_factory=dict)
    ports: frozenset[int] = frozenset()

    def is_here(self, host: str) -> bool:
        """Whether a host name is the head service's, in any of the forms that DNS takes here."""
        name, rest = _first_label(host), host.rstrip(".").lower().split(".")[1:]
        if name != self.service and name not in self.aliases:
            return False
        if not rest or not self.namespace:
            return True
        return rest[0] == self.namespace and (len(rest) == 1 or rest[1] == "svc")

    def ports_of(self, host: str) -> frozenset[int]:
        """The ports of the Service that the host name means; empty where they are not known."""
        return self.aliases.get(_first_label(host), self.ports)

    def is_other_namespace(self, host: str) -> bool:
        """Whether a host name is a Service's in a namespace that is not this one."""
        parts = host.rstrip(".").lower().split(".")
        named = len(parts) == 2 or (len(parts) > 2 and parts[2] == "svc")
        return bool(self.namespace) and named and parts[1] != self.namespace


def _first_label(host: str) -> str:
    return host.rstrip(".").lower().split(".")[0]


@dataclass(frozen=True, slots=True)
class AddressFault:
    """What is wrong with an address: the rule that says so, and why in a sentence."""

    rule: str
    why: str


def expected_address(variable: str, place: HeadPlace) -> str:
    """What an address variable of a client must be by structure; "" where nothing tells."""
    return {
        "RAY_ADDRESS": f"ray://{place.service}:{CLIENT_PORT}",
        "RAY_SERVE_ADDRESS": f"http://{place.service}:{SERVE_PORT}",
        "RAY_DASHBOARD_ADDRESS": f"http://{place.service}:{DASHBOARD_PORT}",
    }.get(variable, "")


def address_fault(variable: str, text: str, place: HeadPlace | None) -> AddressFault | None:
    """What is wrong with the value of a client's variable; None when nothing is."""
    if variable == "RAY_ADDRESS":
        return _ray_address_fault(text, place)
    if not text:
        return AddressFault("SC101", "it is empty")
    if variable == "RAY_NAMESPACE" and (text != text.strip() or _CONTROL.search(text)):
        return AddressFault("SC102", "it has a blank at an end, or control characters")
    if not variable.endswith("_ADDRESS"):
        return None
    url = parse_url(text)
    if url is None or url.scheme not in ("http", "https"):
        return AddressFault("SC102", "it is no http:// address")
    if fault := _host_fault(url.host, place):
        return fault
    port = url.port or (443 if url.scheme == "https" else 80)
    ports = place.ports_of(url.host) if place else frozenset()
    if ports and port not in ports:
        known, service = ", ".join(map(str, sorted(ports))), _first_label(url.host)
        return AddressFault("SC102", f"service {service} has no port {port} (it has {known})")
    own = _OWN_PORT.get(variable)
    if place and own and port != own and port in _PURPOSES:
        return AddressFault("SC102", f"port {port} is that of {_PURPOSES[port]}, not {own}")
    return None


def _ray_address_fault(text: str, place: HeadPlace | None) -> AddressFault | None:
    if not text:
        return AddressFault("SC104", "it is empty, and ray.init() then starts a private Ray")
    if text in ("local", "auto"):
        where = "starts a private Ray" if text == "local" else "looks for Ray inside the pod"
        return AddressFault("SC104", f"with {text!r} ray.init() {where}")
    url = parse_url(text)
    if url is None:
        return AddressFault("SC104", "it is no address")
    if url.scheme != "ray":
        said = f"its scheme is {url.scheme}://" if url.scheme else "it lacks the scheme ray://"
        return AddressFault("SC104", f"{said}, which is not Ray Client's")
    if "@" in text or re.search(r"[/?#]", text.partition("://")[2]):
        part = "credentials" if "@" in text else "something behind the port"
        return AddressFault("SC104", f"it has {part}, and Ray Client takes host:port alone")
    if not _is_client_port(url.port, place.ports_of(url.host) if place else frozenset()):
        said = f"its port is {url.port}" if url.port else "it has no port"
        return AddressFault("SC104", f"{said}; Ray Client listens on {CLIENT_PORT}")
    return _host_fault(url.host, place)


def _is_client_port(port: int, ports: frozenset[int]) -> bool:
    """10001, or the port that a Service without 10001 has instead."""
    if port == CLIENT_PORT:
        return True
    return CLIENT_PORT not in ports and port in ports - _OTHER_PORTS


def _host_fault(host: str, place: HeadPlace | None) -> AddressFault | None:
    if place is None or place.is_here(host):
        return None
    if place.is_other_namespace(host):
        return AddressFault("SC203", f"host {host} is in another namespace than {place.namespace}")
    return AddressFault(
        "SC203",
        f"host {host} is not {place.service}, the head service of raycluster/{place.cluster}",
    )


def ray_pod_address_fits(role: Role, text: str | None, service: str) -> bool:
    """Whether a head or worker may run with this RAY_ADDRESS (None: unset)."""
    if not text:
        return True
    url = parse_url(text)
    if role is Role.HEAD and text == "auto":
        return True
    if url is None or url.scheme:
        return False
    if role is Role.HEAD:
        return url.host in ("127.0.0.1", "localhost") and url.port > 0
    return url.host.split(".")[0] == service and url.port > 0 if service else True
