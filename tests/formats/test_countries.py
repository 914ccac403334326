from __future__ import annotations

import os
import sys
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.errors import ConfigError
from coldtrail.formats import countries as module
from coldtrail.formats.countries import Countries, countries_in
from tests.fixtures.countries import NETWORKS, countries, write_countries


def opened(path: Path) -> Countries:
    found = countries_in(str(path))
    assert found is not None
    return found


@pytest.mark.parametrize("bits", [24, 28, 32])
@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("203.0.113.7", "DE"),
        ("198.51.100.1", "US"),
        ("198.51.100.200", None),
        ("192.0.2.1", "FR"),
        ("192.0.3.1", None),
        ("2001:db8::1", "JP"),
        ("10.0.0.1", None),
    ],
)
def test_the_country_of_an_address(tmp_path: Path, bits: int, address: str, country: str | None) -> None:
    path = write_countries(tmp_path / "countries.mmdb", NETWORKS, bits)
    assert opened(path).of(ip_address(address)) == country


def test_without_a_file_no_countries_are_known() -> None:
    assert countries_in("") is None


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"country_file: .*absent\.mmdb: there is no such file\."):
        countries_in(str(tmp_path / "absent.mmdb"))
    with pytest.raises(ConfigError, match="cannot be read"):
        countries_in(str(tmp_path))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not at all" * 1_000,
        countries()[:-30],
        countries()[40:],
        # A tree that leads out of the file.
        b"\xff" * 60 + countries()[60:],
        countries().replace(b"Krecord_size\xc4\x00\x00\x00\x18", b"Krecord_size\xc4\x00\x00\x00\x17"),
    ],
)
def test_a_damaged_file_is_told_in_one_sentence(tmp_path: Path, data: bytes) -> None:
    assert data != countries()
    path = tmp_path / "countries.mmdb"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=r"countries\.mmdb: this is no whole file in the format of MaxMind"):
        countries_in(str(path))


def test_a_file_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_BYTES", 100)
    with pytest.raises(ConfigError, match="100 bytes at most"):
        countries_in(str(write_countries(tmp_path / "large.mmdb")))


def test_a_tree_that_leads_out_of_the_file_anywhere_is_found(tmp_path: Path) -> None:
    whole = countries({"203.0.113.0/24": {"country": {"iso_code": "DE"}}})
    at = whole.index(bytes(16), 700) - 3
    path = tmp_path / "countries.mmdb"
    path.write_bytes(whole[:at] + b"\xff\xff\xff" + whole[at + 3 :])
    with pytest.raises(ConfigError, match="no whole file"):
        countries_in(str(path))


@given(st.lists(st.tuples(st.integers(0, len(countries()) - 1), st.integers(0, 255)), max_size=6))
def test_damage_anywhere_is_refused_or_costs_countries_alone(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(countries())
    for place, value in changes:
        data[place] = value
    path = tmp_path_factory.mktemp("damaged") / "countries.mmdb"
    path.write_bytes(data)
    try:
        found = opened(path)
    except ConfigError:
        return
    for address in ("203.0.113.7", "198.51.100.1", "192.0.2.1", "192.0.3.1", "2001:db8::1"):
        told = found.of(ip_address(address))
        assert told is None or len(told) == 2


def test_a_file_that_is_replaced_is_read_anew(tmp_path: Path) -> None:
    path = write_countries(tmp_path / "countries.mmdb")
    before = opened(path)
    assert opened(path) is before
    write_countries(path, {"203.0.113.0/24": {"country": {"iso_code": "AT"}}})
    assert opened(path).of(ip_address("203.0.113.7")) == "AT"
    assert before.of(ip_address("203.0.113.7")) == "DE"


def test_without_the_library_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "maxminddb", None)
    with pytest.raises(ConfigError, match=r"pip install 'coldtrail\[places\]'"):
        countries_in(str(write_countries(tmp_path / "countries.mmdb")))


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mmdb")
    for path in (tmp_path / "pipe.mmdb", tmp_path):
        with pytest.raises(ConfigError, match="no regular file"):
            countries_in(str(path))
