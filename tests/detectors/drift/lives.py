"""Runs of an invented application, some of which record what they do."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from random import Random

import numpy as np

from coldtrail.detectors.drift.absence import Absence, in_order
from coldtrail.detectors.drift.absence_limits import AbsenceLimits, learn_absence_limits
from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.learning import learn_baselines
from coldtrail.detectors.drift.looking import Looking
from coldtrail.detectors.drift.ordering import InOrder
from coldtrail.detectors.drift.readings import readings_of
from coldtrail.detectors.drift.runs import Detection, Judged, Runs
from coldtrail.features.batch import Encoded
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.records.verdict import Verdict
from coldtrail.testing import START, Call, make_flow
from tests.detectors.drift.histories import lying

AUDIT: Call = ("PutItem", "DynamoDB", "Audit", 0.01)
USUAL: Call = ("GetItem", "DynamoDB", "Stock", 0.01)


def life(hours: float, seed: int = 0, prefix: str = "a", *, after: float = 0.0) -> list[Flow]:
    """Orders, of which half are audited and one in ten fails, and mails: 100 an hour, and 50."""
    random = Random(seed)
    out = []
    for function, each_s in (("Order", 36.0), ("Mail", 72.0)):
        now = after
        while (now := now + random.expovariate(1 / each_s)) < after + hours * 3600:
            audited = function == "Order" and random.random() < 0.5
            failed = function == "Order" and random.random() < 0.1
            calls = [USUAL, AUDIT] if audited else [USUAL]
            flow_id = f"{prefix}{function}{len(out):07d}"
            out.append(make_flow(calls, flow_id=flow_id, function=function, start=START + now, error=failed))
    return sorted(out, key=lambda flow: flow.start_time)


def taught(flows: Sequence[Flow]) -> tuple[Encoded, Vocabulary, AbsenceLimits]:
    """What flows teach of absences."""
    words = Vocabulary()
    learn_words(flows, words)
    encoded = encode(flows, words)
    return (
        encoded,
        words,
        learn_absence_limits(encoded, words, learn_baselines(readings_of(encoded)).functions),
    )


def runs_among(
    flows: Sequence[Flow],
    words: Vocabulary,
    limits: AbsenceLimits,
    alarmed: Sequence[str] = (),
    first: int = 0,
) -> Runs:
    """Flows as they are judged, which lie one after another."""
    verdicts = [_verdict(flow, flow.function_flow_id in alarmed) for flow in flows]
    encoded = encode(flows, words)
    looked = Looking(ShiftBaselines(absence_limits=limits)).at(Judged(encoded, flows, verdicts))
    return looked.runs.lying(lying(len(flows), first))


def _verdict(flow: Flow, alarmed: bool) -> Verdict:
    ids = flow.function_flow_id, flow.application_flow_id, *flow.key
    return Verdict(*ids, flow.start_time, "anomalous" if alarmed else "normal", 0.0, 1.0, 1.0)


def stopped(
    limits: AbsenceLimits,
    words: Vocabulary,
    flows: Sequence[Flow],
    *,
    alarmed: Sequence[str] = (),
    batch: int = 1000,
) -> list[Detection]:
    """What is missed in flows of any order: of each thing the last word."""
    absence, order, told = Absence(limits, words), InOrder(), []
    for first in range(0, len(flows), batch):
        some = flows[first : first + batch]
        order.push([runs_among(some, words, limits, alarmed, first)])
    for runs in order.advance(inf):
        for rows in np.array_split(np.arange(len(runs)), -(-len(runs) // batch)):
            told += absence.push([runs.take(rows)])
    told += absence.advance(inf)
    return in_order(list({(one.function, one.effect.kind): one for one in told}.values()))
