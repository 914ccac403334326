"""Shifts that one cause moves are one alert; a flood is not hidden by a load."""

from __future__ import annotations

import msgspec

from coldtrail.alerts.drifts import alerts_from_shifts
from coldtrail.alerts.shifts_together import Together, told_together
from coldtrail.records.finding import StepKey
from coldtrail.records.shift import Shift
from coldtrail.testing import START
from tests.alerts.test_drifts import make_shift

HOUR_S = 3600.0


def busy(
    function: str, since_h: float, found_h: float, times: float = 3.0, traces: tuple[str, ...] = ()
) -> Shift:
    """A function that runs so many times as often, from some hour on."""
    shift = make_shift("rate", function)
    return msgspec.structs.replace(
        shift,
        since=START + since_h * HOUR_S,
        found=START + found_h * HOUR_S,
        before=2.0,
        after=2.0 * times,
        traces=traces or (function,),
    )


def functions(told: list[Together]) -> list[tuple[list[str], bool]]:
    return [([one.function_name for one in group.shifts], group.is_of_many) for group in told]


def test_a_load_is_one_alert_however_late_it_is_certain_of_the_quiet_functions() -> None:
    load = [busy("A", 0.3, 2.6), busy("B", 0.8, 18.7, 4.0), busy("C", 3.8, 44.0, 2.0)]
    assert functions(told_together(load)) == [(["B", "A", "C"], True)]
    (alert,) = alerts_from_shifts(load, {})
    assert (alert.severity, alert.subject.kind) == ("low", "application")


def test_what_shifts_at_another_time_stands_by_itself() -> None:
    told = told_together([busy("A", 0.0, 2.0), busy("B", 1.0, 3.0), busy("C", 30.0, 31.0)])
    assert functions(told) == [(["C"], False), (["B", "A"], True)] or functions(told) == [
        (["C"], False),
        (["A", "B"], True),
    ]


def test_a_flood_is_not_hidden_by_a_load() -> None:
    told = told_together([busy("A", 0.0, 2.0), busy("B", 1.0, 3.0), busy("C", 0.5, 0.6, 30.0)])
    assert (["C"], False) in functions(told)


def test_functions_of_one_trace_are_told_with_the_one_that_starts_it() -> None:
    led = [busy("A", 0.0, 2.0, traces=("t1", "t2")), busy("B", 0.1, 2.0, traces=("t1", "t2"))]
    assert functions(told_together(led)) == [(["A", "B"], False)]
    (alert,) = alerts_from_shifts(led, {})
    assert (alert.subject.function_name, alert.severity, len(alert.details)) == ("A", "medium", 1)


def test_a_function_that_was_flooded_before_the_load_stands_by_itself() -> None:
    told = told_together(
        [busy("A", 0.0, 2.0), busy("A", 50.0, 52.0), busy("B", 50.0, 51.0), busy("C", 50.0, 53.0)]
    )
    assert functions(told) == [(["A"], False), (["B", "C"], True)]


def slow_step(function: str, target: str, since: float, trace: str) -> Shift:
    """A step of a function that takes longer from some time on, in runs of some traces."""
    return msgspec.structs.replace(
        make_shift("step_time", function),
        since=since,
        found=since + 60.0,
        step=StepKey("GetItem", "DynamoDB", target),
        traces=tuple(f"{trace}{number}" for number in range(20)),
    )


def test_functions_that_wait_for_one_slow_service_are_one_alert() -> None:
    (one,) = told_together([slow_step(name, "Stock", 1000.0, name) for name in ("A", "B", "C")])
    assert one.is_of_many
    assert len(one.shifts) == 3


def test_different_steps_that_are_slow_at_different_times_are_told_each() -> None:
    shifts = [slow_step("A", "Stock", 1000.0, "a"), slow_step("A", "Orders", 2000.0, "b")]
    assert sorted(one.shifts[0].step.target for one in told_together(shifts) if one.shifts[0].step) == [
        "Orders",
        "Stock",
    ]
    together = [slow_step("A", "Stock", 1000.0, "a"), slow_step("A", "Orders", 1010.0, "b")]
    assert len(told_together(together)) == 1


def test_who_waits_for_a_function_that_waits_is_told_with_it() -> None:
    shifts = [slow_step("A", "Stock", 1000.0, "a"), slow_step("B", "A", 1001.0, "a")]
    (one,) = told_together(shifts)
    assert [shift.function_name for shift in one.shifts] == ["A", "B"]
    assert not one.is_of_many
