"""A file of countries, read by those who know the format."""

from pathlib import Path

import pytest

from coldtrail_testbed.account.country_file import country_file

maxminddb = pytest.importorskip("maxminddb")


@pytest.mark.parametrize("mode", ["MODE_AUTO", "MODE_FILE"])
def test_networks_of_both_versions_have_their_country(tmp_path: Path, mode: str) -> None:
    countries = {"203.0.113.0/24": "DE", "203.0.112.128/25": "FR", "2001:db8::/32": "JP"}
    path = tmp_path / "countries.mmdb"
    path.write_bytes(country_file(countries))
    with maxminddb.open_database(path, getattr(maxminddb, mode)) as found:
        for address, country in (("203.0.113.200", "DE"), ("203.0.112.200", "FR"), ("2001:db8::7", "JP")):
            assert found.get(address) == {"country": {"iso_code": country}}
        assert found.get("203.0.112.1") is None
        assert (found.metadata().database_type, found.metadata().ip_version) == ("testbed-Country", 6)
