"""Alerts of signals that say what an alert of many runs says already: one change of load is told once.

What drift tells of an application's load, or of a function's rate and times, is what `rates` and `resources`
see by the minute. Such a signal is no alert of its own; it stays a part of the case. A load is told when it
begins and may last: for a day, windows of its functions that hold no more than the largest on record times
the load are the load's. A flood holds more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from coldtrail.alerts.correlation import WITHIN_S
from coldtrail.records.alert import Alert
from coldtrail.records.finding import Level
from coldtrail.records.traits import Quantity

LOAD_LASTS_S = 86_400.0
"""For how long after it was told a load explains how often functions run."""
_LOADS = frozenset(("load_drift", "rate_drift"))
_TIMES = frozenset(("duration_drift", "own_time_drift", "step_time_drift", "slow_service"))
_SILENCES = frozenset(("silence",))


def untold(drifts: Sequence[Alert], of_signals: Iterable[Alert]) -> list[Alert]:
    """The alerts of signals, but for those that repeat what the others tell."""
    return [one for one in of_signals if not any(_repeats(one, other) for other in drifts)]


def _repeats(one: Alert, other: Alert) -> bool:
    if other.finding.kind not in _same(one) or not _is_of_same(one, other):
        return False
    return _is_near(one, other) or _is_of_load(one, other)


def _same(one: Alert) -> frozenset[str]:
    """The kinds of alerts of many runs that say the same."""
    if one.kind == "surge":
        return _LOADS
    if one.kind == "silence":
        return _SILENCES
    seen = one.finding.seen
    is_time = one.kind == "resource_level" and isinstance(seen, Quantity) and seen.of == "duration"
    return _TIMES if is_time else frozenset()


def _is_of_same(one: Alert, other: Alert) -> bool:
    """Whether the other is of the same function, or of its whole application."""
    if other.subject.kind == "application":
        return one.subject.application_name == other.subject.application_name
    return one.key == other.key


def _is_near(one: Alert, other: Alert) -> bool:
    return one.first_seen <= other.last_seen + WITHIN_S and other.first_seen <= one.last_seen + WITHIN_S


def _is_of_load(one: Alert, load: Alert) -> bool:
    """Whether a surge is on the day of a load, and is no larger than this makes the largest on record."""
    seen, usual = one.finding.seen, one.finding.expected
    now, before = load.finding.seen, load.finding.expected
    if one.kind != "surge" or load.kind != "load_drift":
        return False
    if not isinstance(seen, Quantity) or not isinstance(usual, Quantity):
        return False
    if not isinstance(now, Level) or not isinstance(before, Level) or before.value <= 0.0:
        return False
    is_then = load.first_seen <= one.first_seen <= load.last_seen + LOAD_LASTS_S
    most = max(usual.value, usual.most or 0.0)
    return is_then and seen.value * before.value <= most * now.value
