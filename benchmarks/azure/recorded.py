"""Demand on recorded telemetry: the airline of the testbed, whose traces tell who called whom.

Its X-Ray traces are read by the parser, assembled to flows and counted to windows as the product does. Three
recordings in a row are learned and a fourth is judged: with a sale, in which traces of ten half hours come in
one, and with attacks, in which somebody starts one function himself four times as often again. What he starts
are the recorded segments of that function alone, as traces that nobody else is in.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from math import inf

import msgspec
import numpy as np

from benchmarks.azure.figures import Figure, share
from coldtrail.assembly.from_documents import flows_from
from coldtrail.assembly.windows import Windows
from coldtrail.config import BaselineSettings, Settings
from coldtrail.detectors.rates.detector import RatesDetector
from coldtrail.formats.detect import parser_for
from coldtrail.records.encounter import Encounter
from coldtrail.records.flow import Flow
from coldtrail.records.signal import Signal
from coldtrail.records.stage import State
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from coldtrail_testbed.recorded import recorded_run

_RUN = "airline-benign"
ENTRY = "ProcessBooking"
CHILDREN = ("ReserveBooking", "CollectPayment", "ConfirmBooking", "NotifyBooking", "IngestLoyalty")
"""Functions of which a known one starts nearly all runs, with whose counts they are judged."""
_LEARNED = 3
_HALF_HOUR_S = 1_800.0
_SALE, _ATTACK = 10, 5
_HALVES = 7
"""Whole half hours of the recording."""
_AFTER_S = 3_600.0


def rows() -> Iterator[tuple[str, Figure, str]]:
    """What is to be told of the children, with its figure and the wanted one."""
    state = learned()
    usual, sales = told(state, [], 0), [told(state, sale(half), half) for half in range(_HALVES)]
    yield "as it was: functions called that alarm", _alarming([usual], CHILDREN), ""
    yield "sale x10: functions called that alarm", _alarming(sales, CHILDREN), ".01"
    others = sorted({one.function_name for one in benign()} - {*CHILDREN, ENTRY})
    yield "... others that alarm, behind an API", _alarming(sales, others), ""
    once = [[any(one.finding.subject.kind == "application" for one in some)] for some in sales]
    yield "sale x10: told as an application", share(once), ""
    found = [
        [
            any(_is_demand(one, name) for one in told(state, attack(name, half), half))
            for half in range(_HALVES)
        ]
        for name in CHILDREN
    ]
    yield "x5 on one of them for 30 minutes", share(found), ".97"


def learned() -> State:
    """What the detector knows after some recordings in a row."""
    made = RatesDetector(BaselineSettings())
    made.see(_seen(one for number in range(_LEARNED) for one in _later(benign(), number * _span())), inf)
    return made.snapshot()


def told(state: State, more: Iterable[Flow], half: int) -> list[Signal]:
    """What is told alone of one more recording with what is added to it in a half hour."""
    made = RatesDetector(BaselineSettings())
    made.restore(state)
    later = _later([*benign(), *more], _LEARNED * _span())
    until = _begin() + _LEARNED * _span() + half * _HALF_HOUR_S + _HALF_HOUR_S + _AFTER_S
    return [one for one in made.see(_seen(later), inf) if one.alone and one.at <= until]


def sale(half: int) -> list[Flow]:
    """The traces of nine other half hours, as if they had begun in this one; some come twice."""
    found: list[Flow] = []
    for number in range(1, _SALE):
        other = (half + number) % _HALVES
        shift = (half - other) * _HALF_HOUR_S + number / 10
        traces = {one.application_flow_id for one in benign() if _half(one) == other}
        found += _later([one for one in benign() if one.application_flow_id in traces], shift)
    return found


def attack(name: str, half: int) -> list[Flow]:
    """What somebody starts who starts this function himself, all through a half hour."""
    own = by_itself(name)
    random = np.random.default_rng(half)
    number = (_ATTACK - 1) * max(sum(one.function_name == name for one in _of_half(half)), 1)
    found: list[Flow] = []
    for place in random.integers(0, len(own), number).tolist():
        at = _begin() + half * _HALF_HOUR_S + random.random() * _HALF_HOUR_S
        found += _later([own[place]], at - own[place].start_time)
    return found


@cache
def benign() -> tuple[Flow, ...]:
    """The flows of the recording."""
    return tuple(_assembled(_lines()))


@cache
def by_itself(name: str) -> tuple[Flow, ...]:
    """The flows of one function, had somebody started it himself."""
    return tuple(_assembled(_alone(name)))


def _lines() -> list[bytes]:
    return gzip.decompress(recorded_run(_RUN).read_bytes()).splitlines()


def _alone(name: str) -> Iterator[bytes]:
    for line in _lines():
        trace = json.loads(line)
        segments = [json.loads(one["Document"]) for one in trace["Segments"]]
        mine = [one for one in segments if one["name"] == name]
        known = {one["id"] for one in mine}
        for one in mine:
            if one.get("parent_id") not in known:
                one.pop("parent_id", None)
        if mine:
            trace["Segments"] = [{"Id": one["id"], "Document": json.dumps(one)} for one in mine]
            yield json.dumps(trace).encode()


def _assembled(lines: Iterable[bytes]) -> list[Flow]:
    documents = [Document(line, f"recorded {number}") for number, line in enumerate(lines)]
    settings = Settings()
    return list(flows_from(documents, parser_for("xray", settings), settings, Tally()))


def _seen(flows: Iterable[Flow]) -> list[Encounter]:
    windows = Windows(Settings())
    windows.push(flows)
    found = [Encounter(one.start_time + one.period_s, one, one.key) for one in windows.advance(inf)]
    return sorted(found, key=lambda one: one.at)


def _later(flows: Iterable[Flow], seconds: float) -> list[Flow]:
    return [
        msgspec.structs.replace(one, start_time=one.start_time + seconds, end_time=one.end_time + seconds)
        for one in flows
    ]


def _begin() -> float:
    first = min(one.start_time for one in benign())
    return first - first % 60.0


def _span() -> float:
    last = max(one.start_time for one in benign())
    return last - last % 60.0 + 60.0 - _begin()


def _half(flow: Flow) -> int:
    return int((flow.start_time - _begin()) // _HALF_HOUR_S)


def _of_half(half: int) -> list[Flow]:
    return [one for one in benign() if _half(one) == half]


def _is_demand(signal: Signal, name: str) -> bool:
    return signal.finding.kind == "demand" and signal.finding.subject.function_name == name


def _alarming(trials: Sequence[list[Signal]], names: Sequence[str]) -> Figure:
    return share(
        [
            [any(one.finding.subject.function_name == name for one in some) for some in trials]
            for name in names
        ]
    )
