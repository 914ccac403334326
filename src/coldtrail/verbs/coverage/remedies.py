"""What would make a function better covered: a sentence for each lack, with the command that does it.

Some of these commands change the function's configuration: nobody runs them but who reads them.
"""

from __future__ import annotations

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


class Lack(NamedTuple):
    """What a function lacks, by the part of its score, and what to do about it."""

    part: str
    step: NextStep


def lacks_of(key: FunctionKey, seen: Seen, told: Told | None, parts: Parts) -> list[Lack]:
    """What to do, the lack that weighs most first."""
    found = [("traced", _tracing(key, seen, told, parts)), ("reports", _reports(key, seen, parts))]
    if seen.traced:
        found[1:1] = [
            ("calls", _calls(key, seen)),
            ("callers", _callers(key, seen, parts)),
            ("whole", _whole(key, seen)),
        ]
    return [Lack(part, step) for part, step in found if step is not None]


def _tracing(key: FunctionKey, seen: Seen, told: Told | None, parts: Parts) -> NextStep | None:
    if not seen.traced:
        often = f", which ran {_times(told.invocations)} untraced" if told else ""
        return NextStep(f"Turn active tracing on for {key.function}{often}", _active(key))
    if told is None or parts.traced > _ENOUGH:
        return None
    return NextStep(
        f"Raise the share of {key.function} that is traced, about {share(parts.traced)} of "
        f"{counted(round(told.invocations), 'invocation')}; the rules of sampling tell what is kept",
        Command(("aws", "xray", "get-sampling-rules", *_where(key))),
    )


def _calls(key: FunctionKey, seen: Seen) -> NextStep | None:
    if seen.unseen:
        some = ", ".join(name for name, _ in seen.unseen.most_common(_MOST_CALLS))
        number = counted(seen.unseen.total(), "call")
        return NextStep(
            f"Instrument what {key.function} makes these calls with: only CloudTrail shows {number} ({some})."
        )
    if not seen.calls:
        return NextStep(
            f"Instrument {key.function} if it calls anything: none of its steps is a call, and what is not "
            "recorded cannot be judged."
        )
    if seen.abroad or OPENTELEMETRY.isdisjoint(seen.formats):
        return None
    return NextStep(
        f"Look whether {key.function} calls hosts or databases: its spans tell of none, and where they come "
        "from ADOT's layer for Python, that leaves httpx, aiohttp and database drivers out unless "
        "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS is set to what shall stay out."
    )


def _whole(key: FunctionKey, seen: Seen) -> NextStep | None:
    if not seen.open:
        return None
    return NextStep(
        f"Fetch traces of {key.function} again: of {counted(seen.open, 'flow')} the record was open, or cut."
    )


def _callers(key: FunctionKey, seen: Seen, parts: Parts) -> NextStep | None:
    if parts.callers > _ENOUGH:
        return None
    flows = counted(seen.callers_lost, "flow")
    return NextStep(
        f"Fetch whole traces, and trace what calls {key.function}: the caller of {flows} is missing."
    )


def _reports(key: FunctionKey, seen: Seen, parts: Parts) -> NextStep | None:
    if not seen.flows or parts.reports is None or parts.reports > _ENOUGH:
        return None
    group = Slot("log_group", f"/aws/lambda/{key.function}")
    argv = ("aws", "logs", "filter-log-events", "--log-group-name", group, "--filter-pattern", "REPORT")
    missing = counted(seen.flows - seen.reported, "flow")
    return NextStep(
        f"Add the platform's reports of {key.function} (memory, time, instance), missing for {missing}",
        Command((*argv, *_where(key))),
    )


def _times(number: float) -> str:
    return "once" if round(number) == 1 else counted(round(number), "time")


def _active(key: FunctionKey) -> Command:
    verb = ("aws", "lambda", "update-function-configuration")
    argv = (*verb, "--function-name", Slot("function", key.function))
    return Command((*argv, "--tracing-config", "Mode=Active", *_where(key)))


def _where(key: FunctionKey) -> tuple[str | Slot, ...]:
    return ("--region", Slot("region", key.region)) if key.region else ()
