"""Which silence an alert falls under."""

from __future__ import annotations

from collections.abc import Iterable

from coldtrail.alerts.matching import matches
from coldtrail.records.alert import Alert
from coldtrail.records.silence import Silence


def silencing(alert: Alert, silences: Iterable[Silence]) -> str | None:
    """The id of the first of the silences that are in force whose matchers all hold; None where none is."""
    return next((one.id for one in silences if is_silenced(alert, one)), None)


def is_silenced(alert: Alert, silence: Silence) -> bool:
    """Whether all matchers of a silence hold; one without matchers holds for none."""
    return bool(silence.matchers) and matches(silence.matchers, alert)
