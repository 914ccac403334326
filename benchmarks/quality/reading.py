"""Recorded runs as flows, labels and look-alikes; what was read last is kept in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from benchmarks.recorded import Run
from coldtrail.config import Settings
from coldtrail.learning.evaluate import Label
from coldtrail.records.flow import Flow
from coldtrail.verbs.reading import read_flows

Line = TypeVar("Line")


class LookAlikeFlow(Struct, frozen=True):
    """One line of `look_alikes.jsonl`."""

    function_flow_id: str
    look_alike: str


class Window(Struct, frozen=True):
    """When a look-alike was at work, and in which functions."""

    begin: float
    end: float | None
    functions: tuple[str, ...]


class RunFacts(Struct, frozen=True):
    """What is needed of `run.json`."""

    look_alike_windows: dict[str, Window] = {}


@dataclass(frozen=True)
class Read:
    """A run, read."""

    flows: list[Flow]
    """In the order of their start."""
    labels: dict[str, Label]


@lru_cache(maxsize=12)
def read(run: Run) -> Read:
    """The flows and labels of a run."""
    return Read(flows_of(run.traces), {one.function_flow_id: one for one in lines(run.labels, Label)})


def flows_of(traces: Path) -> list[Flow]:
    """The flows of a file of traces in the order of their start."""
    flows, _ = read_flows([traces], Settings(), "auto")
    return sorted(flows, key=lambda flow: (flow.start_time, flow.function_flow_id))


def lines(path: Path, kind: type[Line]) -> list[Line]:
    """The records of a file of JSON lines."""
    decode = msgspec.json.Decoder(kind).decode
    return [decode(line) for line in path.read_bytes().splitlines() if line.strip()]


def look_alike_flows(run: Run) -> list[LookAlikeFlow]:
    """Which flows lie in which look-alike's window."""
    return lines(run.folder / "look_alikes.jsonl", LookAlikeFlow)


def windows(run: Run) -> dict[str, Window]:
    """The look-alikes of a run by name."""
    return msgspec.json.decode(run.summary.read_bytes(), type=RunFacts).look_alike_windows


def moved(flow: Flow, seconds: float, suffix: str = "") -> Flow:
    """The flow so many seconds later; a suffix makes its ids new."""
    return msgspec.structs.replace(
        flow,
        start_time=flow.start_time + seconds,
        end_time=flow.end_time + seconds,
        function_flow_id=flow.function_flow_id + suffix,
        application_flow_id=flow.application_flow_id + suffix,
        events=tuple(
            msgspec.structs.replace(
                event,
                start_time=event.start_time + seconds,
                end_time=event.end_time + seconds,
            )
            for event in flow.events
        ),
    )


def in_order(flows: Sequence[Flow]) -> list[Flow]:
    """The flows in the order of their start."""
    return sorted(flows, key=lambda flow: (flow.start_time, flow.function_flow_id))
