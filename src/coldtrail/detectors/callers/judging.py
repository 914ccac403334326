"""How strange a call is to a subject, what it never showed added up over a day; and what is learned of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from coldtrail.detectors.callers.episode import Episode
from coldtrail.detectors.callers.features import (
    COUNTRY,
    FEATURES,
    HOUR,
    MANNER,
    NETWORK,
    TOOL,
    WHO,
    Kind,
    Sighting,
)
from coldtrail.detectors.callers.habits import Habit
from coldtrail.detectors.callers.pools import Pool
from coldtrail.detectors.callers.profile import Keys, Profile, hour_key
from coldtrail.records.identity import FunctionKey

_MOST_EPISODES = 8
_BURST_CALLS, _BURST_TIMES = 30, 5.0
_BURST = 1.5
"""What is hardly known, and calls within an hour more than five times what all did in the busiest one."""
NO_WEIGHTS = (1.0,) * FEATURES


class Subject(NamedTuple):
    """Who is judged, as what."""

    habit: Habit
    kinds: Sequence[Kind]
    pool: Pool
    among: Profile | None
    """What is known of all of its account, where that is another."""
    by_caller: bool
    """Whether what is strange is added up for each caller or place: many share a function or a role."""


class Sight(NamedTuple):
    """A sighting with the numbers that stand for its values, None for what it does not tell."""

    sighting: Sighting
    keys: tuple[int | None, ...]
    day: int
    hour: int


def sight(sighting: Sighting, keys: Keys) -> Sight:
    """The sighting with its numbers."""
    numbers = [None if told is None else keys[told] for told in sighting.told]
    if sighting.told[HOUR] is not None:
        numbers[HOUR] = hour_key(sighting.at)
    return Sight(sighting, tuple(numbers), sighting.day, sighting.hour)


def unfamiliar(profile: Profile, seen: Sight) -> list[int]:
    """The features whose values the subject is not known to show."""
    return [
        feature
        for feature, key in enumerate(seen.keys)
        if key is not None and not profile.is_familiar(feature, key, seen.hour)
    ]


def judge(
    subject: Subject,
    seen: Sight,
    weights: Sequence[float],
    functions: tuple[FunctionKey | None, ...] = (),
) -> Episode | None:
    """What is strange of it together with the rest of the day, None where nothing is. `weights`, by feature,
    are below 1 where something else explains a value."""
    new = [
        feature
        for feature in unfamiliar(subject.habit.profile, seen)
        if subject.kinds[feature].most_score > 0.0
    ]
    if not new or new == [HOUR]:
        return None
    episode = _episode(subject, seen, new)
    episode.go_on(seen.sighting, functions)
    for feature in new:
        _add(subject, seen, feature, episode, weights[feature])
    if _is_burst(subject.habit.profile, episode):
        episode.more = max(episode.more, _BURST)
    if episode.score > episode.reached:
        if not episode.is_alone:
            subject.pool.reach(episode.reached, episode.score)
        episode.reached = episode.score
    return episode


def learn(subject: Subject, seen: Sight, strange: Episode | None) -> list[int]:
    """Remembers what the subject showed; what belongs to something strange becomes familiar slowly. Gives the
    values that had to be forgotten for it."""
    profile, kinds, forgotten = subject.habit.profile, subject.kinds, list[int]()
    for feature, key in enumerate(seen.keys):
        if key is not None and kinds[feature].most:
            one = profile.learn(feature, key, seen.day, seen.hour, kinds[feature].most)
            if one is not None:
                forgotten.append(one)
    if strange is not None and strange.is_alone:
        for value in strange.values:
            known = profile.known[value.feature].get(value.key)
            if known is not None and not known.is_familiar(seen.hour):
                known.strange = True
    return forgotten


def _episode(subject: Subject, seen: Sight, new: Sequence[int]) -> Episode:
    """The one that the call belongs to: of the same caller, or of what the principal does from elsewhere."""
    episodes, at = subject.habit.episodes, seen.sighting.at
    lead = next(feature for feature in (WHO, NETWORK, COUNTRY, TOOL, MANNER) if feature in new)
    key = seen.keys[lead] if subject.by_caller else NETWORK if lead == COUNTRY else lead
    assert key is not None
    episode = episodes.get(key)
    if episode is None or episode.is_over(at):
        episodes.pop(key, None)
        if len(episodes) >= _MOST_EPISODES:
            # Those that were told go last: they would be told again.
            del episodes[min(episodes, key=lambda one: (episodes[one].is_alone, episodes[one].last))]
        episode = episodes[key] = Episode.beginning(at)
    return episode


def _add(subject: Subject, seen: Sight, feature: int, episode: Episode, weight: float) -> None:
    key, told = seen.keys[feature], seen.sighting.told[feature]
    if key is None or told is None or episode.has(feature, key):
        return
    profile, kind, pool = subject.habit.profile, subject.kinds[feature], subject.pool
    score = profile.score(feature, kind, pool.usual(feature, kind), seen.day, seen.hour)
    if key not in profile.known[feature] and profile.news_day[feature] != seen.day:
        profile.news_day[feature] = seen.day
        pool.add_news(feature, profile.days)
    among = subject.among if feature == MANNER else None
    unheard_of = among is not None and not among.is_familiar(feature, key, seen.hour)
    episode.add(feature, key, told, score * weight, unheard_of)


def _is_burst(profile: Profile, episode: Episode) -> bool:
    least = max(_BURST_CALLS, _BURST_TIMES * profile.peak)
    return episode.count >= least and profile.in_hour >= least
