"""New versions of functions: what most of their runs do is the change, and is learned at once.

Where the telemetry names versions, a version that was never learned is a release. Where it does not, a
release is a change point: what never happened before, and happens in most runs since it first did, or a step
that most runs lack since. Either
way only the runs that show nothing beyond the change are learned.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import inf

from coldtrail.bundle.history import History
from coldtrail.bundle.model import Model
from coldtrail.learning.change import Change, change_of
from coldtrail.learning.gate import Held
from coldtrail.learning.habits import LEAST_NAMED, Habits
from coldtrail.records.finding import FindingKey
from coldtrail.records.identity import FunctionKey, OfFunction

Runs = Mapping[tuple[FunctionKey, str | None], Sequence[float]]
"""Starts of the runs judged, by function and version."""


class Release(OfFunction, frozen=True, kw_only=True):
    """A change of a function that most of its runs show since."""

    version: str | None
    """None where the telemetry names none."""
    since: float
    """Start of its first run, UTC epoch seconds."""
    runs: int
    """Since then."""
    change: list[FindingKey]
    """What is new in it."""
    learned: int
    """Flagged runs that show nothing else."""
    beyond: int
    """Flagged runs that show more, and are not learned."""


class Rollback(OfFunction, frozen=True):
    """A version that runs again after a newer one."""

    version: str | None
    """None where the telemetry names none."""
    instead_of: str | None
    since: float
    """Start of the first run after the last of the newer version."""


def released(
    model: Model, held: Iterable[Held], runs: Runs, history: History
) -> tuple[list[Release], list[Held], list[Held]]:
    """The releases among what was flagged, the flows of theirs to learn, and all other flows.

    The history holds what was not flagged as well.
    """
    parts: dict[tuple[FunctionKey, str | None], list[Held]] = defaultdict(list)
    rest: list[Held] = []
    for one in held:
        key = one.flow.key
        known = model.versions.get(key, frozenset())
        if known and (one.flow.version is None or one.flow.version in known):
            rest.append(one)
        else:
            parts[key, one.flow.version if known else None].append(one)
    releases: list[Release] = []
    wanted: list[Held] = []
    for (key, version), flagged in parts.items():
        starts = _starts(runs, key, version)
        habits = Habits(history, key, version, [one.flow for one in flagged])
        change = change_of(model, flagged, starts, version, habits)
        learned, beyond = change.parted(model, flagged)
        wanted += learned
        rest += beyond
        if change.accepted:
            after = [one for one in beyond if one.flow.start_time >= change.since]
            number = len(starts) - bisect_left(starts, change.since)
            releases.append(_release(key, version, change, number, len(learned), len(after)))
    return releases, wanted, rest


def _starts(runs: Runs, key: FunctionKey, version: str | None) -> list[float]:
    """The starts of a version's runs; of all runs where no version is known."""
    if version is not None:
        return sorted(runs.get((key, version), ()))
    return sorted(start for (whose, _), starts in runs.items() if whose == key for start in starts)


def _release(
    key: FunctionKey, version: str | None, change: Change, runs: int, learned: int, beyond: int
) -> Release:
    return Release(
        *key,
        version=version,
        since=change.since,
        runs=runs,
        change=change.causes,
        learned=learned,
        beyond=beyond,
    )


def rollbacks(latest: Mapping[FunctionKey, tuple[str, float]], model: Model, runs: Runs) -> list[Rollback]:
    """The versions learned before that run again after their function's `latest`, and its last start."""
    found = []
    for (key, version), starts in sorted(runs.items(), key=str):
        newest, last = latest.get(key, ("", inf))
        if version is None or version == newest or version not in model.versions.get(key, ()):
            continue
        again = sorted(start for start in starts if start > max([last, *runs.get((key, newest), ())]))
        if len(again) >= LEAST_NAMED:
            found.append(Rollback(*key, version, newest, again[0]))
    return found
