"""A flow judged alone, by what is known of its shape, is judged as among others."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldtrail.assembly.span_tree import arrange
from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.detectors.autoencoder import BudgetedAutoencoder
from coldtrail.features.encode import encode
from coldtrail.learning.train import learn
from coldtrail.records.flow import Event, Flow
from coldtrail.records.verdict import Verdict
from coldtrail.testing import START, make_event, make_flow, make_history
from coldtrail.verdicts import shape_cache
from coldtrail.verdicts.shape_cache import ShapeCache
from tests.verbs.telemetry_files import GET, PUBLISH, PUT, STEAL, USUAL

SECONDS = st.sampled_from([0.0, 0.01, 0.02, 0.3, 0.9, 1.02, 1.1, 5.0])
CALLS = st.lists(
    st.tuples(st.sampled_from([GET, PUT, PUT, PUBLISH, STEAL]), SECONDS, SECONDS, st.booleans()), max_size=5
)
WHOLE = st.fixed_dictionaries(
    {
        "function_name": st.sampled_from(["Order", "Order", "Quiet", "NeverMet"]),
        "cold_start": st.booleans(),
        "complete": st.booleans(),
        "error": st.booleans(),
        "upstream_lost": st.booleans(),
        "trigger": st.sampled_from(["AWS::ApiGateway::Stage shop/prod", "AWS::SNS evil", None]),
        "caller": st.sampled_from(["shop", None]),
        "own_time": SECONDS,
    }
)


@pytest.fixture(scope="module")
def trained() -> Model:
    history = make_history(400) + make_history(20, function="Quiet", prefix="q")
    return learn([*history, *(_at_once(f"f{i}", i) for i in range(80))], Settings()).model


def _at_once(flow_id: str, number: int) -> Flow:
    calls = [
        (call, 0.0, 0.05, False) for call in ((GET, PUT, PUBLISH) if number % 2 else (PUT, GET, PUBLISH))
    ]
    return _flow(calls, START + 20.0 * number, function_name="Order", function_flow_id=flow_id)


def _flow(
    calls: Sequence[tuple[tuple[str, str, str | None, float], float, float, bool]],
    start: float = START,
    **fields: object,
) -> Flow:
    """A run whose calls each begin some seconds after the one before began."""
    now = start
    events: list[Event] = []
    for number, ((name, kind, target, _), later, seconds, error) in enumerate(calls):
        now += later
        events.append(
            make_event(
                event_id=str(number),
                event_name=name,
                event_type=kind,
                event_target_resource=target,
                start_time=now,
                end_time=now + seconds,
                error=error,
            )
        )
    line = arrange(events, start, now + 9.0)
    flow = Flow("shop", "t", "Order", "f", *line[3:5], *line[:3], line[5])
    return msgspec.structs.replace(flow, **fields)


def together(model: Model, flows: Sequence[Flow]) -> list[Verdict]:
    return model.judge_encoded(flows, encode(flows, model.vocabulary))


@settings(max_examples=100)
@given(st.lists(st.tuples(CALLS, WHOLE), min_size=1, max_size=4))
def test_any_flow_is_judged_alone_as_among_others(
    trained: Model,
    runs: list[tuple[list[tuple[tuple[str, str, str | None, float], float, float, bool]], dict[str, object]]],
) -> None:
    flows = [_flow(calls, **whole) for calls, whole in runs]
    expected = together(trained, flows)
    assert [trained.judge([flow])[0] for flow in flows] == expected
    assert [trained.judge([flow])[0] for flow in flows] == expected


def test_usual_flows_need_no_second_look_at_what_was_learned(trained: Model) -> None:
    shapes = ShapeCache(trained.vocabulary, trained.detectors, trained.calibration)
    usual = make_flow(USUAL, flow_id="a")
    first = shapes.quiet(usual)
    assert first is not None
    assert shapes.quiet(make_flow([GET, PUT, ("Publish", "SNS", "order-events", 0.2)], flow_id="b")) is first


@pytest.mark.parametrize(
    "flow",
    [
        make_flow([GET, PUT, ("Publish", "SNS", "order-events", 4.5)]),
        make_flow([GET, PUT, STEAL, PUBLISH]),
        make_flow([PUBLISH, PUT, PUT, GET]),
        msgspec.structs.replace(make_flow(USUAL), own_time=3.0),
    ],
    ids=["slow", "never met", "strange", "slow itself"],
)
def test_whatever_may_alarm_is_judged_in_full(trained: Model, flow: Flow) -> None:
    shapes = ShapeCache(trained.vocabulary, trained.detectors, trained.calibration)
    assert shapes.quiet(flow) is None
    assert shapes.quiet(flow) is None


def test_calls_at_once_are_another_shape_than_calls_in_a_row(trained: Model) -> None:
    shapes = ShapeCache(trained.vocabulary, trained.detectors, trained.calibration)
    fan = [(call, 0.0, 0.05, False) for call in USUAL]
    row = [(call, 0.06, 0.05, False) for call in USUAL]
    for calls in (fan, row):
        shapes.quiet(_flow(calls))
    assert len(shapes._found) == 2


def test_no_more_shapes_are_kept_than_allowed(trained: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shape_cache, "MOST_SHAPES", 3)
    shapes = ShapeCache(trained.vocabulary, trained.detectors, trained.calibration)
    usual = make_flow(USUAL)
    kept = shapes.quiet(usual)
    for repeats in range(6):
        shapes.quiet(make_flow([GET, *[PUT] * repeats, PUBLISH], version="1"))
        assert shapes.quiet(usual) is kept
        assert len(shapes._found) <= 3


def test_a_detector_that_knows_no_limits_has_every_flow_judged_in_full(trained: Model) -> None:
    other = {"other": BudgetedAutoencoder()}
    shapes = ShapeCache(trained.vocabulary, {**trained.detectors, **other}, trained.calibration)
    assert shapes.quiet(make_flow(USUAL)) is None
