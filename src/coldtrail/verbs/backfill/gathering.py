"""Gathers what sources hold, and remembers after each batch where it was, so that it can be stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random

import msgspec
from msgspec import Struct

from coldtrail.alerts.wording.amounts import counted
from coldtrail.config import Settings
from coldtrail.errors import ConfigError, SourceError
from coldtrail.formats.detect import tells_besides
from coldtrail.records.intake import Batch, PullSource
from coldtrail.records.tally import Tally
from coldtrail.service.feeds import pull_sources
from coldtrail.service.settings import SourceTable
from coldtrail.sources.polling import Pauses
from coldtrail.store.held_documents import HeldDocuments
from coldtrail.store.whole_file import write_whole
from coldtrail.verbs.reading import Progress

DOCUMENTS, REACHED = "documents", "reached.json"
_LEAST_FREE = 2**30
_MOST_TRIES = 8
_QUIET_S = 1.0
_PAUSE_S = 0.05
_LOOKED_INTO = 64
_CONFIRM_BYTES = 16 * 2**20
_CONFIRM_S = 2.0


class Reached(Struct):
    """How far it came."""

    days: float
    since: float
    """From when on it was asked for, UTC epoch seconds."""
    size: int = 0
    """Of the documents."""
    count: int = 0
    positions: dict[str, bytes] = {}
    done: list[str] = []
    """Sources that gave all they hold."""
    tells_besides: bool = False
    """Whether any document tells of runs beside their traces."""


class Gathering:
    """What is gathered in a folder, from where it was stopped."""

    def __init__(
        self,
        folder: Path,
        days: float,
        settings: Settings,
        *,
        wall: Callable[[], float] = time.time,
        pauses: Pauses | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Raises `ConfigError` where another number of days was begun."""
        self._file = folder / REACHED
        self._settings, self._wall, self._sleep = settings, wall, sleep
        self._pauses, self._random = pauses or Pauses(), Random()  # noqa: S311 - jitter
        self.reached = _read(self._file) or Reached(days, wall() - days * 86_400.0)
        if self.reached.days != days:
            raise ConfigError(
                f"A backfill of {self.reached.days:g} days was begun; go on with --days "
                f"{self.reached.days:g}, or begin anew with --again."
            )
        self.is_resumed = bool(self.reached.positions)
        self.documents = HeldDocuments(folder / DOCUMENTS, self.reached.size, _LEAST_FREE)
        self._tells = tells_besides("auto", settings)
        self.tally = Tally()
        self.notes: list[str] = []

    def gather(self, tables: Sequence[SourceTable], environment: Mapping[str, str], tell: Progress) -> None:
        """Asks each source for all that it holds.

        Raises `SourceError` where one may not be read, once the others are gathered, and a retryable one
        where one has failed many times in a row: both can be gone on with."""
        refused: SourceError | None = None
        for source, tally in pull_sources(tables, self._settings.limits, self._file.parent, environment):
            settings = next(one.settings for one in tables if one.name == source.name)
            self.tally = tally
            if source.name in self.reached.done:
                continue
            before = self.reached.count
            try:
                self._drain(source, getattr(settings, "settle_s", 0.0) + _QUIET_S, tell)
            except SourceError as error:
                if error.retryable:
                    raise
                refused = refused or _refused(source.name, error)
                continue
            finally:
                source.close()
                self._confirm()
            self.reached.done.append(source.name)
            self._confirm()
            self.notes += [f"{source.name}: {sentence}" for sentence in tally.sentences()]
            self.notes.append(f"{source.name}: {counted(self.reached.count - before, 'document')} gathered.")
        if refused is not None:
            raise refused

    def _drain(self, source: PullSource, quiet_s: float, tell: Progress) -> None:
        position = self.reached.positions.get(source.name)
        if position is not None:
            source.resume(position)
        confirmed, at = self.documents.size, time.monotonic()
        quiet: float | None = None
        looked, began = 0, self._wall()
        tell(f"{source.name}", 0, 0)
        while True:
            batch = self._fetched(source)
            if batch is None:
                now = time.monotonic()
                quiet = quiet or now
                if not getattr(source, "is_behind", False) and now - quiet >= quiet_s:
                    return
                self._sleep(_PAUSE_S)
                continue
            quiet = None
            self._take(source.name, batch, look=looked < _LOOKED_INTO)
            looked += len(batch.documents)
            self._told(source.name, batch, tell)
            if self._is_now(source, batch, began):
                return
            if self.documents.size - confirmed > _CONFIRM_BYTES or time.monotonic() - at > _CONFIRM_S:
                self._confirm()
                confirmed, at = self.documents.size, time.monotonic()

    def _is_now(self, source: PullSource, batch: Batch, began: float) -> bool:
        """Whether the source has given what it held when it was asked first; more comes all the time."""
        reaches = batch.newest is not None and batch.newest >= began
        return reaches and not batch.more and not getattr(source, "is_behind", False)

    def _fetched(self, source: PullSource) -> Batch | None:
        failures = 0
        while True:
            try:
                return source.fetch()
            except SourceError as error:
                failures += 1
                if not error.retryable or failures >= _MOST_TRIES:
                    raise
                self._confirm()
                self._sleep(self._pauses.after(error, failures, self._random))

    def _take(self, name: str, batch: Batch, *, look: bool) -> None:
        self.documents.add(batch.documents)
        self.reached.count += len(batch.documents)
        self.reached.positions[name] = batch.position
        if look and not self.reached.tells_besides:
            self.reached.tells_besides = any(map(self._tells, batch.documents))

    def _told(self, name: str, batch: Batch, tell: Progress) -> None:
        if batch.newest is not None:
            span = max(1, int(self._wall() - self.reached.since))
            tell(f"{name}", min(span, max(0, int(batch.newest - self.reached.since))), span)

    def _confirm(self) -> None:
        """On disk first the documents, then up to where they are."""
        self.reached.size = self.documents.confirm()
        write_whole(self._file, [msgspec.json.encode(self.reached)], durable=True)


def _refused(name: str, error: SourceError) -> SourceError:
    told = str(error).removesuffix(".")
    return SourceError(f"{told}; then run the same again, or leave it out: --without {name}.")


def _read(path: Path) -> Reached | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Reached)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError):
        raise ConfigError(f"{path}: it cannot be read; begin anew with --again.") from None
