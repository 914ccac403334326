"""A server that goes away, a line that is cut, and who holds the lock."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from coldtrail.errors import ConfigError, StoreError
from coldtrail.store.database import Changes, Database
from coldtrail.store.databases import open_database
from tests.store.cut_line import CutLine
from tests.store.kept import alert_row, make_checkpoint
from tests.store.postgresql_server import PostgresqlServer

module = pytest.importorskip("coldtrail.store.postgresql", reason="no driver of PostgreSQL is installed here")
CHANGES = Changes(alerts=(alert_row("a1"),), counts={"commits": 1}, checkpoint=make_checkpoint())


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RETRY_S", 0.5)


@pytest.fixture
def url(postgresql: PostgresqlServer) -> str:
    return postgresql.fresh()


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = open_database(url)
    yield opened
    opened.close()


@pytest.fixture
def line(postgresql: PostgresqlServer) -> Iterator[CutLine]:
    opened = CutLine(postgresql.port)
    yield opened
    opened.close()


def test_a_server_that_went_away_is_told_and_used_again(
    postgresql: PostgresqlServer, database: Database
) -> None:
    database.commit(CHANGES)
    for _ in range(2):
        postgresql.stop()
        try:
            for _ in range(2):
                with pytest.raises(StoreError, match=r"the database cannot be used: .*look at the server"):
                    database.commit(CHANGES)
                with pytest.raises(StoreError, match="the database cannot be used"):
                    database.alert("a1")
        finally:
            postgresql.start()
    database.commit(CHANGES)
    assert database.counts() == {"commits": 2}


def test_a_connection_that_was_ended_is_made_anew(
    postgresql: PostgresqlServer, database: Database, url: str
) -> None:
    database.commit(CHANGES)
    assert database.counts() == {"commits": 1}
    postgresql.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid()",
        url.rpartition("/")[2],
    )
    with pytest.raises(StoreError):
        database.commit(CHANGES)
    with pytest.raises(StoreError):
        database.counts()
    database.commit(CHANGES)
    assert database.counts() == {"commits": 2}


@pytest.mark.parametrize("heard", [True, False])
def test_a_line_that_is_cut_at_the_commit_leaves_no_doubt(
    postgresql: PostgresqlServer, line: CutLine, url: str, heard: bool
) -> None:
    database = open_database(postgresql.url(url.rpartition("/")[2], line.port))
    database.commit(CHANGES)
    line.word, line.passes_it_on = b"COMMIT", heard
    if heard:
        database.commit(CHANGES)
    else:
        with pytest.raises(StoreError):
            database.commit(CHANGES)
        assert database.counts() == {"commits": 1}
        database.commit(CHANGES)
    assert line.word == b""
    assert database.counts() == {"commits": 2}
    database.close()


@pytest.mark.parametrize("word", [b"BEGIN", b"INSERT INTO coldtrail.counts", b"INSERT INTO coldtrail.alerts"])
def test_a_line_that_is_cut_before_leaves_nothing(
    postgresql: PostgresqlServer, line: CutLine, url: str, word: bytes
) -> None:
    database = open_database(postgresql.url(url.rpartition("/")[2], line.port))
    line.word, line.passes_it_on = word, True
    with pytest.raises(StoreError):
        database.commit(CHANGES)
    assert database.counts() == {}
    database.commit(CHANGES)
    assert database.counts() == {"commits": 1}
    database.close()


def test_a_service_whose_lock_went_to_another_writes_no_more(
    postgresql: PostgresqlServer, line: CutLine, url: str
) -> None:
    first = open_database(postgresql.url(url.rpartition("/")[2], line.port))
    line.word = b"BEGIN"
    with pytest.raises(StoreError):
        first.commit(CHANGES)
    second = open_database(url)
    with pytest.raises(ConfigError, match="another service is using this database"):
        first.commit(CHANGES)
    second.commit(CHANGES)
    second.close()
    first.commit(CHANGES)
    assert first.counts() == {"commits": 2}
    first.close()


def test_states_take_no_more_room_than_a_few(
    postgresql: PostgresqlServer, database: Database, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_VACUUM_BYTES", 4_000_000)
    for number in range(30):
        database.commit(Changes(checkpoint=make_checkpoint(number, 1_000_000)))
    name = url.rpartition("/")[2]
    size = "SELECT pg_total_relation_size('coldtrail.checkpoints')"
    ((taken,),) = postgresql.execute(size, name)
    assert taken < 9_000_000
    assert postgresql.execute("SELECT count(*) FROM coldtrail.checkpoints", name) == [(2,)]
    database.prune(before=0.0, decided_before=0.0)


def test_a_database_of_others_is_left_alone(postgresql: PostgresqlServer, url: str) -> None:
    name = url.rpartition("/")[2]
    postgresql.execute("CREATE SCHEMA coldtrail; CREATE TABLE coldtrail.guests (name text)", name)
    with pytest.raises(ConfigError, match="holds other things than Coldtrail's"):
        open_database(url)
    postgresql.execute("DROP TABLE coldtrail.guests", name)
    open_database(url).close()


def test_commits_wait_for_the_disk_even_where_the_server_would_not(
    postgresql: PostgresqlServer, url: str
) -> None:
    name = url.rpartition("/")[2]
    postgresql.execute(f"ALTER DATABASE {name} SET synchronous_commit = off", name)
    database = open_database(url)
    with database._engine.writing() as session:  # type: ignore[attr-defined]
        assert session.rows("SHOW synchronous_commit") == [("on",)]
    database.close()


def test_no_secret_is_told() -> None:
    assert (
        module.name_of("postgresql://me:secret@host:5433/alerts?sslmode=require")
        == "postgresql://host:5433/alerts"
    )
    with pytest.raises(ConfigError, match="cannot be read; write postgresql://") as told:
        open_database("postgresql://me:secret@host:port:/x?y=secret")
    assert "secret" not in str(told.value)
    with pytest.raises(StoreError) as told_too:
        open_database("postgresql://me:secret@127.0.0.1:1/alerts")
    assert "secret" not in str(told_too.value)


def test_a_driver_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "coldtrail.store.postgresql", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match=r"pip install 'coldtrail\[postgresql\]'"):
        open_database("postgresql://host/alerts")
