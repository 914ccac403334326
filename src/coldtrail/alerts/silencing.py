"""Which silence an alert falls under."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from coldtrail.records.alert import Alert
from coldtrail.records.silence import Field, Matcher, Silence


def silencing(alert: Alert, silences: Iterable[Silence]) -> str | None:
    """The id of the first of the silences that are in force whose matchers all hold; None where none is."""
    return next((one.id for one in silences if is_silenced(alert, one)), None)


def is_silenced(alert: Alert, silence: Silence) -> bool:
    """Whether all matchers of a silence hold; one without matchers holds for none."""
    return bool(silence.matchers) and all(
        _holds(one, values_of(alert, one.field)) for one in silence.matchers
    )


def values_of(alert: Alert, field: Field) -> tuple[str, ...]:
    """What an alert has in a field that matchers look at; several where it may have several."""
    subject = alert.subject
    if field == "detector":
        return alert.detectors or ("",)
    if field == "technique":
        return (alert.technique.technique_id if alert.technique else "",)
    by_field: dict[Field, str | None] = {
        "id": alert.id,
        "kind": alert.kind,
        "severity": alert.severity,
        "account": subject.account,
        "region": subject.region,
        "application": subject.application_name,
        "function": subject.function_name,
        "principal": subject.principal,
    }
    return (by_field[field] or "",)


def _holds(matcher: Matcher, values: tuple[str, ...]) -> bool:
    if matcher.op == "!=":
        return matcher.value not in values
    return any(_fits(matcher, value) for value in values)


def _fits(matcher: Matcher, value: str) -> bool:
    if matcher.op == "glob":
        return fnmatchcase(value, matcher.value)
    if matcher.op == "in":
        return value in [one.strip() for one in matcher.value.split(",")]
    return value == matcher.value
