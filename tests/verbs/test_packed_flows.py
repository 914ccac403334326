"""Flows on their way from a worker: they arrive as they left."""

from __future__ import annotations

import pytest

from coldtrail.features.lean import whole
from coldtrail.records.columns import LeanFlow
from coldtrail.testing import make_flow, make_history
from coldtrail.verbs import packed_flows
from coldtrail.verbs.packed_flows import Packer, Unpacker
from coldtrail.verbs.shares import Numbered
from tests.features.test_lean import FACTS, lean

PLAIN = [
    *make_history(6),
    make_flow([], flow_id="e", cold=True, complete=False, error=True, version="3", caller="x"),
    make_flow([], flow_id="g", facts=FACTS),
    make_flow([], flow_id="h", facts=FACTS),
]
FLOWS = [Numbered(place // 2, flow if place % 3 == 1 else lean(flow)) for place, flow in enumerate(PLAIN)]


def arrived(packer: Packer, unpacker: Unpacker, at_once: int) -> list[Numbered]:
    cuts = range(0, len(FLOWS), at_once)
    parts = [FLOWS[first : first + at_once] for first in cuts]
    return [Numbered(*one) for part in parts for one in unpacker.unpack(packer.pack(part))]


@pytest.mark.parametrize("most_steps", [0, 3, 10**6])
@pytest.mark.parametrize("at_once", [2, 4, 100])
def test_flows_arrive_as_they_left_in_their_order(
    monkeypatch: pytest.MonkeyPatch, most_steps: int, at_once: int
) -> None:
    monkeypatch.setattr(packed_flows, "MOST_STEPS", most_steps)
    came = arrived(Packer(), Unpacker(), at_once)
    assert [(number, whole(flow)) for number, flow in came] == [
        (number, whole(flow)) for number, flow in FLOWS
    ]
    assert sum(isinstance(one.flow, LeanFlow) for one in came) == 6


def test_a_shape_is_told_once_and_stays_one() -> None:
    packer, unpacker = Packer(), Unpacker()
    first, second = (packer.pack(FLOWS) for _ in range(2))
    assert len(second) < len(first)
    shapes = {
        flow.columns.shape
        for message in (first, second)
        for _, flow in unpacker.unpack(message)
        if isinstance(flow, LeanFlow)
    }
    assert len(shapes) == len({one.flow.columns.shape for one in FLOWS if isinstance(one.flow, LeanFlow)})
