"""The database of a service, as its settings name it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coldtrail.service.settings import LiveSettings
from coldtrail.store.database import Database
from coldtrail.store.databases import open_database

FILE = "coldtrail.db"


def database_of(settings: LiveSettings, *, serving: bool = False) -> Database:
    """The database, to be closed by who asked for it."""
    service = settings.service
    return open_database(service.database or Path(service.data) / FILE, serving=serving)


@contextmanager
def opened(settings: LiveSettings, *, serving: bool = False) -> Iterator[Database]:
    """The database, open until the end; beside a running service unless `serving`.

    Raises `ConfigError` where it is none, `StoreError` where it cannot be reached."""
    database = database_of(settings, serving=serving)
    try:
        yield database
    finally:
        database.close()
