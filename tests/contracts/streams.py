"""Telemetry as it comes: documents by their start, the recorded runs changed so that there is something to
tell."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from coldtrail.assembly.from_documents import flows_from
from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.formats.detect import parser_for
from coldtrail.learning.train import learn
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from coldtrail.testing import make_flow
from coldtrail_testbed.recorded import recorded_run
from tests.detectors.drift.lives import USUAL, life
from tests.verbs.telemetry_files import native_events

DAY_S = 86_400.0
MOST_SEGMENTS = 3_500
RUNS = ("airline-benign", "vod-benign")


class Piece(NamedTuple):
    """A document, when it begins, when it ends, and the trace that it is of."""

    start: float
    end: float
    trace: str
    document: Document


class Stream(NamedTuple):
    """What a model has learned, and documents that come later, by their start."""

    model: Model
    pieces: list[Piece]


def flows_of(documents: Iterable[Document]) -> list[Flow]:
    """The flows of all documents, by their start."""
    settings, tally = Settings(), Tally()
    parser = parser_for("auto", settings, tally.counts)
    flows = flows_from(documents, parser, settings, tally)
    return sorted(flows, key=lambda flow: (flow.start_time, flow.function_flow_id))


@cache
def recorded(name: str) -> Stream:
    """A recorded run as it was learned, and again a day later: from the middle on its most frequent functions
    are silent, slower, start otherwise and do something new."""
    segments = list(islice(_segments(name), MOST_SEGMENTS))
    model = learn(flows_of(map(_document, segments)), Settings()).model
    later = [one for one in map(_Changes(segments).changed, segments) if one is not None]
    return Stream(model, sorted((_piece(one) for one in later), key=lambda piece: piece.start))


def _segments(name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(recorded_run(name)) as lines:
        for line in lines:
            for segment in json.loads(line)["Segments"]:
                yield json.loads(segment["Document"])


def _document(segment: dict[str, Any]) -> Document:
    return Document(json.dumps(segment).encode(), "run", segment["id"])


def _piece(segment: dict[str, Any]) -> Piece:
    start, end = segment["start_time"], segment.get("end_time", segment["start_time"])
    below = [one["start_time"] for one in segment.get("subsegments", ())]
    return Piece(min([start, *below]), end, segment["trace_id"], _document(segment))


class _Changes:
    """What becomes of segments a day later, by the function that they are of."""

    def __init__(self, segments: list[dict[str, Any]]) -> None:
        starts = sorted(one["start_time"] for one in segments)
        self._middle = starts[len(starts) // 3]
        functions = Counter(one["name"] for one in segments if one.get("origin") == "AWS::Lambda::Function")
        (self._silent, self._slower, self._new) = [name for name, _ in functions.most_common(3)]

    def changed(self, segment: dict[str, Any]) -> dict[str, Any] | None:
        """The segment a day later; None where it does not come."""
        after = segment["start_time"] > self._middle
        later = _moved(segment, DAY_S)
        if not after or segment.get("origin") != "AWS::Lambda::Function":
            return later
        if segment["name"] == self._silent:
            return None
        if segment["name"] == self._slower:
            later["end_time"] += 0.03
        if segment["name"] == self._new and int(segment["id"], 16) % 9 == 0:
            _call_otherwise(later)
        return later


def _moved(segment: dict[str, Any], seconds: float) -> dict[str, Any]:
    times = {key: segment[key] + seconds for key in ("start_time", "end_time") if key in segment}
    below = [_moved(one, seconds) for one in segment.get("subsegments", ())]
    return segment | times | ({"subsegments": below} if below else {})


def _call_otherwise(segment: dict[str, Any]) -> None:
    for one in segment.get("subsegments", ()):
        if one.get("namespace") == "aws":
            one["aws"]["operation"] = "DeleteItem"
        _call_otherwise(one)


@cache
def _lived() -> Model:
    return learn(life(8), Settings()).model


def lived(seed: int, hours: float = 8) -> Stream:
    """An invented life, and another a day later whose mails stop and whose orders do something new."""
    flows = life(hours, seed, "n", after=24 * 3600.0)
    cut = flows[len(flows) // 3].start_time
    kept = [flow for flow in flows if flow.function_name == "Order" or flow.start_time < cut]
    for number, flow in enumerate(kept):
        if flow.start_time > cut and number % 5 == 0:
            new = make_flow(
                [*USUAL_AND_NEW], flow_id=flow.function_flow_id, start=flow.start_time, error=flow.error
            )
            kept[number] = new
    pieces = [
        Piece(line["start_time"], line["end_time"], flow.application_flow_id, _line(line))
        for flow in kept
        for line in native_events(flow)
    ]
    return Stream(_lived(), sorted(pieces, key=lambda piece: piece.start))


USUAL_AND_NEW = (USUAL, ("PutObject", "S3", "loot", 0.01))


def _line(event: dict[str, Any]) -> Document:
    return Document(msgspec.json.encode(event), "lines", event["event_id"])
