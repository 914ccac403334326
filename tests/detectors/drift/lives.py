"""Runs of an invented application, some of which record what they do."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np

from coldtrail.detectors.drift.learning import learn_baselines
from coldtrail.detectors.drift.pauses import Pauses, learn_pauses
from coldtrail.detectors.drift.readings import readings_of
from coldtrail.detectors.drift.stopping import Stopping
from coldtrail.detectors.drift.watch import Found
from coldtrail.features.batch import Encoded
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import START, Call, make_flow

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


def taught(flows: Sequence[Flow]) -> tuple[Encoded, Vocabulary, Pauses]:
    """What flows teach of pauses."""
    words = Vocabulary()
    learn_words(flows, words)
    encoded = encode(flows, words)
    return encoded, words, learn_pauses(encoded, words, learn_baselines(readings_of(encoded)).functions)


def stopped(
    pauses: Pauses,
    words: Vocabulary,
    flows: Sequence[Flow],
    *,
    alarmed: Sequence[str] = (),
    batch: int = 1000,
) -> list[Found]:
    """What is missed in flows."""
    stopping = Stopping(pauses, words)
    for first in range(0, len(flows), batch):
        stopping.take(encode(flows[first : first + batch], words))
    readings = readings_of(encode(flows, words))
    told = np.array([flow.function_flow_id in alarmed for flow in flows], np.int64)
    return stopping.found(readings, told, np.argsort(readings.start, kind="stable"))
