"""Real receiver processes, and what lies in their spools."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw

from coldtrail.service.receiver_report import PushTable, ReceiverSettings
from coldtrail.service.receiving import Receiving
from coldtrail.sources.listening import Address, address_from
from coldtrail.store.spool_reader import Record, SpoolReader
from tests.sources.serving import until

OTLP = {"listen": "127.0.0.1:0"}
MOST_READ = 2**30


def settings(
    folder: Path, sources: Mapping[str, tuple[str, dict[str, Any]]], **more: Any
) -> ReceiverSettings:
    """Settings with sources by name, each a kind with settings of its own."""
    tables = tuple(
        PushTable(kind, name, Raw(msgspec.json.encode(own))) for name, (kind, own) in sources.items()
    )
    return ReceiverSettings(str(folder), str(folder / "spool"), tables, **more)


@contextmanager
def receiving(
    folder: Path, own: dict[str, Any] = OTLP, *, kind: str = "otlp", **more: Any
) -> Iterator[tuple[Receiving, tuple[Address, ...]]]:
    """A receiver with one source, `push`, and where that listens."""
    one = Receiving(settings(folder, {"push": (kind, own)}, **more))
    one.start()
    try:
        yield one, listening(one)
    finally:
        one.stop()


def listening(one: Receiving, name: str = "push") -> tuple[Address, ...]:
    """Where a source listens, once it does."""
    until(lambda: name in one.status().sources and one.status().sources[name].listening)
    return tuple(address_from(text, name) for text in one.status().sources[name].listening)


def spooled(folder: Path) -> list[Record]:
    """All that lies in the spool."""
    return SpoolReader(folder / "spool").read(None, MOST_READ)
