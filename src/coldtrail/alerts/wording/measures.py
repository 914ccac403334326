"""Amounts and traits of findings that lie in no single step, in words."""

from __future__ import annotations

from coldtrail.alerts.showing.plain import named
from coldtrail.alerts.wording.amounts import counted, duration, number, roughly
from coldtrail.records.finding import Known, StepKey
from coldtrail.records.traits import Quantity, Trait, Traits

_KB = 1_000.0
_DAY_S = 86_400.0
_PERIODS = {60.0: "a minute", 3_600.0: "an hour", 86_400.0: "a day", 7 * 86_400.0: "a week"}
_COUNTS = {
    "invocations": "invocation",
    "errors": "error",
    "calls": "call",
    "functions": "function",
}
_TRAITS = {
    "user_agent": "program",
    "environment": "runtime environment",
    "function_role": "role of the function",
    "url": "function URL",
    "code": "code",
}
"""What traits are called where the value's name is not the word."""


def amount(told: Quantity) -> str:
    """The amount with its unit: `3,200 invocations`, `1.2 GB`, `$12.40`."""
    if told.unit in _COUNTS:
        rounded = round(told.value)
        return counted(rounded, _COUNTS[told.unit]) if rounded == 1 else f"{roughly(told.value)} {told.unit}"
    if told.unit == "seconds":
        return duration(told.value)
    if told.unit == "bytes":
        return _bytes(told.value)
    if told.unit == "mb":
        return f"{number(round(told.value, 1))} MB"
    if told.unit == "usd":
        return f"${told.value:,.2f}" if told.value >= 0.01 else "less than $0.01"
    if told.unit == "gb_seconds":
        return f"{roughly(told.value)} GB-seconds"
    return f"{roughly(told.value)} times as much"


def quantity(told: Quantity) -> str:
    """The amount, of what, and within which period: `3,200 invocations in 5 min`, `memory of 412 MB`."""
    text = amount(told)
    if told.of:
        text = f"{told.of.replace('_', ' ')} of {text}"
    if told.period_s is not None:
        text += " " + period(told)
    return text if told.prices is None else f"{text}, {prices(told)}"


def period(told: Quantity) -> str:
    """Within which time, empty for a level: `a day`."""
    if told.period_s is None:
        return ""
    days = told.period_s / _DAY_S
    if days > 1 and days == round(days) and told.period_s not in _PERIODS:
        return f"in {counted(round(days), 'day')}"
    return _PERIODS.get(told.period_s) or f"in {duration(told.period_s)}"


def within(told: Quantity) -> str:
    """Over which time something added up, empty for a level: `within a day`, `over 3 days`."""
    days = round((told.period_s or 0.0) / _DAY_S)
    return f"over {counted(days, 'day')}" if days > 1 else f"within {period(told)}" if told.period_s else ""


def prices(told: Quantity) -> str:
    """By which prices money was counted, empty for all else."""
    if told.prices is None:
        return ""
    gb_second, million = (_price(price) for price in told.prices)
    return f"at {gb_second} a GB-second and {million} a million requests"


def _price(usd: float) -> str:
    return f"${usd:,.2f}" if usd >= 0.1 else f"${usd:.10f}".rstrip("0").rstrip(".")


def usual_quantity(told: Quantity) -> str:
    """The same of what is usual, with the most that was seen, and from how long a history that is known."""
    text = f"about {quantity(told)}"
    if told.most is not None:
        most = Quantity(told.most, told.unit)
        text += f", at most {amount(most)}"
    return text if told.days is None else f"{text} in {_days(told.days)} of history"


def trait(told: Trait) -> str:
    """What it is and its value: `country NL`, `program aws-cli`."""
    return f"{_TRAITS.get(told.what, told.what.replace('_', ' '))} {named(told.value)}"


def traits(told: Traits) -> str:
    """All of them: `country NL, program aws-cli`."""
    return ", ".join(map(trait, told.traits))


def known_values(known: Known) -> str:
    """What was met before, the most frequent first."""
    if not known.things:
        return "none so far"
    told = [
        " ".join(filter(None, (one.name.action, one.name.target)))
        if isinstance(one.name, StepKey)
        else one.name or "nobody on record"
        for one in known.things
    ]
    more = f" and {known.more:,} more" if known.more else ""
    return ", ".join([f"{named(name)} ({number(round(one.runs))} times)" for name, one in
                      zip(told, known.things, strict=True)]) + more  # fmt: skip


def _bytes(value: float) -> str:
    for unit in ("bytes", "KB", "MB", "GB", "TB"):
        if value < _KB or unit == "TB":
            return f"{roughly(value)} {unit}"
        value /= _KB
    raise AssertionError("the last unit takes all")


def _days(days: float) -> str:
    return counted(round(days), "day") if days >= 1 else f"{days * 24:.0f} hours"
