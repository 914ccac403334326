"""Places of databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail.errors import ConfigError
from coldtrail.store.database import Changes
from coldtrail.store.databases import open_database


def test_a_path_and_an_address_of_sqlite_are_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a b" / "coldtrail.db"
    for number, place in enumerate((path, str(path), f"sqlite:///{path}")):
        database = open_database(place)
        assert database.counts() == ({"x": number} if number else {})
        database.commit(Changes(counts={"x": 1}))
        database.close()


@pytest.mark.parametrize("place", ["mysql://root:secret@host/db", "sqlite://host/file", "://", "secret://x"])
def test_other_addresses_are_refused_without_their_secrets(place: str) -> None:
    with pytest.raises(ConfigError, match="there is no such database; name a path") as told:
        open_database(place)
    assert "root:" not in str(told.value)


def test_what_cannot_be_opened_holds_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "coldtrail.db"
    path.write_bytes(b"no database" * 99)
    for _ in range(2):
        with pytest.raises(ConfigError, match="no database of SQLite"):
            open_database(path)
