"""Brings the schema of a database to a version, step by step, each step whole or not at all."""

from __future__ import annotations

from coldtrail.errors import ConfigError
from coldtrail.store.engine import Engine, Session


def version_of(engine: Engine, name: str) -> int | None:
    """The version of the schema; None where the database is empty. Raises `ConfigError` where it holds
    something else."""
    with engine.reading() as session:
        return _version(session, engine, name)


def _version(session: Session, engine: Engine, name: str) -> int | None:
    queries = engine.sql.queries
    if session.rows(queries["has_schema"])[0][0]:
        return int(session.rows(queries["schema"])[0][0])
    if session.rows(queries["is_empty"])[0][0]:
        return None
    raise ConfigError(f"{name}: this database holds other things than Coldtrail's; name another.")


def check_schema(engine: Engine, name: str) -> None:
    """Raises `ConfigError` where the schema is not the one that this Coldtrail knows."""
    version, known = version_of(engine, name), engine.sql.version
    if version is None:
        raise ConfigError(f"{name}: there is nothing in this database yet; `coldtrail watch` fills it.")
    _refuse_newer(version, known, name)
    if version < known:
        raise ConfigError(
            f"{name}: the database is of schema version {version}, this Coldtrail needs {known}: start "
            "`coldtrail watch` once, which brings it there."
        )


def migrate(engine: Engine, name: str, to: int | None = None) -> None:
    """Brings the schema up, or down, to a version (None: the latest); what both versions hold stays.

    Raises `ConfigError` where the database is of a newer version than is known, or holds something else.
    """
    sql = engine.sql
    to = sql.version if to is None else to
    if version_of(engine, name) is None:
        with engine.writing() as session:
            session.run(sql.queries["make_schema"])
            session.run(sql.queries["begin_schema"])
    version = version_of(engine, name) or 0
    _refuse_newer(version, sql.version, name)
    while version != to:
        step, following = (
            (sql.up[version + 1], version + 1) if version < to else (sql.down[version], version - 1)
        )
        with engine.writing() as session:
            for statement in step:
                session.run(statement)
            session.run(sql.queries["set_schema"], {"version": following})
        version = following


def _refuse_newer(version: int, known: int, name: str) -> None:
    if version > known:
        raise ConfigError(
            f"{name}: the database is of schema version {version}, this Coldtrail knows up to {known}: "
            "install the newer Coldtrail again, or name another database."
        )
