"""Telemetry on disk to flows: the one place where sources, formats and flows are put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from coldtrail.config import Settings
from coldtrail.detectors.detector import Parser
from coldtrail.errors import ConfigError
from coldtrail.formats.detect import parser_for
from coldtrail.pipeline import flows_from
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from coldtrail.sources.files import FileSource

Progress = Callable[[str, int, int], None]
"""Told of progress: the stage, how much is done, and how much there is (0 where unknown)."""

PathLike = str | Path
_TELL_BYTES = 2**20


def silent(stage: str, done: int, total: int) -> None:
    """Takes progress and shows none."""


def with_limits(learned: Settings, own: Settings | None) -> Settings:
    """The settings that a bundle learned with, under the limits of the reader's own settings, if any."""
    return learned if own is None else msgspec.structs.replace(learned, limits=own.limits)


class Reading(NamedTuple):
    """Flows to be read once, and the tally that fills meanwhile."""

    flows: Iterator[Flow]
    tally: Tally


class Telemetry(NamedTuple):
    """Documents to be read once, what parses them, and the tally that fills meanwhile."""

    documents: Iterator[Document]
    parser: Parser
    tally: Tally


def read_flows(
    input: Sequence[PathLike] | PathLike, settings: Settings, format_name: str, progress: Progress = silent
) -> Reading:
    """The flows of files and folders; raises `SourceError` for a path that does not exist."""
    documents, parser, tally = read_documents(input, settings, format_name, progress)
    return Reading(flows_from(documents, parser, settings, tally), tally)


def read_documents(
    input: Sequence[PathLike] | PathLike, settings: Settings, format_name: str, progress: Progress = silent
) -> Telemetry:
    """The documents of files and folders; raises `SourceError` for a path that does not exist."""
    paths = [input] if isinstance(input, str | Path) else list(input)
    if not paths:
        raise ConfigError("No input is named; give at least one file or folder.")
    tally = Tally()
    parser = parser_for(format_name, settings, tally.counts)
    meter = _Meter(progress)
    source = FileSource(paths, limits=settings.limits, tally=tally, on_bytes=meter)
    meter.total = source.total_bytes
    return Telemetry((document for document, _ in source.read()), parser, tally)


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
        return ConfigError(f"The input holds nothing that can be read: {causes[0]}")
    return ConfigError("The input holds no telemetry; give traces of X-Ray or native events.")


def nothing_usable(tally: Tally) -> ConfigError:
    """The error for input that gave no flow at all: what was wrong with it, in one sentence."""
    read = tally.counts["documents read"]
    causes = tally.sentences()
    if causes:
        return ConfigError(f"The input holds no usable function flow: {causes[0]}")
    if read:
        return ConfigError(
            f"The input holds no usable function flow: {read:,} documents were read, none of a function."
        )
    return ConfigError("The input holds no telemetry; give traces of X-Ray or native events.")
