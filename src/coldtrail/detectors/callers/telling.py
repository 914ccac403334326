"""What is told of something strange, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from coldtrail.detectors.callers.episode import Episode
from coldtrail.detectors.callers.features import HOUR, TOOL, WHO
from coldtrail.detectors.callers.habits import READY_DAYS
from coldtrail.detectors.callers.judging import Subject
from coldtrail.detectors.callers.profile import Profile
from coldtrail.detectors.callers.sightings import refs_of
from coldtrail.records.finding import Finding
from coldtrail.records.finding import Subject as Whose
from coldtrail.records.signal import Signal
from coldtrail.records.traits import Quantity, Trait, Traits

NAME = "callers"
READY_CALLS = 30
_LEAST = 2.2
"""Weaker things are not told."""
_LEAST_STRENGTH = 2.0
_STRANGE_PLACE = 1.5
"""A place that neither the subject nor whoever calls is known for."""
_CALLER_FROM_ELSEWHERE, _CALLER_IN_ALL = 4.0, 5.0
_SERVICE, _SERVICE_DAYS = 2.2, 14
_GATEWAY = 6.5
_TAKEOVER, _TAKEOVER_DAYS = 6.2, 5
_INDICATORS: Mapping[str, str] = {
    "operation": "operation",
    "network": "network",
    "address": "address",
    "country": "country",
    "user_agent": "user_agent",
    "role": "role",
    "service": "service",
}


class About(NamedTuple):
    """Whom a signal is about, and what would be told of it alone."""

    whose: Whose
    kind: Callable[[Episode], str]
    is_alone: Callable[[Profile, Episode], bool]


def signal_of(subject: Subject, episode: Episode, at: float, about: About) -> Signal | None:
    """The signal, where there is something new to tell."""
    profile, score = subject.habit.profile, episode.score
    if score < _LEAST or profile.days < READY_DAYS or profile.calls < READY_CALLS:
        return None
    alone = about.is_alone(profile, episode) and not subject.pool.is_usual(score)
    strength = subject.pool.strength(score)
    if strength < _LEAST_STRENGTH or not episode.is_news(alone):
        return None
    if alone and not episode.is_alone:
        subject.pool.forget(episode.reached)
    episode.is_told(alone)
    return Signal(
        detector=NAME,
        finding=Finding(about.kind(episode), about.whose, None, _usual(profile), _seen(episode)),
        strength=max(strength, 0.0),
        since=episode.start,
        at=at,
        refs=refs_of(episode.refs),
        count=episode.count,
        alone=alone,
        functions=tuple(episode.functions),
        principals=tuple(episode.principals),
        credentials=tuple(episode.access_keys),
        indicators=tuple(
            (_INDICATORS[value.told.what], value.told.value)
            for value in episode.values
            if value.told.what in _INDICATORS
        ),
    )


def _usual(profile: Profile) -> Quantity:
    return Quantity(float(profile.calls), "calls", days=float(profile.days))


def _seen(episode: Episode) -> Trait | Traits:
    """The newest value of each feature, a single one by itself; the hour only where nothing else is told."""
    newest = {value.feature: value.told for value in episode.values}
    if len(newest) > 1:
        newest.pop(HOUR, None)
    traits = [Trait(*newest[feature]) for feature in sorted(newest)]
    return traits[0] if len(traits) == 1 else Traits(tuple(traits))


def kind_of_caller(episode: Episode) -> str:
    """Of a function: a caller that never was, or one that is known but for how or from where it calls."""
    return "caller" if episode.scores[WHO] > 0.0 else "caller_elsewhere"


def is_strange_caller(profile: Profile, episode: Episode) -> bool:
    """Of whoever calls a function by the cloud's API."""
    who, place = episode.scores[WHO], episode.place
    if who > 0.0 and place == 0.0 and episode.scores[TOOL] == 0.0 and _is_service(episode):
        return who >= _SERVICE and profile.days >= _SERVICE_DAYS
    if place < _STRANGE_PLACE:
        return False
    if who > 0.0 and episode.score >= _CALLER_FROM_ELSEWHERE:
        return True
    return episode.aspects >= 2 and episode.score >= _CALLER_IN_ALL


def _is_service(episode: Episode) -> bool:
    return any(value.feature == WHO and value.told.what == "service" for value in episode.values)


def is_strange_visitor(profile: Profile, episode: Episode) -> bool:
    """Of whoever asks a gateway."""
    return episode.aspects >= 3 and episode.score >= _GATEWAY


def is_never_alone(profile: Profile, episode: Episode) -> bool:
    """Of what others tell of better."""
    return False


def kind_of_principal(episode: Episode) -> str:
    """Of a principal that has a past."""
    return "takeover" if episode.is_alone else "habit"


def kind_of_newcomer(episode: Episode) -> str:
    """Of a principal without one."""
    return "newcomer"


def is_takeover(profile: Profile, episode: Episode) -> bool:
    """Of a principal: several things at once, of which the operations are only one."""
    return (
        episode.aspects >= 2
        and episode.score >= _TAKEOVER
        and profile.days >= _TAKEOVER_DAYS
        and (episode.place >= _STRANGE_PLACE or episode.scores[TOOL] > 0.0)
    )
