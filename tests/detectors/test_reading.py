"""Runs as their order is read."""

from __future__ import annotations

from msgspec.structs import replace

from coldtrail.detectors.reading import END, FAILED, START, different_runs, positions_of, read_runs
from coldtrail.detectors.turns import Turns
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import make_flow
from tests.verbs.telemetry_files import GET, PUBLISH, PUT

WORDS = Vocabulary()
learn_words([make_flow([GET, PUT, PUBLISH], cold=True)], WORDS)


def failing(calls: list[tuple[str, str, str | None, float]], *failed: int) -> Flow:
    flow = make_flow(calls)
    wrong = {f"{flow.function_flow_id}-{place}" for place in failed}
    return replace(flow, events=tuple(replace(one, error=one.event_id in wrong) for one in flow.events))


def names(flow: Flow) -> list[str]:
    runs = read_runs(encode([flow], WORDS))
    return [flow.events[row].event_name for row in runs.rows]


def test_cold_starts_and_calls_that_are_tried_again_are_not_read() -> None:
    assert names(make_flow([GET, PUT], cold=True)) == ["Invocation", "GetItem", "PutItem", "Overhead"]
    assert names(failing([GET, GET, PUT], 0)) == ["Invocation", "GetItem", "PutItem", "Overhead"]
    assert names(failing([GET, PUT, GET], 0)) == ["Invocation", "GetItem", "PutItem", "GetItem", "Overhead"]
    assert names(make_flow([GET, GET])) == ["Invocation", "GetItem", "GetItem", "Overhead"]


def test_a_call_that_fails_far_more_often_than_it_is_tried_again_is_read() -> None:
    assert names(failing([GET] * 11, *range(11))).count("GetItem") == 1
    assert names(failing([GET] * 60, *range(60))).count("GetItem") == 50
    assert names(failing([*[GET] * 6, PUT, *[GET] * 6], *range(13))).count("GetItem") == 2


def test_a_step_that_is_not_read_stands_where_it_was() -> None:
    flow = make_flow([GET, PUT], cold=True)
    runs = read_runs(encode([flow], WORDS))
    places = {event.event_name: int(runs.places([(0, row)])[0]) for row, event in enumerate(flow.events)}
    assert places == {"Initialization": 0, "Invocation": 0, "GetItem": 1, "PutItem": 2, "Overhead": 3}


def test_what_stands_before_says_what_failed_and_what_triggered_the_run() -> None:
    encoded = encode([failing([GET, PUT], 0)], WORDS)
    positions = positions_of(encoded, Turns())
    invocation, get, put, overhead = encoded.step.tolist()
    trigger = START - int(encoded.trigger[0])
    assert positions.token.tolist() == [invocation, get, put, overhead, END]
    assert positions.before[0].tolist() == [START, invocation, get + FAILED, put, overhead]
    assert positions.before[2].tolist() == [trigger, trigger, trigger, invocation, get + FAILED]
    assert positions.closing.tolist() == [False, False, False, True, True]
    assert positions.after_failure.tolist() == [False, False, True, False, False]
    assert positions.broken.tolist() == positions.after_failure.tolist()


def test_a_trigger_that_is_not_known_is_left_out() -> None:
    for flow in (make_flow([GET], trigger="never met"), make_flow([GET], trigger=None, upstream_lost=True)):
        assert positions_of(encode([flow], WORDS), Turns()).before[2].tolist()[:3] == [START] * 3


def test_runs_differ_by_all_that_is_read() -> None:
    flows = [
        make_flow([GET, PUT]),
        make_flow([GET, PUT], flow_id="the same"),
        make_flow([PUT, GET]),
        failing([GET, PUT], 0),
        make_flow([GET, PUT], error=True),
        make_flow([GET, PUT], complete=False),
        make_flow([GET, PUT], trigger="never met"),
        make_flow([GET, PUT], function="NeverMet"),
    ]
    shapes = different_runs(encode(flows, WORDS)).shapes
    assert shapes.of[0] == shapes.of[1]
    assert len(shapes.first) == len(flows) - 1
    assert shapes.count[shapes.of[0]] == 2


def test_runs_differ_by_the_depth_of_a_step_never_met() -> None:
    """Whether the call before it failed by itself depends on it."""
    flow = failing([GET, ("Odd", "S3", None, 0.01)], 0)
    deeper = replace(flow, depths=tuple(3 if one.event_name == "Odd" else 2 for one in flow.events))
    deeper = replace(deeper, depths=(1, *deeper.depths[1:-1], 1))
    encoded = encode([flow, deeper], WORDS)
    assert encoded.step.reshape(2, -1)[0].tolist() == encoded.step.reshape(2, -1)[1].tolist()
    assert len(different_runs(encoded).runs) == 2
