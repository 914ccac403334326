"""What a service is sent: a recorded run of a day later, half of it in a file that grows, half by OTLP."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from coldtrail.verbs.training import train
from coldtrail_testbed.recorded import recorded_run
from coldtrail_testbed.telemetry.otlp import export_requests
from coldtrail_testbed.telemetry.spans import spans_of

RUN = "vod-benign"
AFTER_S = 1_000.0
_DAY_S = 86_400.0
_CHANGED = ("dynamo", "mediainfo", "output-validate", "sns-notification")
"""Functions that do something new in every ninth trace."""


class Sent(NamedTuple):
    """One document on its way."""

    at: float
    by: Literal["file", "otlp"]
    payload: bytes


def learned(folder: Path) -> Path:
    """The bundle that the run teaches."""
    train([recorded_run(RUN)], folder / "bundle")
    return folder / "bundle"


def load(most_traces: int = 313) -> list[Sent]:
    """The documents by the time at which they would be sent."""
    sent: list[Sent] = []
    for number, trace in enumerate(_traces()):
        if number == most_traces:
            break
        if number > most_traces // 4 and number % 9 < 2:
            for segment in trace["segments"]:
                if segment["name"] in _CHANGED:
                    _call_otherwise(segment)
        if number % 2:
            some = export_requests(spans_of(trace, {}))
            sent += [Sent(at, "otlp", _json(request)) for at, request in some]
        else:
            sent += [Sent(one["end_time"], "file", _json(one)) for one in trace["segments"]]
    sent.sort(key=lambda one: one.at)
    return [*sent, *_later(sent)]


def _later(sent: list[Sent]) -> Iterator[Sent]:
    """The first function's segment again, long after all else: by then all else is complete."""
    first = next(one for one in sent if one.by == "file" and b"AWS::Lambda::Function" in one.payload)
    for number in (1, 2):
        segment = json.loads(first.payload)
        after = sent[-1].at - segment["end_time"] + number * AFTER_S
        segment |= {"id": f"{number:016x}", "trace_id": f"1-{number:08x}-{number:024x}", "subsegments": []}
        segment |= {key: segment[key] + after for key in ("start_time", "end_time")}
        segment.pop("parent_id", None)
        yield Sent(segment["end_time"], "file", _json(segment))


def _traces() -> Iterator[dict[str, Any]]:
    with gzip.open(recorded_run(RUN)) as lines:
        for line in lines:
            told = json.loads(line)
            segments = [_moved(json.loads(one["Document"])) for one in told["Segments"]]
            yield {"id": told["Id"], "segments": segments}


def _moved(segment: dict[str, Any]) -> dict[str, Any]:
    times = {key: segment[key] + _DAY_S for key in ("start_time", "end_time") if key in segment}
    below = [_moved(one) for one in segment.get("subsegments", ())]
    return segment | times | ({"subsegments": below} if below else {})


def _call_otherwise(segment: dict[str, Any]) -> None:
    for one in segment.get("subsegments", ()):
        if one.get("namespace") == "aws":
            one["aws"]["operation"] = "DeleteItem"
        _call_otherwise(one)


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
