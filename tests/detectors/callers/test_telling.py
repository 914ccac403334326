from __future__ import annotations

import pytest

from coldtrail.detectors.callers import telling
from coldtrail.detectors.callers.episode import Episode
from coldtrail.detectors.callers.features import (
    COUNTRY,
    FEATURES,
    HOUR,
    MANNER,
    NETWORK,
    OF_FUNCTION,
    TOOL,
    WHO,
    Sighting,
    Told,
)
from coldtrail.detectors.callers.habits import Habit
from coldtrail.detectors.callers.judging import Subject
from coldtrail.detectors.callers.pools import Pool
from coldtrail.detectors.callers.profile import Profile
from coldtrail.detectors.callers.telling import About, signal_of
from coldtrail.records.finding import Subject as Whose
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Ref, Signal
from coldtrail.records.traits import Quantity, Trait, Traits

WHOSE = Whose.of(FunctionKey("1", "r", "shop", "pay"))
TOLD = {
    WHO: Told("role", "mallory"),
    NETWORK: Told("network", "n"),
    COUNTRY: Told("country", "KP"),
    TOOL: Told("user_agent", "curl"),
    MANNER: Told("operation", "Invoke asynchronous"),
    HOUR: Told("hour", "weekend 03:00 UTC"),
}


def episode(**scores: float) -> Episode:
    """One of these scores, by the names of features."""
    one = Episode.beginning(100.0)
    one.go_on(Sighting(100.0, (None,) * FEATURES, "e1", "p-mallory", "k"), ())
    for name, score in scores.items():
        feature = {
            "who": WHO,
            "network": NETWORK,
            "country": COUNTRY,
            "tool": TOOL,
            "manner": MANNER,
            "hour": HOUR,
        }[name]
        one.add(feature, feature, TOLD[feature], score)
    return one


def told(
    one: Episode, days: int = 30, calls: int = 900, about: About | None = None, pool_days: int = 100
) -> Signal | None:
    pool = Pool()
    for _ in range(pool_days):
        pool.add_day(20)
    pool.reach(0.0, one.score)
    subject = Subject(Habit(Profile(days=days, calls=calls)), OF_FUNCTION, pool, None, True)
    usual = About(WHOSE, telling.kind_of_caller, telling.is_strange_caller)
    return signal_of(subject, one, 100.0, about or usual)


def test_a_signal_says_what_was_new_and_what_it_is_known_from() -> None:
    signal = told(episode(who=2.4, network=2.0, country=2.0, hour=0.5))
    assert signal is not None
    assert signal.finding.kind == "caller"
    assert signal.finding.subject == WHOSE
    assert signal.finding.expected == Quantity(900.0, "calls", days=30.0)
    assert signal.finding.seen == Traits(
        (Trait("role", "mallory"), Trait("network", "n"), Trait("country", "KP"))
    )
    assert (signal.since, signal.at, signal.count, signal.alone) == (100.0, 100.0, 1, True)
    assert (signal.refs, signal.principals, signal.credentials) == (
        (Ref("event", "1"),),
        ("p-mallory",),
        ("k",),
    )
    assert ("country", "KP") in signal.indicators
    assert signal.strength == pytest.approx(3.4, abs=0.05)


def test_one_new_thing_is_told_by_itself() -> None:
    signal = told(episode(country=3.0))
    assert signal is not None
    assert signal.finding.seen == Trait("country", "KP")
    assert (signal.finding.kind, signal.alone) == ("caller_elsewhere", False)


@pytest.mark.parametrize(
    ("days", "calls", "pool_days", "score"),
    [(2, 900, 100, 3.0), (30, 29, 100, 3.0), (30, 900, 0, 3.0), (30, 900, 100, 2.1)],
)
def test_what_is_weak_or_known_from_too_little_is_not_told(
    days: int, calls: int, pool_days: int, score: float
) -> None:
    assert told(episode(country=score), days, calls, pool_days=pool_days) is None


@pytest.mark.parametrize(
    ("scores", "alone"),
    [
        ({"who": 2.4, "network": 2.0}, True),
        ({"who": 2.4, "network": 0.6}, False),
        ({"who": 2.4, "network": 0.6, "tool": 0.7}, False),
        ({"who": 2.4, "tool": 2.4}, False),
        ({"country": 2.8, "tool": 2.4}, True),
        ({"country": 3.0, "hour": 0.8}, False),
        ({"who": 2.4}, False),
    ],
)
def test_which_callers_of_a_function_are_told_alone(scores: dict[str, float], alone: bool) -> None:
    assert telling.is_strange_caller(Profile(days=30), episode(**scores)) == alone


def test_a_new_service_is_told_alone_where_callers_have_long_been_the_same() -> None:
    one = Episode.beginning(0.0)
    one.add(WHO, 1, Told("service", "events.amazonaws.com"), 2.4)
    assert telling.is_strange_caller(Profile(days=14), one)
    assert not telling.is_strange_caller(Profile(days=13), one)


def test_visitors_of_a_gateway_are_told_alone_only_where_all_is_new() -> None:
    profile = Profile(days=30)
    assert not telling.is_strange_visitor(profile, episode(country=3.0, tool=3.0))
    assert telling.is_strange_visitor(profile, episode(who=2.0, country=2.5, tool=2.4))
    assert not telling.is_never_alone(profile, episode(who=3.0, country=3.0, tool=3.0))


def test_a_takeover_is_several_things_at_once_and_not_operations_alone() -> None:
    profile = Profile(days=30)
    assert telling.is_takeover(profile, episode(country=2.5, tool=2.4, manner=1.5))
    assert not telling.is_takeover(profile, episode(country=2.5, tool=2.4))
    assert not telling.is_takeover(profile, episode(manner=9.0))
    assert not telling.is_takeover(profile, episode(country=9.0))
    assert not telling.is_takeover(profile, episode(network=0.4, manner=9.0))
    assert not telling.is_takeover(Profile(days=4), episode(country=2.5, tool=2.4, manner=1.5))


def test_what_is_no_takeover_yet_is_a_change_of_habit() -> None:
    about = About(WHOSE, telling.kind_of_principal, telling.is_takeover)
    weak, strong = (
        told(episode(country=3.0), about=about),
        told(episode(country=3.0, tool=3.0, manner=1.0), about=about),
    )
    assert weak is not None
    assert strong is not None
    assert (weak.finding.kind, strong.finding.kind) == ("habit", "takeover")


def test_an_attack_that_is_told_is_no_measure_of_what_is_benign() -> None:
    pool = Pool()
    for _ in range(100):
        pool.add_day(20)
    for _ in range(8):
        one = episode(who=2.4, network=2.0)
        pool.reach(0.0, one.score)
        one.reached = one.score
        subject = Subject(Habit(Profile(days=30, calls=900)), OF_FUNCTION, pool, None, True)
        signal = signal_of(
            subject, one, 100.0, About(WHOSE, telling.kind_of_caller, telling.is_strange_caller)
        )
        assert signal is not None
        assert signal.alone
