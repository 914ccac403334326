"""The words and clocks of flows: what goes in can be read back, and parts are those of the whole."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.features.encode import encode
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.features.wording import APPLICATION, FUNCTION, NAME, PARENT, TARGET, TYPE, Wording, wording
from coldtrail.testing import make_flow, make_history

FLOWS = [
    *make_history(12),
    make_flow([], flow_id="empty"),
    make_flow([("Get", "S3", None, 0.5)], flow_id="none"),
]


def read_back(told: Wording, row: int) -> list[str]:
    return [told.words[code] for code in told.codes[row].tolist()]


def test_words_and_clocks_can_be_read_back() -> None:
    told = wording(FLOWS)
    row = 0
    for flow in FLOWS:
        first = min(event.start_time for event in flow.events)
        for event, depth in zip(flow.events, flow.depths, strict=True):
            words = read_back(told, row)
            assert words[APPLICATION] == flow.application_name
            assert words[FUNCTION] == flow.function_name
            assert words[NAME] == event.event_name
            assert words[TYPE] == event.event_type
            assert words[PARENT] == (event.event_parent_name or "")
            assert words[TARGET] == (event.event_target_resource or "")
            assert told.duration[row] == event.end_time - event.start_time
            assert told.start[row] == event.start_time - first
            assert told.depth[row] == depth
            row += 1
    assert row == len(told.duration)


def test_parts_are_those_of_the_whole() -> None:
    encoded = encode(FLOWS, Vocabulary())
    chosen = np.array([13, 3, 3, 12])
    part = encoded.take(chosen).take(np.array([0, 2])).wording
    alone = wording([FLOWS[13], FLOWS[3]])
    assert [read_back(part, k) for k in range(len(part.depth))] == [
        read_back(alone, k) for k in range(len(alone.depth))
    ]
    np.testing.assert_array_equal(part.duration, alone.duration)
    np.testing.assert_array_equal(part.start, alone.start)
    np.testing.assert_array_equal(part.offsets, alone.offsets)


def test_flows_rank_by_their_start_and_then_by_their_id() -> None:
    flows = [
        make_flow([], flow_id="b", start=20.0),
        make_flow([], flow_id="a", start=20.0),
        make_flow([], flow_id="c", start=10.0),
    ]
    assert wording(flows).rank.tolist() == [2, 1, 0]


def test_words_are_made_once_and_only_when_asked_for() -> None:
    encoded = encode(FLOWS, Vocabulary())
    assert encoded.batch is not None
    assert "wording" not in vars(encoded.batch)
    first = encoded.take(np.array([0]))
    assert first.wording.words is encoded.wording.words


def test_flows_without_all_their_steps_have_no_words() -> None:
    encoded = encode(FLOWS, Vocabulary())
    with pytest.raises(ValueError, match="all their steps"):
        _ = encoded.steps_where(encoded.step > 0).wording


def test_no_flows_have_no_words() -> None:
    told = wording([])
    assert told.words == ("",)
    assert told.codes.shape == (0, 6)
    assert told.offsets.tolist() == [0]
