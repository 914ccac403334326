"""Flows as they come: each once, by their start, and none that a wrong clock dated."""

from __future__ import annotations

import time

import msgspec
import pytest

from coldtrail.features.arriving import AHEAD_S, GAP_S, as_objects, once, timely
from coldtrail.records.flow import Flow
from coldtrail.testing import START, make_flow
from tests.verbs.telemetry_files import GET, PUT

NEVER = float("-inf")


def at(start: float, flow_id: str = "f") -> Flow:
    return make_flow([GET], flow_id=flow_id, start=start)


def test_of_flows_with_the_same_ids_the_last_complete_one_counts() -> None:
    last = make_flow([PUT], flow_id="a", start=START + 5)
    still_open = msgspec.structs.replace(at(START, "a"), complete=False)
    assert once([at(START, "a"), at(START + 9, "b"), last, at(START + 2, "c"), still_open]) == [
        at(START + 2, "c"),
        last,
        at(START + 9, "b"),
    ]


@pytest.mark.parametrize(
    ("before", "ahead", "gap", "kept"),
    [
        (NEVER, 10 * AHEAD_S, 0.0, 3),
        (0.0, 2 * AHEAD_S, 2 * GAP_S, 2),
        (0.0, 2 * AHEAD_S, 0.5 * GAP_S, 3),
        (0.0, 0.5 * AHEAD_S, 2 * GAP_S, 3),
    ],
    ids=["nothing known", "far ahead", "no gap", "not after today"],
)
def test_flows_far_after_today_and_after_all_others_are_not_timely(
    before: float, ahead: float, gap: float, kept: int
) -> None:
    wrong = time.time() + ahead
    earlier = wrong - gap
    flows = [at(earlier - 2), at(earlier - 1), at(wrong)]
    if before == NEVER:
        flows = [at(wrong), at(wrong + 1), at(wrong + 2)]
    assert timely(flows, NEVER if before == NEVER else earlier - 3) == kept


def test_pairs_are_kept_as_one_object_each() -> None:
    names = as_objects([("a", "b"), ("c", "d")])
    assert names.shape == (2,)
    assert names.tolist() == [("a", "b"), ("c", "d")]
