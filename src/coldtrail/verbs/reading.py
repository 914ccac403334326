"""Telemetry on disk to flows: the one place where sources, formats and flows are put together."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from coldtrail.alerts.wording.amounts import counted
from coldtrail.assembly.assembling import Expecting
from coldtrail.assembly.from_documents import any_flows_from
from coldtrail.config import Settings
from coldtrail.errors import ColdtrailError, ConfigError
from coldtrail.features.lean import whole
from coldtrail.formats.detect import parser_for
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.formats.watched import Watched
from coldtrail.records.columns import AnyFlow
from coldtrail.records.flow import Flow
from coldtrail.records.tally import EMPTY, Tally
from coldtrail.records.telemetry import Document, Observations, Parser
from coldtrail.sources.files import FileSource
from coldtrail.store.scratch import scratch
from coldtrail.verbs.expecting import is_more_expected
from coldtrail.verbs.shared_flows import flows_in
from coldtrail.verbs.shares import MisledError
from coldtrail.verbs.tasks import ToRead, tasks_for
from coldtrail.verbs.workers import plan

Progress = Callable[[str, int, int], None]
"""Told of progress: the stage, how much is done, and how much there is (0 where unknown)."""

Watch = Callable[[Observations], None]
"""Told what documents tell beside traces."""
PathLike = str | Path
_TELL_BYTES = 2**20


def silent(stage: str, done: int, total: int) -> None:
    """Takes progress and shows none."""


def with_limits(learned: Settings, own: Settings | None) -> Settings:
    """The settings that a bundle learned with, under the limits of the reader's own settings, if any, and
    with the file of countries that these name."""
    if own is None:
        return learned
    baselines = learned.baselines
    if own.baselines.country_file:
        baselines = msgspec.structs.replace(baselines, country_file=own.baselines.country_file)
    return msgspec.structs.replace(learned, limits=own.limits, baselines=baselines)


class Reading(NamedTuple):
    """Flows to be read once, and the tally that fills meanwhile."""

    flows: Iterator[Flow]
    tally: Tally


class AnyReading(NamedTuple):
    """The same, with the steps of flows as columns where that can be."""

    flows: Iterator[AnyFlow]
    tally: Tally


class Telemetry(NamedTuple):
    """Documents to be read once, what parses them, and the tally that fills meanwhile."""

    documents: Iterator[Document]
    parser: Parser
    tally: Tally
    expecting: Expecting


def read_flows(
    input: Sequence[PathLike] | PathLike,
    settings: Settings,
    format_name: str,
    progress: Progress = silent,
    workers: int | None = 1,
    pseudonyms: Pseudonyms | None = None,
) -> Reading:
    """The flows of files and folders; raises `SourceError` for a path that does not exist.

    Several `workers` (one a core for None) give the flows in the same order. Without `pseudonyms`, a key is
    drawn for them.
    """
    flows, tally = read_any_flows(input, settings, format_name, progress, workers, pseudonyms)
    return Reading(map(whole, flows), tally)


def read_any_flows(
    input: Sequence[PathLike] | PathLike,
    settings: Settings,
    format_name: str,
    progress: Progress = silent,
    workers: int | None = 1,
    pseudonyms: Pseudonyms | None = None,
    watch: Watch | None = None,
    tally: Tally | None = None,
) -> AnyReading:
    """The same, for who needs no record of each step; `watch` is told what documents tell beside traces."""
    tally = Tally() if tally is None else tally
    pseudonyms = Pseudonyms() if pseudonyms is None else pseudonyms
    planned = plan(workers, paths_of(input), settings, format_name)

    def alone() -> Iterator[AnyFlow]:
        read = read_documents(input, settings, format_name, progress, tally, pseudonyms)
        return flows_told_by(read, settings, watch)

    if planned.workers > 1:
        reading = what_to_read(input, format_name, settings, pseudonyms)
        shared = flows_in(
            tasks_for(planned.workers, "flows", reading), tally, progress, planned.bytes, pseudonyms
        )
        return AnyReading(_or_alone(shared, alone), tally)
    return AnyReading(alone(), tally)


def flows_told_by(read: Telemetry, settings: Settings, watch: Watch | None) -> Iterator[AnyFlow]:
    """The flows of documents; what is too much for memory lies on disk meanwhile."""
    with scratch() as store:
        yield from any_flows_from(
            read.documents,
            read.parser,
            settings,
            read.tally,
            store,
            expecting=read.expecting,
            watch=watch,
        )


def _or_alone(shared: Iterator[AnyFlow], alone: Callable[[], Iterator[AnyFlow]]) -> Iterator[AnyFlow]:
    """The flows of workers; where these cannot share them, those of one, which are the same."""
    given = 0
    try:
        for flow in shared:
            given += 1
            yield flow
    except MisledError:
        if given:
            reason = "Workers cannot tell the traces of this telemetry apart; give --workers 1."
            raise ColdtrailError(reason) from None
        yield from alone()


def read_documents(
    input: Sequence[PathLike] | PathLike,
    settings: Settings,
    format_name: str,
    progress: Progress = silent,
    tally: Tally | None = None,
    pseudonyms: Pseudonyms | None = None,
) -> Telemetry:
    """The documents of files and folders; raises `SourceError` for a path that does not exist."""
    paths = paths_of(input)
    if not paths:
        raise ConfigError("No input is named; give at least one file or folder.")
    tally = Tally() if tally is None else tally
    parser: Parser = parser_for(format_name, settings, tally.counts, pseudonyms)
    meter = _Meter(progress)
    source = FileSource(paths, limits=settings.limits, tally=tally, on_bytes=meter)
    parser = Watched(parser, source.outcomes.note)
    meter.total = source.total_bytes

    def expecting() -> bool:
        return is_more_expected(
            FileSource(paths, limits=settings.limits, tally=Tally()), format_name, settings
        )

    return Telemetry((document for document, _ in source.read()), parser, tally, expecting)


def paths_of(input: Sequence[PathLike] | PathLike) -> list[PathLike]:
    """The paths, of which there may be one alone."""
    return [input] if isinstance(input, str | Path) else list(input)


def what_to_read(
    input: Sequence[PathLike] | PathLike, format_name: str, settings: Settings, pseudonyms: Pseudonyms
) -> ToRead:
    """The same for workers."""
    return ToRead([os.fsencode(path) for path in paths_of(input)], format_name, settings, pseudonyms.key)


class _Meter:
    """Adds up bytes, and tells of them a mebibyte at a time."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._done = self._told = 0
        self.total = 0

    def __call__(self, more: int) -> None:
        self._done += more
        if self._done - self._told >= _TELL_BYTES:
            self._told = self._done
            self._progress("reading", self._done, self.total)


def nothing_readable(tally: Tally) -> ConfigError:
    """The error for input in which no document could be read: what was wrong with it, in one sentence."""
    causes = tally.sentences()
    if causes:
        return ConfigError(f"The input holds nothing that can be read: {_in_one(causes)}")
    return ConfigError("The input holds no telemetry; give traces, CloudTrail records or Lambda's reports.")


def check_readable(tally: Tally) -> None:
    """Raises `ConfigError` where no document could be read, but for answers that hold none."""
    if not tally.counts["documents parsed"] and not tally.is_quiet:
        raise nothing_readable(tally)


def nothing_usable(tally: Tally) -> ConfigError:
    """The error for input that gave no flow at all: what was wrong with it, in one sentence."""
    if tally.is_quiet:
        return ConfigError(f"There is nothing in it: {of_a_quiet_hour(tally)}")
    parsed, causes = tally.counts["documents parsed"], tally.sentences()
    if parsed:
        were = "was" if parsed == 1 else "were"
        read = f"{counted(parsed, 'document')} {were} read, none of a function"
        causes = [f"{read}; `coldtrail inspect` tells what is there", *causes]
    if causes:
        return ConfigError(f"The input holds no usable function flow: {_in_one(causes)}")
    return ConfigError("The input holds no telemetry; give traces, CloudTrail records or Lambda's reports.")


def of_a_quiet_hour(tally: Tally) -> str:
    """What is said of input that was read and holds nothing."""
    number = tally.counts[EMPTY]
    were = "was read, and it is" if number == 1 else "were read, and all are"
    return f"{counted(number, 'answer')} {were} empty, as of a quiet hour or of another place."


def _in_one(sentences: Sequence[str]) -> str:
    """The sentences in one."""
    return f"{'; '.join([one.removesuffix('.') for one in sentences])}."
