"""Flows that are alike in all but ids and times, and what is worked out once of them."""

from __future__ import annotations

from functools import cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from coldtrail.bundle.model import Model, channel_scores
from coldtrail.config import Settings
from coldtrail.features.alike import alike, parted
from coldtrail.features.encode import encode
from coldtrail.features.encode_columns import Encoder
from coldtrail.features.lean import whole
from coldtrail.learning.train import learn
from coldtrail.records.columns import LeanFlow
from coldtrail.testing import make_flow, make_history
from tests.features.test_lean import lean

HISTORY = make_history(300)
KINDS = [
    HISTORY[0],
    make_flow([("Query", "DynamoDB", "Books", 0.01)], flow_id="a"),
    make_flow([("Query", "DynamoDB", "Books", 0.01)], flow_id="b", trigger="S3 elsewhere"),
    make_flow([("Query", "DynamoDB", "Books", 0.01)], flow_id="c", error=True),
    make_flow([("Query", "DynamoDB", "Books", 0.01)], flow_id="d", function="Never"),
    make_flow([("Scan", "DynamoDB", "Elsewhere", 90.0)], flow_id="e"),
    make_flow([], flow_id="f"),
]


@cache
def model() -> Model:
    """What was learned of the history."""
    return learn(HISTORY, Settings()).model


def made(which: list[tuple[int, float]]) -> list[LeanFlow]:
    """Flows of these kinds, whose last step takes so many seconds more; the same steps are one shape."""
    flows, shapes = [], {}
    for flow in map(lean, KINDS):
        shape = shapes.setdefault(flow.columns.shape.steps, flow.columns.shape)
        flows.append(replace(flow, columns=replace(flow.columns, shape=shape)))
    found = []
    for number, (kind, more) in enumerate(which):
        columns = flows[kind].columns
        ends = columns.ends[:]
        if ends:
            ends[-1] += more
        end = flows[kind].end_time + more
        told = replace(flows[kind], columns=replace(columns, ends=ends), end_time=end)
        found.append(replace(told, function_flow_id=f"{number}"))
    return found


CHOSEN = st.lists(
    st.tuples(st.integers(0, len(KINDS) - 1), st.sampled_from([0.0, 0.0, 0.001, 40.0])),
    min_size=1,
    max_size=60,
)


@settings(max_examples=30, deadline=None)
@given(CHOSEN)
def test_verdicts_are_those_of_flows_judged_one_by_one(which: list[tuple[int, float]]) -> None:
    flows = made(which)
    records = [whole(flow) for flow in flows]
    judged = model().judge_encoded(flows, Encoder(model().vocabulary).encode(flows))
    assert judged == model().judge_encoded(records, encode(records, model().vocabulary))


def test_flows_of_one_shape_are_alike_where_nothing_else_differs() -> None:
    flows = made([(1, 0.0), (1, 0.001), (3, 0.0), (1, 0.0), (6, 0.0), (1, 0.0), (3, 0.0), (3, 0.0)])
    kinds = alike(Encoder(model().vocabulary).encode(flows))
    assert kinds is not None
    assert len(kinds.first) == 3
    assert len({int(one) for one in kinds.of[[0, 1, 3, 5]]}) == 1
    assert kinds.of[0] != kinds.of[2] != kinds.of[4]


def test_a_flow_with_words_never_met_is_like_no_other() -> None:
    flows = made([(4, 0.0)] * 4 + [(1, 0.0)] * 12)
    kinds = alike(Encoder(model().vocabulary).encode(flows))
    assert kinds is not None
    assert len(kinds.first) == 5


def test_records_are_never_told_to_be_alike() -> None:
    assert alike(encode([HISTORY[0]] * 9, model().vocabulary)) is None


def test_a_flow_that_scores_otherwise_stands_for_itself() -> None:
    flows = made([(1, 0.0)] * 3 + [(1, 40.0)] + [(1, 0.0)] * 3)
    encoded = Encoder(model().vocabulary).encode(flows)
    kinds = alike(encoded)
    assert kinds is not None
    scores = channel_scores(model().detectors, encoded)
    apart = parted(kinds, scores)
    assert len(apart.first) == 2
    np.testing.assert_array_equal(scores[apart.first][apart.of], scores)
