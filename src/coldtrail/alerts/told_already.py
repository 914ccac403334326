"""Alerts of signals that say what an alert of many runs says already: one change of load is told once.

What drift tells of an application's load, or of a function's rate and times, is what `rates` and `resources`
see by the minute. Such a signal is no alert of its own; it stays a part of the case.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from coldtrail.alerts.correlation import WITHIN_S
from coldtrail.records.alert import Alert
from coldtrail.records.traits import Quantity

_LOADS = frozenset(("load_drift", "rate_drift"))
_TIMES = frozenset(("duration_drift", "own_time_drift", "step_time_drift", "slow_service"))
_SILENCES = frozenset(("silence",))


def untold(drifts: Sequence[Alert], of_signals: Iterable[Alert]) -> list[Alert]:
    """The alerts of signals, but for those that repeat what the others tell."""
    return [one for one in of_signals if not any(_repeats(one, other) for other in drifts)]


def _repeats(one: Alert, other: Alert) -> bool:
    return other.finding.kind in _same(one) and _is_of_same(one, other) and _is_near(one, other)


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
