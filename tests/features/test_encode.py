"""Flows as arrays: what goes in can be read back, and parts are those of the whole."""

from __future__ import annotations

from coldtrail.features.encode import encode
from coldtrail.features.vocabulary import ABSENT, UNKNOWN
from coldtrail.records.flow import NOBODY
from coldtrail.testing import make_flow
from tests.features.example_flows import ENCODED, FLOWS, WORDS
from tests.verbs.telemetry_files import GET, STEAL


def test_flows_can_be_read_back_from_the_numbers() -> None:
    for i, flow in enumerate(FLOWS):
        rows = slice(ENCODED.offsets[i], ENCODED.offsets[i + 1])
        names = [(e.event_name, e.event_target_resource) for e in flow.events]
        assert [(WORDS.steps[n][0], WORDS.steps[n][3]) for n in ENCODED.step[rows].tolist()] == names
        assert WORDS.functions[int(ENCODED.function[i])] == flow.key
        assert ENCODED.self_time[rows].tolist() == list(flow.self_times)
        assert ENCODED.own_time[i] == flow.own_time
        assert ENCODED.cold[i] == flow.cold_start
        assert ENCODED.complete[i] == flow.complete


def test_encoding_teaches_the_vocabulary_nothing() -> None:
    before = WORDS.to_json()
    encode([make_flow([STEAL], function="NeverMet", trigger="AWS::SNS evil")], WORDS)
    assert WORDS.to_json() == before


def test_what_was_never_met_is_unknown_and_what_is_not_told_is_absent() -> None:
    strange = encode([make_flow([STEAL], function="NeverMet", trigger="AWS::SNS evil")], WORDS)
    assert strange.function.tolist() == [UNKNOWN]
    assert strange.trigger.tolist() == [UNKNOWN]
    assert strange.step.tolist().count(UNKNOWN) == 1
    assert strange.action[strange.step == UNKNOWN].tolist() == [UNKNOWN]
    assert strange.resource[strange.step == UNKNOWN].tolist() == [UNKNOWN]
    lost = make_flow([GET], trigger=None, upstream_lost=True)
    assert encode([lost], WORDS).trigger.tolist() == [ABSENT]
    nobody = encode([make_flow([GET], trigger=None)], WORDS).trigger[0]
    assert WORDS.triggers[nobody] == NOBODY


def test_a_known_resource_used_in_a_new_way_is_known() -> None:
    encoded = encode([make_flow([("DeleteItem", "DynamoDB", "Stock", 0.01)])], WORDS)
    row = encoded.step == UNKNOWN
    assert encoded.action[row].tolist() == [UNKNOWN]
    assert encoded.resource[row].tolist() == [WORDS.resources.numbers["DynamoDB", "Stock"]]


def test_no_flows_give_empty_arrays() -> None:
    nothing = encode([], WORDS)
    assert len(nothing) == 0
    assert nothing.offsets.tolist() == [0]
    assert len(nothing.shapes.first) == 0
