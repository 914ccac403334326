"""Durations as they are reported and billed."""

from hypothesis import given
from hypothesis import strategies as st

from coldtrail_testbed.telemetry.billing import billed_ms, rounded_ms

from .truth import run


def test_the_example_of_a_real_report() -> None:
    cold = run(start=0.0, end=1.23396, init_s=0.463512)
    assert billed_ms(cold) == 1698


def test_a_whole_millisecond_is_not_rounded_up() -> None:
    assert billed_ms(run(start=10.0, end=10.25, init_s=None)) == 250


@given(st.floats(0, 900), st.none() | st.floats(0, 10))
def test_less_than_a_millisecond_is_added(duration_s: float, init_s: float | None) -> None:
    timed = run(start=0.0, end=duration_s, init_s=init_s)
    reported = rounded_ms(duration_s) + rounded_ms(init_s or 0)
    assert -0.01 < billed_ms(timed) - reported < 1
