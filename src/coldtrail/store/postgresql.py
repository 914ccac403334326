"""PostgreSQL: a database for a team, one service at a time, and whoever looks on."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from coldtrail.errors import ConfigError, StoreError
from coldtrail.store.engine import Connections, Values
from coldtrail.store.sql_file import sql_file

_Connection = psycopg.Connection[tuple[Any, ...]]
_SERVICE = 0x636F6C64747261
"""The key of the advisory lock that a service holds in its database."""
_RETRY_S, _PAUSE_S = 5.0, 0.1
"""How long a lock, or the fate of a commit, is asked for: a server learns late that a client is dead."""
_OLDEST = 130_000
_VACUUM_BYTES = 2**28
_OPTIONS: dict[str, Any] = {
    "application_name": "coldtrail",
    "client_encoding": "utf8",
    "connect_timeout": 10,
    # A network that drops everything is noticed within a minute.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_SETTINGS = (
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'",
    # So that the server lets go of the lock of a service whose machine is gone.
    "SET tcp_keepalives_idle = 30",
    "SET tcp_keepalives_interval = 10",
    "SET tcp_keepalives_count = 3",
)


class PostgresqlEngine:
    """A database of a PostgreSQL server, in a schema `coldtrail` of its own.

    What a service writes goes over the connection that holds its lock, so that one that has lost the lock
    writes no more. Raises `ConfigError` where another service holds it, `StoreError` where the server cannot
    be reached.
    """

    def __init__(self, url: str, *, serving: bool) -> None:
        self.sql = sql_file("postgresql")
        self._url, self.name = url, name_of(url)
        self._is_serving = serving
        self._readers = Connections(self._connected)
        self._writer: _Connection | None = None
        self._write_lock = Lock()
        self._to_vacuum = 0
        with self._write_lock, self._told():
            self._writer = self._connected_writer()

    @contextmanager
    def reading(self) -> Iterator[PostgresqlSession]:
        """Lends a connection for queries."""
        with self._told(), self._readers.lend() as connection:
            yield PostgresqlSession(connection)

    @contextmanager
    def writing(self) -> Iterator[PostgresqlSession]:
        """Lends the connection that writes, for one transaction."""
        with self._write_lock, self._told():
            if self._writer is None:
                self._writer = self._connected_writer()
            writer = self._writer
            try:
                writer.execute("BEGIN")
                ((transaction,),) = writer.execute("SELECT pg_current_xact_id()::text").fetchall()
                yield PostgresqlSession(writer)
            except BaseException:
                self._undo(writer)
                raise
            self._commit(writer, transaction)

    def wrote_state(self, size: int) -> None:
        """Gives the room of old states back once they are many: the server's own vacuum comes too rarely."""
        self._to_vacuum += size
        if self._to_vacuum >= _VACUUM_BYTES:
            self.tidy()

    def tidy(self) -> None:
        """Gives the room of old states back; that of removed rows is for the server's own vacuum, which holds
        up nobody."""
        self._to_vacuum = 0
        with self._told(), self._readers.lend() as connection:
            connection.execute(b"VACUUM coldtrail.checkpoints")

    def close(self) -> None:
        """Closes all connections, and with them lets go of the lock."""
        with self._write_lock:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
            self._readers.close()

    def _commit(self, writer: _Connection, transaction: str) -> None:
        try:
            writer.execute("COMMIT")
        except psycopg.Error:
            self._undo(writer)
            if not self._is_committed(transaction):
                raise

    def _undo(self, writer: _Connection) -> None:
        """Ends what was begun; a connection that is lost is made anew with the next transaction."""
        with suppress(psycopg.Error):
            writer.rollback()
        if writer.closed:
            self._writer = None

    def _is_committed(self, transaction: str) -> bool:
        """Whether a transaction was committed whose connection was lost before the server's answer came."""
        if self._writer is None:
            self._writer = self._connected_writer()
        until = time.monotonic() + _RETRY_S
        while True:
            ((status,),) = self._writer.execute(
                "SELECT pg_xact_status(%s::text::xid8)", (transaction,)
            ).fetchall()
            if status != "in progress" or time.monotonic() > until:
                return bool(status == "committed")
            time.sleep(_PAUSE_S)

    def _connected_writer(self) -> _Connection:
        connection = self._connected()
        try:
            if self._is_serving:
                self._hold(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _hold(self, connection: _Connection) -> None:
        until = time.monotonic() + _RETRY_S
        while not connection.execute("SELECT pg_try_advisory_lock(%s)", (_SERVICE,)).fetchall()[0][0]:
            if time.monotonic() > until:
                raise ConfigError(
                    f"{self.name}: another service is using this database; stop it first, or name another."
                )
            time.sleep(_PAUSE_S)

    def _connected(self) -> _Connection:
        connection = psycopg.connect(self._url, autocommit=True, **_OPTIONS)
        try:
            if connection.info.server_version < _OLDEST:
                raise ConfigError(f"{self.name}: this server is older than PostgreSQL 13; name a newer one.")
            for setting in _SETTINGS:
                connection.execute(setting.encode())
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turns errors of the driver into ours."""
        try:
            yield
        except psycopg.Error as error:
            why = error.diag.message_primary or str(error).partition("\n")[0] or type(error).__name__
            raise StoreError(
                f"{self.name}: the database cannot be used: {why}: look at the server, then start again."
            ) from None


class PostgresqlSession:
    """A connection while it is lent."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection

    def rows(self, statement: str, values: Values | None = None) -> list[tuple[Any, ...]]:
        """What a query gives."""
        return self._connection.execute(statement.encode(), values, binary=True).fetchall()

    def run(self, statement: str, values: Values | None = None) -> int:
        """Runs a statement; how many rows it changed."""
        return max(0, self._connection.execute(statement.encode(), values).rowcount)

    def run_all(self, statement: str, values: Iterable[Values]) -> None:
        """Runs a statement once for each of the values."""
        with self._connection.cursor() as several:
            several.executemany(statement.encode(), list(values))


def name_of(url: str) -> str:
    """What a database is called in sentences: its address without secrets; raises `ConfigError` where it is
    no address."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error:
        raise ConfigError(
            "The address of the PostgreSQL database cannot be read; write postgresql://user@host:port/name."
        ) from None
    host, port = str(parts.get("host") or ""), str(parts.get("port") or "")
    return f"postgresql://{host}{port and ':'}{port}/{parts.get('dbname') or ''}"
