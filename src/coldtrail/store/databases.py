"""Opens the database that the settings name."""

from __future__ import annotations

from pathlib import Path

from coldtrail.errors import ConfigError
from coldtrail.store.database import Database
from coldtrail.store.engine import Engine
from coldtrail.store.schema import check_schema, migrate
from coldtrail.store.sql_database import SqlDatabase
from coldtrail.store.sqlite import SqliteEngine

_SQLITE = "sqlite:///"
_POSTGRESQL = ("postgresql://", "postgres://")


def open_database(place: str | Path, *, serving: bool = True) -> Database:
    """The database at a path, `sqlite:///path` or `postgresql://user@host/name`.

    A service makes it where it is missing, brings it to the version that it needs, and holds it alone.
    Whoever looks on beside a running service (`serving` is False) neither makes nor locks anything, but may
    commit as well. Raises `ConfigError` where it is none, another service holds it or its version does not
    fit, `StoreError` where it cannot be reached.
    """
    engine, name = _engine(place, serving)
    try:
        if serving:
            migrate(engine, name)
        else:
            check_schema(engine, name)
    except BaseException:
        engine.close()
        raise
    return SqlDatabase(engine)


def _engine(place: str | Path, serving: bool) -> tuple[Engine, str]:
    if isinstance(place, Path) or "://" not in place:
        return SqliteEngine(Path(place), serving=serving), str(place)
    if place.startswith(_SQLITE):
        path = Path(place.removeprefix(_SQLITE))
        return SqliteEngine(path, serving=serving), str(path)
    if place.startswith(_POSTGRESQL):
        return _postgresql(place, serving)
    raise ConfigError(
        f"{place.partition(':')[0]}: there is no such database; name a path, sqlite:///path or "
        "postgresql://user@host/name."
    )


def _postgresql(url: str, serving: bool) -> tuple[Engine, str]:
    try:
        from coldtrail.store.postgresql import PostgresqlEngine
    except ImportError:
        raise ConfigError(
            "A PostgreSQL database needs a driver: run pip install 'coldtrail[postgresql]'."
        ) from None
    engine = PostgresqlEngine(url, serving=serving)
    return engine, engine.name
