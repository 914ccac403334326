"""Signals of destinations and amounts: each once, and again when it grows tenfold or after a quiet day."""

from __future__ import annotations

from collections.abc import Sequence

from coldtrail.detectors.egress.states import Telling
from coldtrail.records.finding import Finding, Subject, Value
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Signal

NAME = "egress"
_QUIET_S = 86_400.0
_GROWN = 10.0
_MOST_TOLD, _FEW = 8, 5


def is_due(told: dict[str, Telling], what: str, at: float, amount: float = 1.0) -> bool:
    """Whether to tell something now, of which there is so much."""
    known = told.get(what)
    if known is None or at - known.last > _QUIET_S or amount >= _GROWN * known.amount:
        told.pop(what, None)
        told[what] = Telling(at, amount)
        while len(told) > _MOST_TOLD:
            del told[next(iter(told))]
        return True
    known.last = max(known.last, at)
    told[what] = told.pop(what)
    return False


def is_news(told: dict[str, Telling], what: str, at: float, amount: float) -> bool:
    """Whether to tell something that lasts, however quiet it is between, until it is forgotten here."""
    known = told.get(what)
    if known is not None and amount < _GROWN * known.amount:
        known.last = max(known.last, at)
    return (known is None or amount >= _GROWN * known.amount) and is_due(told, what, at, amount)


def is_one_of_few(told: dict[str, Telling], what: str, at: float) -> bool:
    """Whether few things of a kind were told within a day, so that names made to flood are told no more."""
    known = told.pop(what, None)
    if known is None or at - known.last > _QUIET_S:
        known = Telling(at, 0.0)
    told[what] = known
    known.amount += 1.0
    return known.amount <= _FEW


def subject_of(functions: Sequence[FunctionKey], account: str, region: str, place: str) -> Subject:
    """Who is meant by what several functions share: the only one, their application, or the network."""
    if len(functions) == 1:
        return Subject.of(functions[0])
    application = functions[0].application if functions else place
    return Subject("application", account, region, application)


def finding_of(kind: str, whose: Subject, seen: Value, expected: Value | None = None) -> Finding:
    """What is strange about a destination or an amount."""
    return Finding(kind, whose, None, expected, seen)


def plain(finding: Finding, strength: float, since: float, at: float, *, alone: bool = False) -> Signal:
    """A signal without anything to open."""
    return Signal(detector=NAME, finding=finding, strength=strength, since=min(since, at), at=at, alone=alone)
