"""What moves one way for days is told again and again; what moved once, or comes and goes, is not."""

from __future__ import annotations

from collections.abc import Callable
from math import sin, tau
from random import Random

import msgspec
import pytest

from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.detectors.drift.anchoring import OPEN
from coldtrail.detectors.drift.baselines import Level
from coldtrail.detectors.drift.effects import Effect
from coldtrail.detectors.drift.readings import DURATION, TOLD
from coldtrail.detectors.drift.runs import Lasting
from coldtrail.learning.anchoring import levels_of
from coldtrail.learning.train import learn
from coldtrail.learning.update import Update, learn_more
from coldtrail.pipeline import Judging
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.testing import START, Call
from coldtrail.verdicts.feedback import NamedShift, ShiftRemark
from tests.fixtures.fed import DAY_S, Shop

Times = Callable[[int], float]
"""How many times as long a function's calls take on a day."""
RUNS = 220


def slowed(whose: str, times: float) -> Callable[[str, list[Call], Random], list[Call]]:
    def more(function: str, calls: list[Call], random: Random) -> list[Call]:
        if function != whose:
            return calls
        return [(name, kind, target, seconds * times) for name, kind, target, seconds in calls]

    return more


def day(shop: Shop, number: int, times: float, runs: int = RUNS, *, gap_s: float = 60.0) -> list[Flow]:
    start = START + number * DAY_S
    more = slowed(shop.functions[0], times)
    return shop.flows(runs, number, start=start, gap_s=gap_s, more=more, prefix="d")


class Weeks:
    """A shop whose days are each learned after they were judged."""

    def __init__(self, seed: int, first: int = 600, learned: Times | None = None) -> None:
        self.shop = Shop(seed, functions=2)
        if learned is None:
            self.model = learn(day(self.shop, 0, 1.0, first), Settings()).model
        else:
            days = [flow for n in range(7) for flow in day(self.shop, n - 7, learned(n - 7), 120)]
            self.model = learn(days, Settings()).model
        self.told: list[tuple[int, float, float]] = []

    def live(self, days: range, times: Times) -> Update:
        for number in days:
            done = learn_more(self.model, day(self.shop, number, times(number)))
            self.model = done.model
            self.told += [
                (number, one.before, one.after)
                for one in done.shifts
                if one.function_name == self.shop.functions[0] and one.measure == "duration"
            ]
        return done


@pytest.mark.parametrize(
    ("seed", "rate"), [(3, 1.35), *[pytest.param(seed, 1.2, marks=pytest.mark.long) for seed in (3, 14, 21)]]
)
def test_what_grows_every_day_is_told_again_and_from_where_it_began(seed: int, rate: float) -> None:
    weeks = Weeks(seed)
    last = weeks.live(range(1, 7), lambda number: rate**number)
    days = [number for number, _, _ in weeks.told]
    assert days[0] <= 2
    assert days[-1] >= 5, weeks.told
    assert len(set(days)) >= 4, weeks.told
    began = {round(before, 4) for _, before, _ in weeks.told}
    assert len(began) == 1, "each is told from where the function was first known to be"
    assert weeks.told[-1][2] > 2.0 * began.pop()
    warned = [one for one in last.training.warnings if "has drifted: its runs take" in one]
    assert len(warned) == 1
    assert warned[0].startswith(weeks.shop.functions[0])


@pytest.mark.parametrize("seed", [5, pytest.param(6, marks=pytest.mark.long)])
def test_one_step_is_told_once(seed: int) -> None:
    weeks = Weeks(seed)
    weeks.live(range(1, 6), lambda number: 1.5)
    assert [number for number, _, _ in weeks.told] == [1], weeks.told


def test_what_comes_and_goes_each_week_is_no_drift() -> None:
    def weekly(number: int) -> float:
        return 1.0 + 0.3 * sin(tau * number / 7)

    weeks = Weeks(7, learned=weekly)
    weeks.live(range(1, 9), weekly)
    assert weeks.told == []


@pytest.mark.long
def test_slow_growth_is_told_seldom() -> None:
    weeks = Weeks(8)
    weeks.live(range(1, 36), lambda number: 1.01**number)
    days = [number for number, _, _ in weeks.told]
    assert 1 <= len(days) <= 4, weeks.told


def test_what_a_person_accepts_is_where_it_begins_anew() -> None:
    weeks = Weeks(9)
    shift = NamedShift("shop", weeks.shop.functions[0], "duration")
    done = learn_more(weeks.model, day(weeks.shop, 1, 1.5), remarks=[ShiftRemark(shift, "benign")])
    number = done.model.vocabulary.functions.numbers[
        next(k for k in done.model.learned if k.function == shift.function_name)
    ]
    assert done.model.shifts is not None
    assert done.model.shifts.levels == {}
    assert done.model.shifts.spans[number].until == OPEN.until
    weeks.model = done.model
    weeks.live(range(2, 5), lambda number: 1.5)
    assert weeks.told == []


def found_in(model: Model, flows: list[Flow], parts: int) -> list[tuple[str, float]]:
    judging = Judging(model, Tally(), alerting=False)
    size = -(-len(flows) // parts)
    for first in range(0, len(flows), size):
        some = flows[first : first + size]
        judging.push(some)
        judging.advance(some[-1].start_time)
    judging.advance(float("inf"))
    return [(TOLD[one.measure], one.effect.after) for one in judging.found if one.measure == DURATION]


def test_one_long_watch_tells_it_again_as_well() -> None:
    """As `score --state` does, which learns nothing meanwhile."""
    weeks = Weeks(11)
    flows = [flow for number in range(1, 7) for flow in day(weeks.shop, number, 1.25**number)]
    told = found_in(weeks.model, flows, 1)
    assert len(told) >= 3
    levels = [after for _, after in told]
    assert levels == sorted(levels)
    assert told == found_in(weeks.model, flows, 6), "however the watch is cut"


def test_what_has_hardly_begun_is_no_new_level() -> None:
    one = Lasting(1, DURATION, START, 60, Effect(0.1, 0.2))
    assert levels_of([one], {1: 200}) == {(1, DURATION, 0): Level(START, 0.1, 0.2)}
    assert levels_of([one._replace(runs=49)], {1: 200}) == {}
    assert levels_of([one], {1: 400}) == {}


def test_levels_survive_the_way_to_disk_and_back() -> None:
    from coldtrail.detectors.drift.storing import restored, state_of

    weeks = Weeks(13)
    weeks.live(range(1, 3), lambda number: 1.4**number)
    shifts = weeks.model.shifts
    assert shifts is not None
    assert shifts.levels
    again = restored(state_of(shifts))
    assert (again.spans, again.levels) == (shifts.spans, shifts.levels)
    assert all(0 <= measure < len(TOLD) for _, measure, _ in again.levels)


def test_failures_that_grow_are_told_again() -> None:
    shop = Shop(15, functions=2)
    model, told = learn(day(shop, 0, 1.0, 600), Settings()).model, []
    for number in range(1, 8):
        random, flows = Random(number), []
        for flow in day(shop, number, 1.0):
            fails = flow.function_name == shop.functions[0] and random.random() < 0.03 * number
            flows.append(msgspec.structs.replace(flow, error=True) if fails else flow)
        done = learn_more(model, flows)
        model = done.model
        told += [number for one in done.shifts if one.measure == "errors"]
    assert told[0] == 1, told
    assert told[-1] >= 5, "and again, though a day has few failures to show it"
