from __future__ import annotations

from coldtrail.detectors.callers.features import (
    COUNTRY,
    FEATURES,
    HOUR,
    NETWORK,
    OF_FUNCTION,
    OF_PRINCIPAL,
    TOOL,
    WHO,
    Sighting,
    Told,
)
from coldtrail.detectors.callers.habits import Habit
from coldtrail.detectors.callers.judging import NO_WEIGHTS, Sight, Subject, judge, learn, sight, unfamiliar
from coldtrail.detectors.callers.pools import Pool
from coldtrail.detectors.callers.profile import Keys, Profile

DAY_S = 86_400.0
KEYS = Keys()


def seen(day: float, who: str = "role", network: str = "home", tool: str = "Boto3") -> Sight:
    told = (
        Told("role", who), Told("network", network), Told("country", "DE"), Told("user_agent", tool), None,
        Told("hour", ""),
    )  # fmt: skip
    return sight(Sighting(day * DAY_S, told, f"e{day}"), KEYS)


def known(days: int = 30, *, by_caller: bool = True) -> Subject:
    """A function that the same role called for so many days."""
    subject = Subject(Habit(Profile()), OF_FUNCTION, Pool(), None, by_caller)
    for day in range(days):
        one = seen(day + 0.5)
        subject.habit.profile.begin(one.day, one.hour)
        learn(subject, one, judge(subject, one, NO_WEIGHTS))
    return subject


def test_what_a_subject_never_showed_is_unfamiliar() -> None:
    profile = known().habit.profile
    assert unfamiliar(profile, seen(30.5)) == []
    assert unfamiliar(profile, seen(30.5, network="away", tool="curl")) == [NETWORK, TOOL]
    assert unfamiliar(profile, seen(30.9)) == [HOUR]


def test_what_is_familiar_is_no_episode_and_an_hour_alone_is_none() -> None:
    subject = known()
    assert judge(subject, seen(30.5), NO_WEIGHTS) is None
    assert judge(subject, seen(30.9), NO_WEIGHTS) is None


def test_an_explained_value_weighs_less() -> None:
    weights = list(NO_WEIGHTS)
    weights[NETWORK] = 0.3
    explained = judge(known(), seen(30.5, network="away"), weights)
    strange = judge(known(), seen(30.5, network="away"), NO_WEIGHTS)
    assert explained is not None
    assert strange is not None
    assert explained.score == 0.3 * strange.score


def test_strange_callers_of_a_function_are_told_apart() -> None:
    subject = known()
    one = judge(subject, seen(30.5, who="a"), NO_WEIGHTS)
    other = judge(subject, seen(30.5, who="b", network="away"), NO_WEIGHTS)
    assert one is not other
    assert judge(subject, seen(30.6, who="a", tool="curl"), NO_WEIGHTS) is one
    assert one is not None
    assert one.scores[TOOL] > 0.0 == one.scores[NETWORK]


def test_what_a_principal_does_from_elsewhere_adds_up() -> None:
    subject = known(by_caller=False)
    one = judge(subject, seen(30.5, network="away"), NO_WEIGHTS)
    assert judge(subject, seen(30.6, network="farther", tool="curl"), NO_WEIGHTS) is one


def test_open_episodes_are_bounded_and_those_that_were_told_stay() -> None:
    subject = known()
    told = judge(subject, seen(30.5, who="told"), NO_WEIGHTS)
    assert told is not None
    told.is_told(True)
    for number in range(1_000):
        judge(subject, seen(30.51, who=str(number)), NO_WEIGHTS)
    assert len(subject.habit.episodes) == 8
    assert told in subject.habit.episodes.values()


def test_what_is_told_alone_becomes_familiar_slowly() -> None:
    for alone, days in ((False, 1), (True, 7)):
        subject = known()
        for day in range(30, 45):
            one = seen(day + 0.5, network="away")
            subject.habit.profile.begin(one.day, one.hour)
            episode = judge(subject, one, NO_WEIGHTS)
            if episode is None:
                break
            episode.is_told(alone)
            learn(subject, one, episode)
        assert day == 30 + days


def test_a_burst_of_what_is_hardly_known_weighs_more() -> None:
    subject = known()
    scores = []
    for number in range(40):
        one = seen(30.5 + number / 10_000, network="away")
        subject.habit.profile.begin(one.day, one.hour)
        episode = judge(subject, one, NO_WEIGHTS)
        assert episode is not None
        scores.append(episode.score)
        learn(subject, one, episode)
    assert scores[-1] == scores[0] + 1.5
    assert scores[20] == scores[0]


def test_news_of_a_day_count_once() -> None:
    subject = known()
    for number in range(50):
        one = seen(30.5, network=f"away-{number}")
        learn(subject, one, judge(subject, one, NO_WEIGHTS))
    assert subject.pool.news[NETWORK] == 1.0
    assert subject.pool.news[COUNTRY] == 0.0


def test_only_what_is_kept_of_a_kind_is_learned() -> None:
    subject = Subject(Habit(Profile()), OF_PRINCIPAL, Pool(), None, False)
    learn(subject, seen(0.5), None)
    assert not subject.habit.profile.known[WHO]
    assert [len(one) for one in subject.habit.profile.known] == [0, 1, 1, 1, 0, 1]
    assert len(subject.habit.profile.known) == FEATURES


def test_values_that_are_forgotten_are_told() -> None:
    subject, most = known(), OF_FUNCTION[TOOL].most
    tools = [f"tool-{number}" for number in range(most)]
    told = [learn(subject, seen(30.5, tool=tool), None) for tool in tools]
    assert told == [[]] * (most - 1) + [[KEYS["user_agent", tools[0]]]]
