from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail.config import BaselineSettings, Settings
from coldtrail.errors import ConfigError
from coldtrail.formats.addresses import NOWHERE, Addresses, Place
from coldtrail.formats.pseudonyms import Pseudonyms
from tests.fixtures.countries import write_countries

KEY = Pseudonyms(b"k" * 32)


def addresses(path: Path | None = None) -> Addresses:
    file = "" if path is None else str(path)
    return Addresses(Settings(baselines=BaselineSettings(country_file=file)), Pseudonyms(b"k" * 32))


@pytest.mark.parametrize(
    ("address", "network", "country"),
    [
        ("203.0.113.7", "203.0.113.0/24", "DE"),
        ("203.0.113.255", "203.0.113.0/24", "DE"),
        ("::ffff:203.0.113.7", "203.0.113.0/24", "DE"),
        ("2001:db8:1:2::3", "2001:db8:1::/48", "JP"),
        ("fe80::1%eth0", "fe80::/48", None),
        ("10.1.2.3", "10.1.2.0/24", None),
    ],
)
def test_an_address_has_a_network_and_a_country(
    tmp_path: Path, address: str, network: str, country: str | None
) -> None:
    found = addresses(write_countries(tmp_path / "countries.mmdb"))[address]
    assert found == Place(KEY[address], None, KEY[network], country)


def test_without_a_file_an_address_has_no_country() -> None:
    assert addresses()["203.0.113.7"] == Place(KEY["203.0.113.7"], None, KEY["203.0.113.0/24"])


def test_services_of_the_cloud_have_neither_address_nor_country(tmp_path: Path) -> None:
    found = addresses(write_countries(tmp_path / "countries.mmdb"))
    assert found["states.amazonaws.com"] == Place(service="states.amazonaws.com")
    assert found["AWS Internal"] == Place(service="AWS Internal")


@pytest.mark.parametrize("text", ["test-invoke-source-ip", "203.0.113.999", "203.0.113.7:80", "a" * 5_000])
def test_what_is_no_address_has_no_network(text: str) -> None:
    assert addresses()[text] == Place(KEY[text])
    assert addresses()[""] is NOWHERE


def test_what_is_remembered_is_bounded() -> None:
    found = addresses()
    found["y" * 65]
    assert not found
    for number in range(50_100):
        found[f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"]
    assert len(found) <= 50_000


def test_a_missing_file_is_told_before_any_address_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        addresses(tmp_path / "absent.mmdb")
