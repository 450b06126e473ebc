"""Choosing an index: no link and no address that somebody has already."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from localcluster.addresses import HIGHEST_INDEX, Veth
from localcluster.errors import StartFailed
from localcluster.network import free_index


def test_the_first_is_free_on_an_idle_machine() -> None:
    assert free_index([], ["lo", "eth0"], [IPv4Network("10.0.0.0/8")]) == 0


def test_records_links_and_addresses_of_others_are_left_alone() -> None:
    taken = IPv4Network("172.31.255.8/30")
    assert free_index([0], ["lo", "scd1"], [taken]) == 3


def test_a_machine_whose_network_covers_all_of_them_gets_an_error() -> None:
    with pytest.raises(StartFailed, match="no free address"):
        free_index([], [], [IPv4Network("172.31.0.0/16")])


def test_addresses_do_not_overlap() -> None:
    networks = {
        IPv4Network(f"{Veth(index).outside_address}/30", strict=False)
        for index in range(HIGHEST_INDEX + 1)
    }
    assert len(networks) == HIGHEST_INDEX + 1
    assert Veth(1).inside_address == "172.31.255.6"
