"""Which time to ask for next."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.sources.aws.looking_back import LookingBack, Reached


def test_windows_catch_up_in_slices_then_follow_with_an_overlap() -> None:
    back = LookingBack(Reached(1_000.0, 1_000.0), 600.0, 10)
    assert back.window(3_000.0, is_deep=True) == (1_000.0, 1_900.0)
    back.done(1_900.0)
    assert back.is_behind(3_000.0)
    assert back.window(3_000.0, is_deep=True) == (1_300.0, 2_800.0)
    back.done(3_000.0)
    assert not back.is_behind(3_010.0)
    assert back.window(3_010.0, is_deep=False) == (2_970.0, 3_010.0)
    assert back.window(3_010.0, is_deep=True) == (2_400.0, 3_010.0)
    # The clock is set back a little.
    assert back.window(2_990.0, is_deep=False) == (2_970.0, 2_990.0)


def test_a_clock_that_was_a_year_ahead_holds_nothing_up() -> None:
    back = LookingBack(Reached(1_000.0, 1_000.0), 600.0, 10)
    for _ in range(50):
        back.done(back.window(31_000_000.0, is_deep=False)[1])
    assert back.window(2_000.0, is_deep=True) == (1_400.0, 2_000.0)
    back.done(2_000.0)
    assert back.window(2_010.0, is_deep=False) == (1_970.0, 2_010.0)


@given(st.lists(st.tuples(st.floats(0, 500), st.booleans()), max_size=20))
def test_a_position_goes_on_as_if_there_were_no_restart(steps: list[tuple[float, bool]]) -> None:
    one = two = LookingBack(Reached(0.0, 0.0), 100.0, 3)
    now = 0.0
    for number, (later, is_deep) in enumerate(steps):
        now += later
        assert one.window(now, is_deep=is_deep) == two.window(now, is_deep=is_deep)
        end = one.window(now, is_deep=is_deep)[1]
        for back in (one, two) if one is not two else (one,):
            back.ids.add(str(number), end)
            back.done(end)
            back.bound()
        two = LookingBack(msgspec.json.decode(msgspec.json.encode(one.reached()), type=Reached), 100.0, 3)
        assert all(one.ids.has(str(known)) == two.ids.has(str(known)) for known in range(number + 1))


def test_what_is_too_much_to_remember_is_not_asked_for_again() -> None:
    back = LookingBack(Reached(0.0, 0.0), 600.0, 2)
    for at in (5.0, 15.0, 25.0):
        back.ids.add("a", at)
    assert back.bound()
    assert not back.bound()
    assert back.window(100.0, is_deep=True)[0] == 10.0
