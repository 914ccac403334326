"""What earlier calls told."""

from __future__ import annotations

import msgspec
import pytest

from coldtrail.errors import BundleError
from coldtrail.records.case import Case
from coldtrail.records.finding import Subject
from coldtrail.records.shift import Shift
from coldtrail.records.verdict import Verdict
from coldtrail.testing import make_key
from coldtrail.verbs.earlier import Earlier


def _verdict(flow_id: str, score: float = 0.0) -> Verdict:
    return Verdict(flow_id, "trace", "", "", "shop", "Order", 1.0, "normal", score, 1.0, 1.0)


def _shift(name: str, runs: int = 30) -> Shift:
    names = "", "", "shop", "Order", "rate"
    return Shift(*names, 1.0, 2.0, runs, 1.0, 2.0, "", 5e4, "f", "t", ("f",), ("t",), name)


def _next(earlier: Earlier) -> Earlier:
    later = Earlier()
    later.restore(earlier.snapshot())
    return later


def test_verdicts_that_may_change_are_remembered_until_they_are_final() -> None:
    first = Earlier()
    assert first.is_news(_verdict("final"), is_final=True)
    assert first.is_news(_verdict("open"), is_final=False)
    assert first.is_news(_verdict("grows"), is_final=False)
    second = _next(first)
    assert not second.is_news(_verdict("open"), is_final=True)
    assert second.is_news(_verdict("grows", 2.0), is_final=True)
    assert second.is_revised(_verdict("grows", 2.0))
    assert not second.is_revised(_verdict("open"))
    assert second.is_news(_verdict("new"), is_final=True)
    assert not second.is_revised(_verdict("new"))
    third = _next(second)
    assert third.is_news(_verdict("open"), is_final=True)


def test_an_open_flow_that_does_not_come_again_is_withdrawn_once() -> None:
    first = Earlier()
    for flow_id in ("grows", "ghost", "an odd\0id"):
        first.is_news(_verdict(flow_id), is_final=False)
    assert first.withdrawn_flows() == []
    second = _next(first)
    assert second.is_news(_verdict("grows", 2.0), is_final=True)
    (gone,) = second.withdrawn_flows()
    assert (gone.function_flow_id, gone.application_flow_id) == ("ghost", "trace")
    assert (gone.function.function, gone.was_anomalous) == ("Order", False)
    assert _next(second).withdrawn_flows() == []


def test_shifts_come_again_only_where_they_have_changed() -> None:
    first = Earlier()
    assert first.shifts([_shift("a"), _shift("b"), _shift("c")]) == [_shift("a"), _shift("b"), _shift("c")]
    second = _next(first)
    assert second.shifts([_shift("a"), _shift("b", 40), _shift("d")]) == [_shift("b", 40), _shift("d")]
    assert second.withdrawn_shifts == ["c"]
    assert second.withdrawn == []
    third = _next(second)
    assert third.shifts([_shift("a"), _shift("b", 40), _shift("d")]) == []
    assert third.withdrawn_shifts == []


def test_a_damaged_state_is_refused() -> None:
    state = Earlier().snapshot()
    with pytest.raises(BundleError, match="damaged"):
        Earlier().restore({name: array[:-1] for name, array in state.items()})


def test_flows_are_told_apart_by_their_traces() -> None:
    first = Earlier()
    first.is_news(_verdict("same"), is_final=False)
    other = msgspec.structs.replace(_verdict("same"), application_flow_id="other")
    assert _next(first).is_news(other, is_final=True)


def test_cases_are_told_again_only_where_they_have_grown() -> None:
    subject = Subject.of(make_key())
    case = Case("case-1", "t", subject, "open", "low", 1.0, (), (), (), (), (), 1.0, 1.0, 2.0, ())
    first = Earlier()
    assert first.cases([case]) == [case]
    second = _next(first)
    assert second.cases([case]) == []
    third = _next(second)
    grown = msgspec.structs.replace(case, last_seen=3.0)
    assert third.cases([grown]) == [grown]
    fourth = _next(third)
    assert fourth.cases([]) == []
    assert fourth.withdrawn_cases == [case.id]
