"""What a kind of SQL database brings: connections that are lent, and its own file of SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from threading import BoundedSemaphore, Lock
from typing import Any, Generic, Protocol, TypeVar

from coldtrail.store.sql_file import SqlFile

Values = Mapping[str, object]
_MOST_READERS = 8


class Session(Protocol):
    """A connection while it is lent."""

    def rows(self, statement: str, values: Values | None = None) -> list[tuple[Any, ...]]:
        """What a query gives."""
        ...

    def run(self, statement: str, values: Values | None = None) -> int:
        """Runs a statement; how many rows it changed."""
        ...

    def run_all(self, statement: str, values: Iterable[Values]) -> None:
        """Runs a statement once for each of the values."""
        ...


class Engine(Protocol):
    """A database that is spoken to in SQL; all errors of its driver leave it as `StoreError`."""

    sql: SqlFile

    def reading(self) -> AbstractContextManager[Session]:
        """Lends a connection for queries, each of which sees what is committed."""
        ...

    def writing(self) -> AbstractContextManager[Session]:
        """Lends the connection that writes, for one transaction: committed and on disk at the end of the
        block, undone where that raises."""
        ...

    def wrote_state(self, size: int) -> None:
        """Is told of each state that was written, and takes the place of an older one of about this size."""
        ...

    def tidy(self) -> None:
        """Gives room back that removed rows have taken; between transactions."""
        ...

    def close(self) -> None:
        """Closes all connections and lets go of the lock."""
        ...


class Closeable(Protocol):
    """A connection of a driver."""

    def close(self) -> None:
        """Closes it."""
        ...


Connection = TypeVar("Connection", bound=Closeable)


class Connections(Generic[Connection]):
    """Connections that readers share; what fails is closed, and so are those that wait, since they may have
    lost the same database."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._idle: list[Connection] = []
        self._lock = Lock()
        self._room = BoundedSemaphore(_MOST_READERS)
        self._is_closed = False

    @contextmanager
    def lend(self) -> Iterator[Connection]:
        """One that nobody else uses meanwhile."""
        with self._room:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            connection = connection or self._connect()
            try:
                yield connection
            except BaseException:
                connection.close()
                self._close_idle()
                raise
            self._take_back(connection)

    def close(self) -> None:
        """Closes all that are idle, and each that is lent once it is given back."""
        self._is_closed = True
        self._close_idle()

    def _take_back(self, connection: Connection) -> None:
        with self._lock:
            if not self._is_closed:
                self._idle.append(connection)
                return
        connection.close()

    def _close_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
