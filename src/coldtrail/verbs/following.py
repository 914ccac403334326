"""Flows of any order to the shifts among them: a little of each is set aside until all are known."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import partial
from typing import IO
from zlib import crc32

import msgspec
import numpy as np

from coldtrail.alerts.shifts import shifts_from
from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.readings import Readings, readings_of
from coldtrail.detectors.drift.stakes import Reference
from coldtrail.detectors.drift.stopping import Stopping
from coldtrail.detectors.drift.watch import Found, ShiftWatch
from coldtrail.features.batch import Bools, Encoded, Ints
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.records.shift import Shift
from coldtrail.records.verdict import Verdict

ONE_IN = 4
"""Of the flows with nothing rare, those that are kept whole, to be looked at if a shift shows in them.

They are drawn by their ids, so that the order of the input shows nowhere."""
AT_ONCE = 65_536
"""Flows that are followed at once: enough to do much in arrays, few enough for memory."""


class Following:
    """Takes flows as they are judged, and finds the shifts once all are there.

    In memory is about 100 bytes a flow; ids, and some flows whole, lie on disk.
    """

    def __init__(self, baselines: ShiftBaselines, vocabulary: Vocabulary, scratch: IO[bytes]) -> None:
        self._baselines = baselines
        self._vocabulary = vocabulary
        self._scratch = scratch
        self._encode = msgspec.msgpack.Encoder().encode
        self._lengths = array("q")
        self._ends: Ints = np.zeros(1, np.int64)
        self._ties = array("q")
        self._stopping = Stopping(baselines.pauses, vocabulary)
        self._readings: list[Readings] = []
        self._alarmed: list[Bools] = []
        self._kept: list[Bools] = []
        self._whole: Bools = np.zeros(0, np.bool_)
        known = {path for one in baselines.functions.values() for path in one.path_bets}
        self._known = np.array(sorted(known), np.int64)

    def take(self, encoded: Encoded, flows: Sequence[Flow], verdicts: Sequence[Verdict]) -> None:
        """Sets a batch of judged flows aside."""
        readings = readings_of(encoded)
        kept = readings.error.astype(bool) | ~np.isin(readings.path, self._known)
        ties = [crc32(flow.function_flow_id.encode("utf-8", "replace")) for flow in flows]
        kept |= np.array(ties, np.int64) % ONE_IN == 0
        self._readings.append(readings)
        self._stopping.take(encoded)
        self._alarmed.append(np.array([one.verdict == "anomalous" for one in verdicts], np.bool_))
        self._kept.append(kept)
        encode = self._encode
        lines = [
            encode(flow if whole else (flow.function_flow_id, flow.application_flow_id))
            for flow, whole in zip(flows, kept.tolist(), strict=True)
        ]
        self._scratch.write(b"".join(lines))
        self._lengths.extend(map(len, lines))
        self._ties.extend(ties)

    def finish(self) -> tuple[list[Shift], dict[str, Flow]]:
        """The shifts, and the flows to look at first by their id, as far as they were kept."""
        if not self._readings:
            return [], {}
        readings = Readings._make(np.concatenate(column) for column in zip(*self._readings, strict=True))
        alarmed, self._whole = np.concatenate(self._alarmed), np.concatenate(self._kept)
        self._ends = np.cumsum(np.concatenate([[0], np.frombuffer(self._lengths, np.int64)]))
        order = np.lexsort((np.array(self._ties), readings.start))
        watch = ShiftWatch(self._baselines)
        found: list[Found] = []
        for first in range(0, len(order), AT_ONCE):
            some = order[first : first + AT_ONCE]
            found += watch.add(readings.take(some), partial(_place, some), alarmed[some])
        found += self._stopping.found(readings, alarmed, order)
        flows: dict[str, Flow] = {}
        return shifts_from(
            [self._named(one, flows) for one in found], self._baselines, self._vocabulary
        ), flows

    def _named(self, found: Found, flows: dict[str, Flow]) -> Found:
        """The shift with the ids of its flows instead of their places; keeps the flow to look at."""
        places = [int(place) for place, _ in found.references]
        first = int(found.look[0])
        look = next((place for place in (first, *places) if self._whole[place]), first)
        if self._whole[look]:
            flow = msgspec.msgpack.decode(self._line(look), type=Flow)
            flows[flow.function_flow_id] = flow
        references = tuple(self._reference(place) for place in places)
        return msgspec.structs.replace(found, references=references, look=self._reference(look))

    def _reference(self, place: int) -> Reference:
        if self._whole[place]:
            flow = msgspec.msgpack.decode(self._line(place), type=Flow)
            return flow.function_flow_id, flow.application_flow_id
        return msgspec.msgpack.decode(self._line(place), type=tuple[str, str])

    def _line(self, place: int) -> bytes:
        self._scratch.seek(self._ends[place])
        return self._scratch.read(self._ends[place + 1] - self._ends[place])


def _place(order: Ints, at: int) -> Reference:
    """Stands for the ids of a flow while it is not known which will be asked for."""
    return str(order[at]), ""
