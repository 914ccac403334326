"""What would make a function better covered: a sentence for each lack, with the command that does it.

Some of these commands change the function's configuration: nobody runs them but who reads them.
"""

from __future__ import annotations

from math import ceil, floor
from typing import NamedTuple

from coldtrail.alerts.wording.amounts import counted, share
from coldtrail.records.identity import FunctionKey
from coldtrail.records.next_step import Command, NextStep, Slot
from coldtrail.verbs.coverage.scores import Parts
from coldtrail.verbs.coverage.seen import OPENTELEMETRY, Seen
from coldtrail.verbs.coverage.told import Told

_ENOUGH = 0.995
"""A share that nothing need be done about."""
_MOST_CALLS = 3
_REPORTS = '?"REPORT RequestId" ?"platform.report"'
"""What finds the reports in logs of text, and in those of JSON."""
_LATE_MS = 60_000
"""How much later than the run a report may be written."""


WHOM = "{whom}"
"""Stands for the functions in what is told of several."""


class Lack(NamedTuple):
    """What a function lacks, by the part of its score, and what to do about it."""

    part: str
    step: NextStep
    of_several: str
    """The same to do for several functions, which stand where `WHOM` does."""


def lacks_of(key: FunctionKey, seen: Seen, told: Told | None, parts: Parts) -> list[Lack]:
    """What to do, the lack that weighs most first."""
    found = [_tracing(key, seen, told, parts)]
    if seen.traced:
        found += [_calls(key, seen), _callers(key, seen, parts), _whole(key, seen)]
    return [lack for lack in (*found, _reports(key, seen, parts)) if lack is not None]


def _tracing(key: FunctionKey, seen: Seen, told: Told | None, parts: Parts) -> Lack | None:
    if not seen.traced:
        often = f", which ran {_times(told.invocations)} untraced" if told else ""
        tracing = f"Turn active tracing on for {WHOM}"
        return _lack("traced", key, tracing + often, tracing, _active(key))
    if told is None or parts.traced > _ENOUGH:
        return None
    return _lack(
        "traced",
        key,
        f"Raise the share of {WHOM} that is traced, about {share(parts.traced)} of "
        f"{counted(round(told.invocations), 'invocation')}; the rules of sampling tell what is kept",
        f"Raise the share that is traced of {WHOM}; the rules of sampling tell what is kept",
        Command(("aws", "xray", "get-sampling-rules", *_where(key))),
    )


def _calls(key: FunctionKey, seen: Seen) -> Lack | None:
    if seen.unseen:
        some = ", ".join(name for name, _ in seen.unseen.most_common(_MOST_CALLS))
        number = counted(seen.unseen.total(), "call")
        return _lack(
            "calls",
            key,
            f"Instrument what {WHOM} makes these calls with: only CloudTrail shows {number} ({some}).",
            f"Instrument what makes the calls that only CloudTrail shows, in {WHOM}.",
        )
    if not seen.calls:
        lost = "is a call, and what is not recorded cannot be judged."
        return _lack(
            "calls",
            key,
            f"Instrument {WHOM} if it calls anything: none of its steps {lost}",
            f"Instrument what calls anything among {WHOM}: none of their steps {lost}",
        )
    if seen.abroad or OPENTELEMETRY.isdisjoint(seen.formats):
        return None
    layer = (
        "and where they come from ADOT's layer for Python, that leaves httpx, aiohttp and database "
        "drivers out unless OTEL_PYTHON_DISABLED_INSTRUMENTATIONS is set to what shall stay out."
    )
    return _lack(
        "calls",
        key,
        f"Look whether {WHOM} calls hosts or databases: its spans tell of none, {layer}",
        f"Look whether hosts or databases are called by {WHOM}: their spans tell of none, {layer}",
    )


def _whole(key: FunctionKey, seen: Seen) -> Lack | None:
    if not seen.open:
        return None
    again = f"Fetch traces of {WHOM} again"
    return _lack(
        "whole",
        key,
        f"{again}: of {counted(seen.open, 'flow')} the record was open, or cut.",
        f"{again}: the record of some of their flows was open, or cut.",
    )


def _callers(key: FunctionKey, seen: Seen, parts: Parts) -> Lack | None:
    if parts.callers > _ENOUGH:
        return None
    whole = f"Fetch whole traces, and trace what calls {WHOM}: the caller of"
    flows = counted(seen.callers_lost, "flow")
    return _lack("callers", key, f"{whole} {flows} is missing.", f"{whole} some of their flows is missing.")


def _reports(key: FunctionKey, seen: Seen, parts: Parts) -> Lack | None:
    if not seen.flows or parts.reports is None or parts.reports > _ENOUGH:
        return None
    group = Slot("log_group", f"/aws/lambda/{key.function}")
    argv = ("aws", "logs", "filter-log-events", "--log-group-name", group, "--filter-pattern", _REPORTS)
    times = (
        "--start-time",
        f"{1000 * floor(seen.first)}",
        "--end-time",
        f"{1000 * ceil(seen.last) + _LATE_MS}",
    )
    missing = counted(seen.flows - seen.reported, "flow")
    add = f"Add the platform's reports of {WHOM} (memory, time, instance)"
    save = "saved below aws/lambda/NAME/, since nothing else names the function"
    command = Command((*argv, *times, *_where(key), "--output", "json"))
    return _lack("reports", key, f"{add}, missing for {missing}, {save}", f"{add}, {save}", command)


def _lack(part: str, key: FunctionKey, told: str, of_several: str, command: Command | None = None) -> Lack:
    return Lack(part, NextStep(told.replace(WHOM, key.function), command), of_several)


def _times(number: float) -> str:
    return "once" if round(number) == 1 else counted(round(number), "time")


def _active(key: FunctionKey) -> Command:
    verb = ("aws", "lambda", "update-function-configuration")
    argv = (*verb, "--function-name", Slot("function", key.function))
    return Command((*argv, "--tracing-config", "Mode=Active", *_where(key)))


def _where(key: FunctionKey) -> tuple[str | Slot, ...]:
    return ("--region", Slot("region", key.region)) if key.region else ()
