"""The machine's side of a cluster's network: one veth pair, and which index is free."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network

from localcluster.addresses import HIGHEST_INDEX, Veth
from localcluster.commands import output_of, succeeds
from localcluster.errors import CommandFailed, StartFailed


def free_index(used: Iterable[int], links: Iterable[str], networks: Iterable[IPv4Network]) -> int:
    """Return the lowest index whose link and addresses nobody has."""
    taken, names, present = set(used), set(links), list(networks)
    for index in range(HIGHEST_INDEX + 1):
        veth = Veth(index)
        inside = IPv4Address(veth.inside_address)
        clash = any(inside in network for network in present)
        if index not in taken and veth.outside not in names and not clash:
            return index
    raise StartFailed(
        "no free address is left in 172.31.255.0/24",
        mend="end clusters with: scripts/cluster down --name NAME; or look at: ip address",
    )


def machine_links() -> list[str]:
    """List the names of this machine's links."""
    return [name for _, name in socket.if_nameindex()]


def machine_networks() -> list[IPv4Network]:
    """List the networks that this machine has an address in."""
    found = []
    for link in json.loads(output_of(["ip", "-json", "-4", "address"])):
        for address in link.get("addr_info", ()):
            text = f"{address['local']}/{address['prefixlen']}"
            found.append(IPv4Network(text, strict=False))
    return found


def connect(veth: Veth, pid: int) -> None:
    """Make the pair between the machine and the network namespace of a process.

    There is no route by default inside: nothing there reaches beyond this machine.
    """
    output_of(
        [
            "ip",
            "link",
            "add",
            veth.outside,
            "type",
            "veth",
            "peer",
            "name",
            veth.inside,
            "netns",
            str(pid),
        ]
    )
    output_of(["ip", "address", "add", f"{veth.outside_address}/30", "dev", veth.outside])
    output_of(["ip", "link", "set", veth.outside, "up"])
    enter = ["nsenter", "--target", str(pid), "--net", "ip"]
    output_of([*enter, "address", "add", f"{veth.inside_address}/30", "dev", veth.inside])
    output_of([*enter, "link", "set", veth.inside, "up"])


def disconnect(veth: Veth) -> None:
    """Remove the machine's end, and so the pair, when it is there."""
    if veth.outside not in machine_links():
        return
    removed = succeeds(["ip", "link", "del", veth.outside])
    # The kernel removes it by itself when the other end's namespace goes, perhaps just now.
    if not removed and veth.outside in machine_links():
        raise CommandFailed(f"the link {veth.outside} cannot be removed")
