"""Calls that are only counted leave the same signals and the same state as if all were judged, byte by byte:
that is how they are tested."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from random import Random

import msgspec
import pytest

from coldtrail.config import BaselineSettings
from coldtrail.detectors.callers.detector import CallersDetector
from coldtrail.detectors.callers.features import COUNTRY
from coldtrail.detectors.callers.habits import Habit, Habits
from coldtrail.detectors.callers.profile import Profile
from coldtrail.detectors.callers.repeats import Repeat, Repeats
from coldtrail.detectors.callers.tokens import Token
from coldtrail.records.encounter import Encounter, Run
from coldtrail.records.signal import Signal
from coldtrail.records.witnesses import Access
from coldtrail.testing import make_flow
from tests.detectors.callers.simulation import BEGIN, DAY_S, call, function

NOON = 43_200.0
HOME, TOKEN = ("net-home", "IE"), ("a call",)


class Never(Repeats):
    """Knows no call."""

    def count(self, token: Token, at: float, habits: Habits) -> bool:
        return False


class Counting(Repeats):
    """Counts those that it knows."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0

    def count(self, token: Token, at: float, habits: Habits) -> bool:
        is_known = super().count(token, at, habits)
        self.number += is_known
        return is_known


def seen_by(repeats: Repeats, encounters: list[Encounter]) -> tuple[list[Signal], dict[str, bytes]]:
    detector = CallersDetector(BaselineSettings())
    detector._repeats = repeats
    signals = detector.see(encounters, inf)
    return signals, {name: array.tobytes() for name, array in detector.snapshot().items()}


def share_counted(encounters: list[Encounter]) -> float:
    """Of these, where all is as if each was judged."""
    counting = Counting()
    found, state = seen_by(counting, encounters)
    signals, judged = seen_by(Never(), encounters)
    assert msgspec.json.encode(found) == msgspec.json.encode(signals)
    assert state == judged
    return counting.number / len(encounters)


def crowd(seed: int, number: int = 6_000) -> list[Encounter]:
    """More callers, places and programs than are kept, sessions with ever new names, and clocks that leap."""
    random, at = Random(seed), BEGIN
    found = []
    for _ in range(number):
        at += random.expovariate(1 / 120.0)
        leap = random.choice((-7_200.0, 7_200.0, 90_000.0, 4e8)) if random.random() < 0.002 else 0.0
        found.append(_one(random, at + leap))
    return sorted(found, key=lambda one: one.at) if seed % 2 else found


def _one(random: Random, at: float) -> Encounter:
    match random.randrange(10):
        case 0:
            access = Access(at, "g", "r", source_network=f"net-{_rare(random)}", source_country="DE")
            return Encounter(at, access, None, function(0))
        case 1:
            return Encounter(at, Run(make_flow([], trigger=random.choice(("AWS::SQS a", "AWS::SQS b")))))
        case 2 | 3:
            place = (f"net-{_rare(random)}", random.choice(("DE", "DE", "US")))
            one = call(at, "S3", f"Get{_rare(random)}", f"p-run-{_rare(random)}", place, "Boto3", role="r")
            return Encounter(at, one)
        case _:
            place = HOME if random.random() < 0.98 else (f"net-{_rare(random)}", "KP")
            who, tool = f"p-{_rare(random) % 60}", f"tool-{_rare(random) % 15}"
            return Encounter(at, call(at, "Lambda", "Invoke", who, place, tool), None, function(1))


def _rare(random: Random) -> int:
    return int(random.paretovariate(0.9))


@pytest.mark.parametrize("seed", range(4))
def test_a_crowd_is_counted_as_it_would_be_judged(seed: int) -> None:
    assert share_counted(crowd(seed)) > 0.2


def at_work(hours: int) -> Iterator[Encounter]:
    for hour in range(hours):
        for minute in range(0, 60, 15):
            at = BEGIN + hour * 3_600 + minute * 60
            yield Encounter(at, call(at, "Lambda", "Invoke", "p", HOME, "Boto3"), None, function(0))


def test_nearly_all_calls_of_a_stable_caller_are_counted() -> None:
    assert share_counted([*at_work(24 * 12)]) > 0.85


def test_who_was_forgotten_meanwhile_is_judged() -> None:
    """A flood of names within a day pushes out one that was counted a moment ago, and the role knows both."""
    at = BEGIN + 12 * DAY_S
    names = ["p-run", *(f"p-{number}" for number in range(1_100)), "p-run", "p-run"]
    role = "r"
    known = [
        Encounter(
            one.at, call(one.at, "S3", "Get", f"p-day-{int(one.at // DAY_S)}", HOME, "Boto3", role=role)
        )
        for one in at_work(24 * 12)
    ]
    flood = [
        Encounter(at + number, call(at + number, "S3", "Get", name, HOME, "Boto3", role=role))
        for number, name in enumerate(names)
    ]
    assert share_counted([*known, *flood]) > 0.4


def made(repeats: Repeats, habits: Habits, at: float, **more: object) -> Repeat:
    """A call of one principal that is kept."""
    repeats.count(TOKEN, at, habits)
    habit = habits.made(1)
    habit.profile.begin(int(at // DAY_S), int(at // 3_600))
    repeat = Repeat(int(at // 3_600), [(habit, 48)], [(1, habit)], values=(7,), **more)  # type: ignore[arg-type]
    repeats.keep(TOKEN, repeat)
    return repeat


def test_a_call_is_known_for_the_rest_of_its_day() -> None:
    repeats, habits = Repeats(), Habits()
    made(repeats, habits, NOON)
    assert not repeats.count(("another",), NOON, habits)
    assert [repeats.count(TOKEN, at, habits) for at in (NOON, DAY_S - 1, DAY_S)] == [True, True, False]
    profile = habits.passing[1].profile
    assert (profile.calls, profile.days, profile.in_hour) == (3, 1, 1)
    assert [*profile.known[5]] == [23]
    assert habits.passing[1].hours == 1 << 23


def test_time_that_goes_back_makes_all_of_them_unknown() -> None:
    repeats, habits = Repeats(), Habits()
    made(repeats, habits, NOON)
    assert not repeats.count(TOKEN, NOON - 3_600, habits)
    assert not repeats.count(TOKEN, NOON, habits)


def test_what_is_strange_or_bears_a_forgotten_value_is_not_counted() -> None:
    repeats, habits = Repeats(), Habits()
    made(repeats, habits, NOON, is_strange=True)
    assert not repeats.count(TOKEN, NOON, habits)
    made(repeats, habits, NOON)
    repeats.forget([8])
    assert repeats.count(TOKEN, NOON, habits)
    repeats.forget([7])
    assert not repeats.count(TOKEN, NOON, habits)


def test_whoever_was_forgotten_is_another_when_coming_back() -> None:
    repeats, habits = Repeats(), Habits()
    repeat = made(repeats, habits, NOON)
    repeat.account = 2, habits.account(2)
    assert repeats.count(TOKEN, NOON, habits)
    habits.accounts[2] = Habit(Profile())
    assert not repeats.count(TOKEN, NOON, habits)
    repeat.account = None
    habits.passing.clear()
    assert not repeats.count(TOKEN, NOON, habits)


def test_they_are_bounded() -> None:
    repeats, habits = Repeats(), Habits()
    for number in range(20_000):
        repeats.keep((number,), Repeat())
        repeats.forget([number])
    assert len(repeats._known) <= 16_384
    assert len(repeats._forgotten) <= 4_096
    assert habits.get(1) is None


def test_whoever_becomes_known_for_a_country_during_the_day_is_at_home_from_then_on() -> None:
    repeats, habits = Repeats(), Habits()
    account = habits.account(2)
    account.profile.learn(COUNTRY, 9, -1, 14 - 24, 64)
    made(repeats, habits, NOON, account=(2, account), country=9)
    homes = []
    for hour in (12, 13, 14, 15):
        assert repeats.count(TOKEN, hour * 3_600.0, habits)
        homes.append(account.home_at)
    assert homes == [None, None, 14 * 3_600.0, 15 * 3_600.0]


def test_who_goes_on_from_a_snapshot_knows_no_calls_of_before() -> None:
    run = Run(make_flow([], trigger="AWS::SQS a"))
    encounters = [Encounter(one.at, run) for one in at_work(24 * 4)]
    detector = CallersDetector(BaselineSettings())
    detector.see(encounters[:-1], inf)
    detector.restore(detector.snapshot())
    detector.see(encounters[-1:], inf)
    _, judged = seen_by(Never(), encounters)
    assert {name: array.tobytes() for name, array in detector.snapshot().items()} == judged
