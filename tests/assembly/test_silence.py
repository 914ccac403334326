"""Minutes that metrics leave out."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest

from coldtrail.assembly.silence import MOST_SILENT_S, Silence
from coldtrail.assembly.windows import Windows
from coldtrail.config import Settings
from coldtrail.records.identity import FunctionKey
from coldtrail.records.window import Window
from tests.assembly.test_windows import MINUTE, metric, ran, told, windows

LONGEST = int(MOST_SILENT_S / 60.0)


def silent(*things: Any) -> list[tuple[float, float]]:
    """Minute and length, in minutes, of what is told as silent."""
    return _silent(windows(*things))


def _silent(some: list[Window]) -> list[tuple[float, float]]:
    found = [one for one in some if one.source == "metrics" and not one.invocations]
    assert all((one.errors, one.traced) == (0.0, 0) for one in found)
    return [((one.start_time - MINUTE) / 60.0, one.period_s / 60.0) for one in found]


def counts(minute: int, **fields: Any) -> Any:
    return metric(minute, invocations=2.0, application_name="default", **fields)


def test_a_gap_between_counted_minutes_is_one_silent_window() -> None:
    assert silent(counts(0), counts(4), counts(5), counts(7)) == [(1.0, 3.0), (6.0, 1.0)]
    assert silent(counts(0, period_s=300.0), counts(5), counts(6)) == []


def test_before_the_first_and_after_the_last_counted_minute_nothing_is_known() -> None:
    assert silent(ran(0, 0), counts(3), ran(1, 9)) == []


def test_a_long_gap_may_be_what_nobody_fetched() -> None:
    assert silent(counts(0), counts(LONGEST + 1)) == [(1.0, float(LONGEST))]
    assert silent(counts(0), counts(LONGEST + 2)) == []
    assert silent(counts(0), ran(0, LONGEST + 5), counts(LONGEST + 7)) == []


def test_what_others_tell_of_is_not_silent() -> None:
    assert silent(counts(0), ran(0, 2), told(1, 3), counts(6)) == [(1.0, 1.0), (4.0, 2.0)]


def test_metrics_of_errors_alone_tell_of_no_invocations() -> None:
    assert silent(counts(0), metric(2, errors=1.0, application_name="default")) == []


def test_names_made_to_flood_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coldtrail.assembly.silence.MOST_FUNCTIONS", 3)
    one = Silence()
    for number in range(9):
        key = FunctionKey("1", "eu-west-1", "default", f"made{number}")
        list(one.before(Window(*key, start_time=MINUTE, source="metrics", invocations=1.0)))
    assert [key.function for key, _, _ in one.state()] == ["made6", "made7", "made8"]


def test_functions_are_silent_each_for_itself() -> None:
    other = counts(2, function_name="Pay")
    assert silent(counts(0), other, counts(3)) == [(1.0, 2.0)]


def test_silence_is_told_once_a_later_minute_is_counted_also_after_a_restart() -> None:
    made, out = Windows(Settings()), list[Window]()
    for one, until in ((counts(0), MINUTE + 1_100.0), (ran(0, 2), MINUTE + 1_200.0), (counts(4), inf)):
        made.push([one])
        out += made.advance(until)
        state, made = made.snapshot(), Windows(Settings())
        made.restore(state)
    assert _silent(out) == [(1.0, 1.0), (3.0, 1.0)]
    state = made.snapshot()
    del state["silence"]
    made.restore(state)
