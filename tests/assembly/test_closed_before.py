"""What comes for traces that were closed before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from msgspec.structs import replace

from coldtrail.assembly import closed_before as module
from coldtrail.assembly.assembler import FlowAssembler
from coldtrail.config import Settings
from coldtrail.errors import BundleError
from coldtrail.records.columns import AnyFlow
from coldtrail.records.contradiction import Contradiction, Statement
from coldtrail.records.flow import Event, Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Observations, Span
from coldtrail.testing import START, make_event

STEP = make_event(event_id="e", start_time=START, end_time=START + 1)
OTHER = make_event(event_id="f", start_time=START + 1, end_time=START + 2)
RUN = Span(
    "t",
    "r",
    function_name="Order",
    start_time=START,
    end_time=START + 3,
    account="1",
    request_id="q",
    parent_id="p",
    witnesses=("xray",),
    steps=(STEP, OTHER),
)
EARLIER = Statement(())


@dataclass
class Watch:
    """An assembler that closes all that it has after each document."""

    assembler: FlowAssembler
    tally: Tally

    def see(self, *spans: Span, origin: str = "late") -> list[AnyFlow]:
        self.assembler.push([Observations([*spans], origin=origin, place="line 1")])
        return self.assembler.advance(START + 1e4)


@pytest.fixture
def watch() -> Watch:
    tally = Tally()
    return Watch(FlowAssembler(Settings(), tally), tally)


def resumed(watch: Watch) -> Watch:
    other = FlowAssembler(Settings(), watch.tally)
    other.restore(watch.assembler.snapshot())
    return Watch(other, watch.tally)


def told(flows: Sequence[AnyFlow]) -> tuple[Contradiction, ...]:
    (flow,) = flows
    assert isinstance(flow, Flow)
    return flow.contradictions


@pytest.mark.parametrize(
    ("change", "aspects", "values"),
    [
        ({"error": True}, ("outcome",), (True,)),
        ({"end_time": START + 9}, ("times",), (START, START + 9)),
        ({"parent_id": None}, ("parent",), (None,)),
        ({"function_name": "Pay"}, ("name",), ("Pay",)),
        ({"account": "2"}, ("account",), ("2",)),
        ({"request_id": "z", "error": True}, ("outcome", "request"), (True, "z")),
        ({"error": True, "steps": ()}, ("outcome",), (True,)),
    ],
)
def test_a_run_that_is_told_otherwise_is_a_contradiction(
    watch: Watch, change: dict[str, Any], aspects: tuple[str, ...], values: tuple[Any, ...]
) -> None:
    assert told(watch.see(RUN)) == ()
    (one,) = told(resumed(watch).see(replace(RUN, **change)))
    assert (one.of, one.id, one.aspects) == ("run", "r", aspects)
    assert one.statements == (Statement(values, "xray", "late", "line 1"), EARLIER)


@pytest.mark.parametrize(
    "change",
    [
        {"event_name": "!"},
        {"event_type": "S3"},
        {"event_target_resource": "!"},
        {"event_parent_id": "f"},
        {"error": True},
        {"end_time": START + 1.5},
    ],
)
def test_a_step_that_is_told_otherwise_is_a_contradiction(watch: Watch, change: dict[str, Any]) -> None:
    watch.see(RUN)
    (one,) = told(watch.see(replace(RUN, steps=(replace(STEP, **change),))))
    assert (one.of, one.id, one.aspects) == ("step", "e", ("step",))
    assert one.statements[0].origin == "late"
    assert one.statements[1:] == (EARLIER,)


OPEN = replace(RUN, end_time=None, in_progress=True)


def as_begun(event: Event) -> Event:
    return replace(event, end_time=event.start_time)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (OPEN, RUN),
        (RUN, OPEN),
        (RUN, replace(RUN, steps=(STEP,))),
        (RUN, replace(RUN, request_id=None)),
        (replace(RUN, steps=(as_begun(STEP),)), RUN),
        (RUN, replace(RUN, steps=(as_begun(STEP), OTHER))),
        (RUN, replace(RUN, steps=(replace(STEP, event_id="g"),))),
        (RUN, replace(RUN, witnesses=("native",), end_time=START + 3.0004, parent_id=None)),
    ],
)
def test_what_may_be_true_beside_it_contradicts_nothing(watch: Watch, first: Span, second: Span) -> None:
    watch.see(first)
    flows = resumed(watch).see(second)
    assert not flows or told(flows) == ()


def test_a_step_that_comes_alone_is_the_one_that_came_inside(watch: Watch) -> None:
    below = replace(OTHER, event_parent_id="e")
    watch.see(replace(RUN, steps=(STEP, below)))
    alone = Span("t", None, function_name="", parent_id="e", witnesses=("xray",), steps=(OTHER,))
    new = replace(STEP, event_id="g")
    assert told(watch.see(replace(RUN, steps=(STEP, new)), alone)) == ()
    elsewhere = replace(alone, parent_id="g")
    assert told(watch.see(replace(RUN, steps=(new,)), elsewhere))[0].id == "f"


def test_a_forged_copy_that_comes_again_is_told_once_and_so_is_the_honest_one(watch: Watch) -> None:
    forged = replace(RUN, error=True)
    watch.see(RUN)
    assert len(watch.see(forged)) == 1
    assert resumed(watch).see(forged) == []
    assert watch.see(RUN) == []
    assert watch.see(forged, origin="another") == []
    assert watch.tally.counts["flows that came again"] == 3
    assert watch.tally.counts["traces opened anew by late telemetry"] == 1


def test_what_is_remembered_is_bounded(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_THINGS", 40)
    monkeypatch.setattr(module, "_MOST_TRACES", 30)
    for number in range(50):
        watch.see(replace(RUN, trace_id=f"t{number}"))
        state = watch.assembler._before
        assert state._number == sum(map(len, state._things.values())) // module._THING <= 40
        assert len(state._flows) <= 30
    for trace, times in (("t49", 1), ("t22", 0)):
        assert len(told(watch.see(replace(RUN, trace_id=trace, error=True)))) == times
    assert watch.see(replace(RUN, trace_id="t21")) == []
    assert len(watch.see(replace(RUN, trace_id="t10"))) == 1


def test_a_state_of_before_is_gone_on_from_and_a_damaged_one_refused(watch: Watch) -> None:
    watch.see(RUN)
    state = watch.assembler.snapshot()
    older = FlowAssembler(Settings(), Tally())
    older.restore({name: array for name, array in state.items() if name != "told_before"})
    assert Watch(older, Tally()).see(RUN) == []
    with pytest.raises(BundleError, match="damaged"):
        FlowAssembler(Settings(), Tally()).restore(state | {"told_before": module.packed({"t": b"12345"})})
