"""Schemas go up and down, and what both versions hold stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module

import pytest

from coldtrail.errors import ConfigError, StoreError
from coldtrail.store.database import Changes, Decision
from coldtrail.store.engine import Engine
from coldtrail.store.schema import check_schema, migrate, version_of
from coldtrail.store.sql_database import SqlDatabase
from coldtrail.store.sqlite import SqliteEngine
from tests.store.kept import alert_row, make_case, make_checkpoint, make_delivery, make_verdict

KEPT = Changes(
    checkpoint=make_checkpoint(3),
    verdicts=(make_verdict("v1"),),
    alerts=(alert_row("a1"),),
    cases=(make_case("c1"),),
    counts={"flows": 5},
)
KEPT_FROM_2 = Changes(deliveries=(make_delivery("d1"),), decisions=(Decision(1.0, "b", "close", "a1"),))
TABLES = {
    1: {"checkpoints", "verdicts", "alerts", "cases", "counts"},
    2: {"deliveries", "silences", "decisions"},
}


OURS = {
    "sqlite": "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
    "postgresql": "SELECT tablename::text FROM pg_tables WHERE schemaname = 'coldtrail'",
}


@pytest.fixture(params=OURS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def engine(kind: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    opened: Engine
    if kind == "sqlite":
        opened = SqliteEngine(request.getfixturevalue("tmp_path") / "coldtrail.db", serving=True)
    else:
        place = request.getfixturevalue("postgresql").fresh()
        opened = import_module("coldtrail.store.postgresql").PostgresqlEngine(place, serving=True)
    yield opened
    opened.close()


@pytest.fixture
def tables(kind: str, engine: Engine) -> Callable[[], set[str]]:
    def named() -> set[str]:
        with engine.reading() as session:
            return {name for (name,) in session.rows(OURS[kind])} - {"coldtrail_schema", "schema_version"}

    return named


def test_every_version_is_reached_from_every_other_and_data_stays(
    engine: Engine, tables: Callable[[], set[str]]
) -> None:
    assert version_of(engine, "db") is None
    migrate(engine, "db")
    database = SqlDatabase(engine)
    database.commit(KEPT)
    database.commit(KEPT_FROM_2)
    assert database.decisions() != []
    for version in (1, 2, 1, 2):
        migrate(engine, "db", version)
        assert version_of(engine, "db") == version
        assert tables() == set().union(*(TABLES[one] for one in range(1, version + 1)))
        assert database.checkpoint() == KEPT.checkpoint
        assert tuple(database.verdicts()) == KEPT.verdicts
        assert database.alert("a1") == KEPT.alerts[0]
        assert database.case("c1") == KEPT.cases[0]
        assert database.counts() == KEPT.counts
    assert database.decisions() == []
    database.commit(KEPT_FROM_2)
    assert database.due(1e12, "team", 5) == list(KEPT_FROM_2.deliveries)
    migrate(engine, "db", 0)
    assert tables() == set()
    migrate(engine, "db")
    assert database.counts() == {}


def test_a_step_that_fails_changes_nothing(engine: Engine, tables: Callable[[], set[str]]) -> None:
    migrate(engine, "db", 1)
    good = engine.sql.up[2]
    engine.sql.up[2] = (*good, good[0])
    with pytest.raises(StoreError, match="already exists"):
        migrate(engine, "db")
    assert version_of(engine, "db") == 1
    assert tables() == TABLES[1]
    engine.sql.up[2] = good
    migrate(engine, "db")
    assert version_of(engine, "db") == 2


def test_a_newer_version_is_refused(engine: Engine) -> None:
    migrate(engine, "db")
    with engine.writing() as session:
        session.run(engine.sql.queries["set_schema"], {"version": 99})
    for refused in (migrate, check_schema):
        with pytest.raises(
            ConfigError, match="db: the database is of schema version 99, this Coldtrail knows"
        ):
            refused(engine, "db")


def test_who_looks_on_neither_makes_nor_changes_one(engine: Engine) -> None:
    with pytest.raises(ConfigError, match="nothing in this database yet"):
        check_schema(engine, "db")
    migrate(engine, "db", 1)
    with pytest.raises(
        ConfigError, match="of schema version 1, this Coldtrail needs 2: start `coldtrail watch`"
    ):
        check_schema(engine, "db")
    assert version_of(engine, "db") == 1
    migrate(engine, "db")
    check_schema(engine, "db")
