"""SQLite: one file, one service, and whoever looks on."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from coldtrail.errors import ColdtrailError, ConfigError, StoreError
from coldtrail.store.engine import Connections, Values
from coldtrail.store.sql_file import sql_file

_BUSY_S, _PATIENCE_MS = 30.0, 200
_OWNER_ONLY = 0o600
_CREATE = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
_JOURNAL_BYTES = 2**26
_VACUUM_PAGES = 2_000
_SETTINGS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"PRAGMA journal_size_limit = {_JOURNAL_BYTES}",
    "PRAGMA trusted_schema = OFF",
)


class SqliteEngine:
    """A file of SQLite, which only its owner may read.

    A service holds a lock beside it; raises `ConfigError` where another does.
    """

    def __init__(self, path: Path, *, serving: bool) -> None:
        self.sql = sql_file("sqlite")
        self._path = path
        if not serving and not path.is_file():
            raise ConfigError(f"{path}: there is no database there yet; `coldtrail watch` makes it.")
        self._lock = _locked(path) if serving else -1
        self._readers = Connections(self._connected)
        self._writer: sqlite3.Connection | None = None
        self._write_lock = Lock()

    @contextmanager
    def reading(self) -> Iterator[SqliteSession]:
        """Lends a connection for queries."""
        with self._told(), self._readers.lend() as connection:
            yield SqliteSession(connection)

    @contextmanager
    def writing(self) -> Iterator[SqliteSession]:
        """Lends the connection that writes, for one transaction."""
        with self._write_lock, self._told():
            if self._writer is None:
                self._writer = self._connected()
            writer = self._writer
            try:
                writer.execute("BEGIN IMMEDIATE")
                yield SqliteSession(writer)
                writer.execute("COMMIT")
            except BaseException:
                # Closing undoes what was begun, whatever has become of the connection.
                self._writer = None
                writer.close()
                raise

    def wrote_state(self, size: int) -> None:
        """The next state takes the pages of the one that went."""

    def tidy(self) -> None:
        """Gives the pages that are free back to the file system, some at a time."""
        while True:
            with self._write_lock, self._told(), self._readers.lend() as connection:
                if not connection.execute("PRAGMA freelist_count").fetchone()[0]:
                    break
                # As a script, since `execute` would take the first of its steps only: one page.
                connection.executescript(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})")
        with self._told(), self._readers.lend() as connection:
            # Whoever reads for long is not waited for, since commits would wait as well.
            connection.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            connection.execute(f"PRAGMA busy_timeout = {round(1000 * _BUSY_S)}")

    def close(self) -> None:
        """Closes all connections and lets go of the lock."""
        with self._write_lock:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
            self._readers.close()
            if self._lock >= 0:
                os.close(self._lock)
                self._lock = -1

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            if not connection.execute("PRAGMA page_count").fetchone()[0]:
                # Only before the first table, so that freed pages can be given back; later it would write.
                connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            for setting in _SETTINGS:
                connection.execute(setting).fetchall()
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turns errors of the driver into ours."""
        try:
            yield
        except sqlite3.Error as error:
            raise _told_of(error, self._path) from None


class SqliteSession:
    """A connection while it is lent."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, statement: str, values: Values | None = None) -> list[tuple[Any, ...]]:
        """What a query gives."""
        return self._connection.execute(statement, values or {}).fetchall()

    def run(self, statement: str, values: Values | None = None) -> int:
        """Runs a statement; how many rows it changed."""
        return max(0, self._connection.execute(statement, values or {}).rowcount)

    def run_all(self, statement: str, values: Iterable[Values]) -> None:
        """Runs a statement once for each of the values."""
        self._connection.executemany(statement, values)


def _told_of(error: sqlite3.Error, path: Path) -> ColdtrailError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code == sqlite3.SQLITE_NOTADB:
        return ConfigError(f"{path}: this is no database of SQLite; name another file.")
    remedy = {
        sqlite3.SQLITE_FULL: "make room on the disk",
        sqlite3.SQLITE_READONLY: "let this user write it",
        sqlite3.SQLITE_CANTOPEN: "let this user read and write it and its folder",
        sqlite3.SQLITE_BUSY: "another process is writing for too long",
        sqlite3.SQLITE_CORRUPT: "put a copy back",
    }.get(code, "look at the disk")
    return StoreError(f"{path}: the database cannot be used: {error}: {remedy}.")


def _locked(path: Path) -> int:
    """Makes the file where it is missing, and holds the lock beside it."""
    beside = path.with_name(path.name + ".lock")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(beside, _CREATE | os.O_NOFOLLOW, _OWNER_ONLY)
    except OSError as error:
        raise StoreError(
            f"{path}: the database cannot be held there: {error.strerror}; let this user write the folder."
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not path.exists():
            os.close(os.open(path, _CREATE, _OWNER_ONLY))
    except BlockingIOError:
        os.close(lock)
        raise ConfigError(
            f"{path}: another service is using this database; stop it first, or name another."
        ) from None
    except OSError as error:
        os.close(lock)
        raise StoreError(
            f"{path}: the database cannot be made: {error.strerror}; let this user write the folder."
        ) from None
    return lock


def _unwritable(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{path}: the database cannot be held there: {error.strerror}; let this user write the folder."
    )
