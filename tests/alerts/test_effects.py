"""How large effects are beside what the history holds."""

from __future__ import annotations

import pytest

from coldtrail.alerts.effects import Effect, effect_of, times_as_long
from coldtrail.records.finding import Seconds, Times, Value
from tests.alerts.test_alerts import make_reason


@pytest.mark.parametrize(
    ("seen", "ever", "effect"),
    [(2, 1, Effect.SMALL), (9, 8, Effect.SMALL), (7, 2, Effect.PLAIN), (20, 2, Effect.LARGE)],
)
def test_repeats_are_set_against_the_most_on_record(seen: int, ever: int, effect: Effect) -> None:
    told = make_reason("count", usual=Times(ever), found=Times(seen))
    assert effect_of(told, "S3", 9.0) is effect


@pytest.mark.parametrize(
    ("usual", "times"),
    [(Seconds(0.1, longest=0.5), 8.0), (Seconds(0.1), 40.0), (Seconds(0.0), float("inf")), (None, 0.0)],
)
def test_a_time_is_set_against_the_longest_on_record(usual: Value | None, times: float) -> None:
    assert times_as_long(make_reason("duration", usual=usual, found=Seconds(4.0))) == pytest.approx(times)


def test_only_a_long_time_in_the_code_is_a_large_effect() -> None:
    usual = Seconds(0.1, longest=0.5)
    code = make_reason("duration", usual=usual, found=Seconds(4.0, "own_code"))
    call = make_reason("duration", usual=usual, found=Seconds(4.0))
    assert [effect_of(one, "S3", 9.0) for one in (code, call)] == [Effect.LARGE, Effect.PLAIN]
