"""Networks and the countries that they stand for."""

import json
from ipaddress import ip_address, ip_network
from pathlib import Path
from random import Random

import pytest

from coldtrail_testbed.account.networks import (
    COUNTRIES_FILE,
    FAR,
    HEAD_OFFICE,
    NETWORKS,
    NETWORKS_FILE,
    VISITORS,
    address_in,
    far_away,
    write_networks,
)


def test_an_address_lies_in_its_network_and_networks_overlap_nowhere() -> None:
    for network in NETWORKS:
        addresses = {address_in(network, number) for number in range(300)}
        assert len(addresses) == 254
        assert all(ip_address(one) in ip_network(network.cidr) for one in addresses)
    nets = [ip_network(network.cidr) for network in NETWORKS]
    assert sum(one.overlaps(other) for one in nets for other in nets) == len(nets)


def test_addresses_look_public_but_for_the_visitors() -> None:
    for network in NETWORKS:
        assert ip_address(address_in(network, 7)).is_global is (network is not VISITORS)


def test_nobody_of_the_account_is_far_away() -> None:
    far = {network.country for network in FAR}
    assert not far & {network.country for network in NETWORKS if network not in FAR}
    address = ip_address(far_away(Random(1)))
    assert any(address in ip_network(network.cidr) for network in FAR)


def test_what_stands_for_what_is_told_in_two_files(tmp_path: Path) -> None:
    maxminddb = pytest.importorskip("maxminddb")
    write_networks(tmp_path)
    told = json.loads((tmp_path / NETWORKS_FILE).read_text())["networks"]
    assert {one["cidr"]: one["country"] for one in told}[HEAD_OFFICE.cidr] == "DE"
    with maxminddb.open_database(tmp_path / COUNTRIES_FILE) as countries:
        for network in NETWORKS:
            found = countries.get(address_in(network, 200))
            assert found == {"country": {"iso_code": network.country}}
        assert countries.get("8.8.8.8") is None
        assert countries.get("2001:db8::1") is None
