"""Recorded runs and parts of the local cloud that several tests look at."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from coldtrail_testbed.clock import VirtualClock, shared_clock
from coldtrail_testbed.cloud.foundation import Foundation, lay_foundation
from coldtrail_testbed.recorder import RunSummary, record

START = 1_770_000_000.0


@dataclass(frozen=True)
class Run:
    """A recorded run, read back from its folder."""

    summary: RunSummary
    traces: list[dict[str, Any]]
    labels: list[dict[str, Any]]

    def segments(self, origin: str) -> list[dict[str, Any]]:
        """All segments of one origin."""
        return [
            segment for trace in self.traces for segment in trace["segments"] if segment["origin"] == origin
        ]


def read_run(summary: RunSummary) -> Run:
    """The traces (their documents decoded) and the labels of a run."""
    with gzip.open(summary.output / "traces.jsonl.gz", "rt") as lines:
        traces = [json.loads(line) for line in lines]
    for trace in traces:
        trace["segments"] = [json.loads(segment["Document"]) for segment in trace["Segments"]]
    labels = [json.loads(line) for line in (summary.output / "labels.jsonl").read_text().splitlines()]
    return Run(summary, traces, labels)


@pytest.fixture(scope="session")
def benign_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Sixty users, no attack: enough for declined cards, retries and all timed events."""
    return read_run(record("airline", 60, 11, ["none"], tmp_path_factory.mktemp("runs") / "benign"))


@pytest.fixture(scope="session")
def attacked_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Thirty users, every attack, on half of the invocations."""
    output = tmp_path_factory.mktemp("runs") / "attacked"
    return read_run(record("airline", 30, 12, ["all"], output, attack_share=0.5))


@pytest.fixture(scope="session")
def vod_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Forty uploaders, no attack: enough for mails, failed jobs, metadata files and retries."""
    return read_run(record("vod", 40, 5, ["none"], tmp_path_factory.mktemp("runs") / "vod"))


@pytest.fixture
def clock(tmp_path: Path) -> Iterator[VirtualClock]:
    """A clock that stands at START."""
    with shared_clock(tmp_path / "clock", START) as clock:
        yield clock


@pytest.fixture
def foundation(clock: VirtualClock) -> Foundation:
    """The foundation of a cloud with seed 1."""
    return lay_foundation(clock, 1)
