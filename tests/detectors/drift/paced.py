"""Runs of an invented application whose steps take their time, and what is told of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from math import inf
from random import Random
from typing import NamedTuple

from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.following import Following, Found
from coldtrail.detectors.drift.learning import learn_baselines
from coldtrail.detectors.drift.readings import readings_of
from coldtrail.detectors.drift.runs import Judged
from coldtrail.detectors.drift.step_learning import learn_step_times
from coldtrail.features.batch import Encoded
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.records.verdict import Verdict
from coldtrail.testing import START, Call, make_flow

READ, ASK, WRITE = "GetItem", "POST", "PutItem"
DAY_S = 86_400.0
Late = Callable[[float, str], float]
"""How many times as long a step takes, by when and which."""


def usual(at: float, step: str) -> float:
    """As long as always."""
    return 1.0


def runs(
    number: int,
    seed: int,
    late: Late = usual,
    *,
    start: float = START,
    every_s: float = 300.0,
    function: str = "Order",
) -> list[Flow]:
    """Runs that read, ask a host with a long tail, and write."""
    random = Random(seed)
    out, at = [], start
    for place in range(number):
        at += random.expovariate(1 / every_s)
        calls: list[Call] = [
            (READ, "DynamoDB", "Stock", 0.003 * random.lognormvariate(0.0, 0.3) * late(at, READ)),
            (ASK, "remote", "pay.example", 0.2 * random.lognormvariate(0.0, 0.6) * late(at, ASK)),
            (WRITE, "DynamoDB", "Orders", 0.01 * random.lognormvariate(0.0, 0.3) * late(at, WRITE)),
        ]
        out.append(make_flow(calls, flow_id=f"{function}{seed}-{place:06d}", function=function, start=at))
    return out


class Taught(NamedTuple):
    """What runs teach."""

    words: Vocabulary
    baselines: ShiftBaselines


def taught(flows: Sequence[Flow], weighing: Callable[[Encoded], Encoded] = lambda flows: flows) -> Taught:
    """What flows teach, as many as they are or as they stand for."""
    words = Vocabulary()
    learn_words(flows, words)
    encoded = weighing(encode(flows, words))
    baselines = learn_baselines(readings_of(encoded))
    steps = learn_step_times(encoded, baselines.functions)
    return Taught(words, replace(baselines, step_times=steps))


@cache
def ordinary() -> Taught:
    """What 1,200 ordinary runs teach."""
    return taught(runs(1_200, 1))


def following(known: Taught, flows: Sequence[Flow], batch: int = 1_000, anomalous: str = "") -> Following:
    """The flows, followed; the one of the id is anomalous."""
    stage = Following(known.baselines, known.words)
    for first in range(0, len(flows), batch):
        stage.push([judged(known, flows[first : first + batch], anomalous)])
        stage.advance(flows[min(first + batch, len(flows)) - 1].start_time)
    stage.advance(inf)
    return stage


def judged(known: Taught, flows: Sequence[Flow], anomalous: str = "") -> Judged:
    """Flows none of which is strange by itself, but those whose id begins so."""
    verdicts = [
        Verdict(
            flow.function_flow_id,
            flow.application_flow_id,
            *flow.key,
            flow.start_time,
            "anomalous" if anomalous and flow.function_flow_id.startswith(anomalous) else "normal",
            0.0,
            1.0,
            1.0,
        )
        for flow in flows
    ]
    return Judged(encode(flows, known.words), flows, verdicts)


def told(known: Taught, flows: Sequence[Flow], batch: int = 1_000) -> list[Found]:
    """The shifts of flows."""
    return following(known, flows, batch).found


def from_then(since: float, times: float, *steps: str) -> Late:
    """Some steps take so many times as long from some time on; without any, all do."""

    def late(at: float, step: str) -> float:
        return times if at >= since and (not steps or step in steps) else 1.0

    return late
