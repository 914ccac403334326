"""Sessions as native events, one run each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from benchmarks.peers.public.split import Session

APART_S = 10.0
"""Seconds from the start of one run to that of the next: the sets give no usable times of their own."""
LEARNED_FROM = 1_700_000_000.0
JUDGED_FROM = 1_760_000_000.0


def write(path: Path, sessions: Iterable[Session], application: str, first: float) -> None:
    """Writes the runs of sessions, the n-th with the id `run-n` from 0, in the order in which they come."""
    encode = msgspec.json.Encoder().encode
    with path.open("wb") as file:
        for number, session in enumerate(sessions):
            start = first + number * APART_S
            for place, step in enumerate(session):
                event = {
                    "application_name": application,
                    "application_flow_id": f"trace-{number}",
                    "function_name": application,
                    "function_flow_id": f"run-{number}",
                    "event_id": f"event-{place:06}",
                    "start_time": start,
                    "end_time": start + step.seconds,
                    "event_name": step.name,
                    "event_type": application,
                    "event_parent_id": None,
                    "event_parent_name": None,
                    "event_target_resource": None,
                }
                file.write(encode(event) + b"\n")


def number_of(flow_id: str) -> int:
    """Which session a run is."""
    return int(flow_id.removeprefix("run-"))
