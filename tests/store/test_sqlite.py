"""The file of SQLite: who may read it, how large it grows, and what is told where it cannot be used."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from coldtrail.errors import ConfigError, StoreError
from coldtrail.store.database import Changes, Database
from coldtrail.store.databases import open_database
from tests.alerts.live_alerts import START
from tests.store.kept import alert_row, make_checkpoint, make_verdict


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "data" / "coldtrail.db")
    yield opened
    opened.close()


def test_nobody_but_the_owner_may_read_it(tmp_path: Path, database: Database) -> None:
    database.commit(Changes(counts={"x": 1}))
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "data").iterdir()} == {0o600}
    assert len(list((tmp_path / "data").iterdir())) == 4


def test_what_it_promises_is_set(database: Database) -> None:
    with database._engine.reading() as session:  # type: ignore[attr-defined]
        assert session.rows("PRAGMA journal_mode") == [("wal",)]
        assert session.rows("PRAGMA synchronous") == [(2,)]
        assert session.rows("PRAGMA auto_vacuum") == [(2,)]


def test_the_file_shrinks_to_what_is_kept(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "data" / "coldtrail.db"
    database.prune(before=START, decided_before=START)
    empty = path.stat().st_size
    sizes = []
    for day in range(4):
        rows = tuple(make_verdict(f"{day}-{n}", day, flow=bytes(20_000)) for n in range(300))
        for number in range(4):
            database.commit(Changes(verdicts=rows, checkpoint=make_checkpoint(number, 3_000_000)))
        database.prune(before=START + day, decided_before=START)
        sizes.append(path.stat().st_size)
    assert max(sizes) < 1.05 * min(sizes)
    database.commit(Changes(checkpoint=make_checkpoint(1)))
    database.commit(Changes(checkpoint=make_checkpoint(2)))
    database.prune(before=START + 9, decided_before=START)
    assert path.stat().st_size < empty + 100_000
    assert sum(one.stat().st_size for one in path.parent.glob("*-wal")) == 0


def test_who_reads_for_long_holds_up_nothing(tmp_path: Path, database: Database) -> None:
    database.commit(Changes(verdicts=tuple(make_verdict(f"{n}", flow=bytes(9_000)) for n in range(50))))
    other = sqlite3.connect(tmp_path / "data" / "coldtrail.db", isolation_level=None)
    other.execute("BEGIN")
    assert other.execute("SELECT count(*) FROM verdicts").fetchone() == (50,)
    assert database.prune(before=START + 1, decided_before=START) == 50
    database.commit(Changes(counts={"x": 1}))
    assert other.execute("SELECT count(*) FROM verdicts").fetchone() == (50,)
    other.close()
    with database._engine.reading() as session:  # type: ignore[attr-defined]
        assert session.rows("PRAGMA busy_timeout") == [(30_000,)]
    assert list(database.verdicts()) == []


def test_two_checkpoints_are_kept(database: Database) -> None:
    for number in range(4):
        database.commit(Changes(checkpoint=make_checkpoint(number)))
    with database._engine.reading() as session:  # type: ignore[attr-defined]
        assert session.rows("SELECT count(*) FROM checkpoints") == [(2,)]


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("this is a text" * 100)
    with pytest.raises(ConfigError, match="this is no database of SQLite; name another file"):
        open_database(tmp_path / "text")
    with pytest.raises(StoreError, match="cannot be"):
        open_database(tmp_path)
    with pytest.raises(StoreError, match="cannot be held there"):
        open_database(tmp_path / "text" / "coldtrail.db")
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE guests (name TEXT)")
    other.close()
    with pytest.raises(ConfigError, match="holds other things than Coldtrail's"):
        open_database(tmp_path / "other.db")
    assert (tmp_path / "text").read_text() == "this is a text" * 100


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "coldtrail.db"
    database = open_database(path)
    database.commit(Changes(verdicts=tuple(make_verdict(f"{n}", n, flow=bytes(900)) for n in range(500))))
    database.close()
    data = bytearray(path.read_bytes())
    data[8192:] = b"\xff" * (len(data) - 8192)
    path.write_bytes(data)
    with pytest.raises(StoreError, match="put a copy back"):
        list(open_database(path).verdicts())


def test_a_row_that_was_changed_is_told(tmp_path: Path, database: Database) -> None:
    database.commit(Changes(alerts=(alert_row("a1"),)))
    with sqlite3.connect(tmp_path / "data" / "coldtrail.db") as other:
        other.execute("UPDATE alerts SET alert = x'7b7d'")
    other.close()
    with pytest.raises(StoreError, match="A row of the database cannot be read"):
        database.alert("a1")


def test_a_full_disk_stops_a_commit_and_is_forgotten_once_there_is_room(database: Database) -> None:
    engine = database._engine  # type: ignore[attr-defined]
    with engine.writing() as session:
        ((pages,),) = session.rows("PRAGMA page_count")
        session.run(f"PRAGMA max_page_count = {pages + 5}")
    large = msgspec.structs.replace(make_checkpoint(), state=os.urandom(200_000))
    with pytest.raises(StoreError, match="make room on the disk"):
        database.commit(Changes(checkpoint=large, counts={"x": 1}))
    assert database.counts() == {}
    database.commit(Changes(checkpoint=large, counts={"x": 1}))
    assert database.checkpoint() == large


def test_somebody_who_writes_for_too_long_is_told(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coldtrail.store.sqlite._BUSY_S", 0.01)
    other = sqlite3.connect(tmp_path / "data" / "coldtrail.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    beside = open_database(tmp_path / "data" / "coldtrail.db", serving=False)
    with pytest.raises(StoreError, match="another process is writing"):
        beside.commit(Changes(counts={"x": 1}))
    other.close()
    beside.commit(Changes(counts={"x": 1}))
    beside.close()
    assert database.counts() == {"x": 1}


def test_a_closed_one_holds_nothing(tmp_path: Path, database: Database) -> None:
    database.commit(Changes(counts={"x": 1}))
    database.close()
    database.close()
    shutil.copy(tmp_path / "data" / "coldtrail.db", tmp_path / "copy.db")
    copy = open_database(f"sqlite:///{tmp_path}/copy.db")
    assert copy.counts() == {"x": 1}
    copy.close()
