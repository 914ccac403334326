"""Who did what signals tell, and to what: by this they are joined to others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import astuple

from coldtrail.records.finding import Subject
from coldtrail.records.signal import Signal

MOST_PARTS = 8
"""Of one alert: further actors count to the last."""
MOST_TIMES = 50
"""That are told apart at which an alert was seen."""
MOST_FUNCTIONS = 5
"""That a principal's signal is joined by: whoever goes through more is not of the story of each."""
_OF_ACTORS = frozenset(("callers", "changes"))
"""Detectors whose principals are who did it; of others they are whose credentials were used."""
Key = tuple[str, ...]


def by_actor(signals: Sequence[Signal]) -> list[list[Signal]]:
    """The signals of each actor; those that name nobody count to the one before them."""
    parts: list[list[Signal]] = []
    for signal in sorted(signals, key=_place):
        own = actors_of([signal], signal.finding.subject)
        near = [part for part in parts if not own.isdisjoint(actors_of(part, signal.finding.subject))]
        if near:
            near[0].append(signal)
        elif parts and (not own or len(parts) == MOST_PARTS):
            parts[-1].append(signal)
        else:
            parts.append([signal])
    if len(parts) > 1 and not actors_of(parts[0], parts[0][0].finding.subject):
        parts[:2] = [[*parts[0], *parts[1]]]
    return parts


def _place(signal: Signal) -> tuple[Any, ...]:
    """Where a signal stands among those of an alert: pseudonyms have no say, unless all else is the same."""
    told = signal.since, signal.at, signal.count, -signal.strength, tuple(map(astuple, signal.refs))
    return *told, signal.principals


def keys_of(
    signals: Sequence[Signal], subject: Subject, credentials: Sequence[str], started: Sequence[str] = ()
) -> list[Key]:
    """The principals, credentials and, of what a principal did, the functions that signals name."""
    principals = principals_of(signals, subject, started)
    keys: list[Key] = [("principal", subject.account, one) for one in principals]
    keys += [("credential", one) for one in credentials]
    if subject.kind == "principal":
        # What somebody did something to; of a function's signal they are those of its role.
        keys += [("function", *key) for signal in signals for key in signal.functions[:MOST_FUNCTIONS]]
    return keys + [("credential", one) for signal in signals for one in signal.credentials]


def principals_of(
    signals: Sequence[Signal], subject: Subject, started: Sequence[str] = ()
) -> tuple[str, ...]:
    """All that are named, the subject and those that started runs among them."""
    own = [subject.principal] if subject.principal else []
    named = (one for signal in signals for one in signal.principals)
    return tuple(dict.fromkeys([*own, *named, *started]))


def actors_of(signals: Sequence[Signal], subject: Subject, started: Sequence[str] = ()) -> frozenset[str]:
    """Those of them who did something from outside."""
    acting = [one for one in signals if one.detector in _OF_ACTORS]
    return frozenset(principals_of(acting, subject, started))


def networks_of(signals: Sequence[Signal]) -> frozenset[str]:
    """From which it was done."""
    return frozenset(value for one in signals for what, value in one.indicators if what == "network")


def functions_of(signals: Sequence[Signal], own: str) -> tuple[str, ...]:
    """Names of functions, their own first."""
    names = [own] if own else []
    return tuple(dict.fromkeys([*names, *(key[3] for signal in signals for key in signal.functions)]))


def times_of(signals: Iterable[Signal]) -> tuple[tuple[float, float], ...]:
    """When they were seen, the last as long as what is left."""
    seen = sorted({(one.since, one.at) for one in signals})
    rest = seen[MOST_TIMES - 1 :]
    return (*seen[: MOST_TIMES - 1], *([(rest[0][0], max(end for _, end in rest))] if rest else []))
