"""Whether pull sources may be read: each is asked for a little, and nothing is taken from others by it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from coldtrail.alerts.wording.amounts import counted, duration
from coldtrail.config import LimitSettings
from coldtrail.errors import ConfigError, SourceError
from coldtrail.records.intake import PullSource
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from coldtrail.registry import LIVE_SOURCES, load
from coldtrail.service.settings import SourceTable
from coldtrail.sources.aws.looking import queue_depth
from coldtrail.sources.context import SourceContext
from coldtrail.verbs.doctor.finding import Finding, fine, noted, to_mend

MOST_DOCUMENTS = 2_000
MOST_S = 8.0
"""Of asking one source."""
_MOST_BYTES = 32 * 2**20
_PAUSE_S = 0.1

Clock = Callable[[], float]


class Pulled(NamedTuple):
    """What a source answered."""

    findings: list[Finding]
    documents: list[Document]
    """Some of what it holds."""
    tally: Tally


def ask(
    table: SourceTable,
    limits: LimitSettings,
    environment: Mapping[str, str],
    *,
    most_s: float = MOST_S,
    wall: Clock = time.time,
) -> Pulled:
    """What a pull source answers; of a queue, whose messages others would miss, only how much waits."""
    about, tally = f"source {table.name}", Tally()
    with TemporaryDirectory(prefix="coldtrail-") as folder:
        context = SourceContext(table.name, limits, tally, environment, Path(folder))
        try:
            queue = getattr(table.settings, "queue", "")
            source: PullSource = load(LIVE_SOURCES, table.kind, "source")(table.settings, context)
            if queue:
                source.close()
                return Pulled([_of_queue(about, table, context)], [], tally)
            documents, newest = _some(source, most_s)
        except (ConfigError, SourceError) as error:
            return Pulled([to_mend(about, str(error))], [], tally)
    findings = [_answered(about, documents, newest, wall())]
    findings += [noted(about, sentence) for sentence in tally.sentences()]
    return Pulled(findings, documents, tally)


def _some(source: PullSource, most_s: float) -> tuple[list[Document], float | None]:
    """Some documents, and when the newest of them was recorded; raises `SourceError`."""
    documents: list[Document] = []
    newest: float | None = None
    size, until = 0, time.monotonic() + most_s
    try:
        while time.monotonic() < until and len(documents) < MOST_DOCUMENTS and size < _MOST_BYTES:
            batch = source.fetch()
            if batch is None:
                if documents or not getattr(source, "is_behind", False):
                    break
                time.sleep(_PAUSE_S)
                continue
            documents += batch.documents
            size += sum([len(one.payload) for one in batch.documents])
            newest = max(filter(None, (newest, batch.newest)), default=None)
    finally:
        source.close()
    return documents, newest


def _answered(about: str, documents: list[Document], newest: float | None, now: float) -> Finding:
    if not documents:
        return noted(
            about,
            "It may be read, and holds nothing new.",
            "Wait for telemetry, or correct what it names if there should be some.",
        )
    age = f", the newest of them {duration(max(0.0, now - newest))} old" if newest is not None else ""
    return fine(about, f"It may be read: {counted(len(documents), 'document')} were looked at{age}.")


def _of_queue(about: str, table: SourceTable, context: SourceContext) -> Finding:
    depth = queue_depth(table.settings, context)
    waiting = counted(depth.waiting, "message")
    if depth.may_receive is None:
        told = f"The queue answers, and {waiting} wait; reading was not tried, for that would touch them."
        return fine(about, told)
    return fine(about, "The queue may be read, and nothing waits in it.")
