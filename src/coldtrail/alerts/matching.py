"""Which alerts matchers mean: those of silences, and of channels that are told of some alerts only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import translate
from functools import lru_cache

from coldtrail.records.alert import Alert
from coldtrail.records.silence import Field, Matcher


def matches(matchers: Iterable[Matcher], alert: Alert) -> bool:
    """Whether all of them hold; of none, all do."""
    return all(_holds(one, values_of(alert, one.field)) for one in matchers)


def values_of(alert: Alert, field: Field) -> tuple[str, ...]:
    """What a field holds of an alert: one value, or several of detectors and techniques; an empty one where
    the alert tells none. `T1098` is a value of what `T1098.003` names."""
    if field == "detector":
        return alert.detectors or ("",)
    if field == "technique":
        named = alert.technique.technique_id if alert.technique else ""
        return (named, named.partition(".")[0])
    return (_value(alert, field),)


def _value(alert: Alert, field: Field) -> str:
    if field in ("id", "kind", "severity"):
        return str(getattr(alert, field))
    of = alert.subject
    key = alert.key
    known = {
        "account": of.account or key.account,
        "region": of.region or key.region,
        "application": of.application_name or key.application,
        "function": of.function_name or key.function,
        "principal": of.principal,
    }
    return known[field]


def _holds(matcher: Matcher, values: Sequence[str]) -> bool:
    match matcher.op:
        case "=":
            return matcher.value in values
        case "!=":
            return matcher.value not in values
        case "in":
            return not {one.strip() for one in matcher.value.split(",")}.isdisjoint(values)
        case "glob":
            return any(map(_glob(matcher.value).match, values))


@lru_cache(maxsize=256)
def _glob(pattern: str) -> re.Pattern[str]:
    """`*` for anything, `?` for one character, `[ab]` for one of some; upper and lower case differ."""
    return re.compile(translate(pattern))
