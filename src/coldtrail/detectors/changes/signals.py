"""An occasion, or what of it is strange, as a signal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from coldtrail.detectors.changes.kinds import OF_FUNCTIONS
from coldtrail.detectors.changes.memory import Memory
from coldtrail.detectors.changes.occasions import Made, Occasion
from coldtrail.records.finding import Finding, Known, Met, StepKey, Subject, Value
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Ref, Signal

NAME = "changes"
_MOST_REFS = 20
_MOST_FUNCTIONS = 50
_MOST_INDICATORS = 5
_MOST_DEPLOYERS = 3


def signal_of(
    occasion: Occasion,
    made: Sequence[Made],
    functions: Sequence[FunctionKey],
    kind: str,
    strength: float,
    *,
    alone: bool = False,
    seen: Value | None = None,
    expected: Value | None = None,
) -> Signal:
    """What is told of these of the occasion's changes."""
    subject, first = subject_of(made, functions), made[0].change
    about = first.function_name if first.family in OF_FUNCTIONS else first.target or first.role
    return Signal(
        detector=NAME,
        finding=Finding(kind, subject, StepKey(first.operation, first.family, about or None), expected, seen),
        strength=strength,
        since=min(one.at for one in made),
        at=occasion.end,
        refs=tuple(Ref("event", one.change.event_id) for one in made[:_MOST_REFS]),
        count=len(made),
        alone=alone,
        functions=keys(functions[:_MOST_FUNCTIONS]),
        principals=_distinct(one.change.principal for one in made),
        credentials=_distinct(one.change.access_key for one in made),
        version=_version(made, functions),
        indicators=(
            *(("operation", one) for one in _distinct(one.change.operation for one in made)),
            *(("user_agent", one) for one in _distinct(one.change.user_agent for one in made)),
            *(("network", one) for one in _distinct(one.change.source_network for one in made)),
            *(("country", one) for one in _distinct(one.change.source_country for one in made)),
            *(("target", one) for one in _distinct(one.change.target for one in made)),
        ),
    )


def keys(functions: Sequence[FunctionKey]) -> tuple[tuple[str, str, str, str], ...]:
    """The functions as plain tuples."""
    return tuple((one.account, one.region, one.application, one.function) for one in functions)


def subject_of(made: Sequence[Made], functions: Sequence[FunctionKey]) -> Subject:
    """The function; where there are several, their application; else who did it."""
    if len(functions) == 1:
        return Subject.of(functions[0])
    if functions and len({one.application_key for one in functions}) == 1:
        return Subject("application", *functions[0].application_key)
    change = made[0].change
    return Subject("principal", change.account, change.region, principal=change.principal or "")


def usual_deployers(memory: Memory, functions: Sequence[FunctionKey]) -> Known:
    """Who usually changes these functions' applications, with the days on which he did."""
    days: dict[str, int] = {}
    for application in dict.fromkeys(one.application_key for one in functions):
        habits = memory.applications.get(application)
        for name, count in (habits.deployers if habits is not None else {}).items():
            days[name] = max(days.get(name, 0), count)
    ranked = sorted(days, key=lambda name: -days[name])
    things = tuple(Met(name, float(days[name])) for name in ranked[:_MOST_DEPLOYERS])
    return Known(things, max(len(ranked) - _MOST_DEPLOYERS, 0))


def _distinct(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))[:_MOST_INDICATORS]


def _version(made: Sequence[Made], functions: Sequence[FunctionKey]) -> str | None:
    """The version that one function has after it."""
    told = [one.change.version for one in made if one.change.version not in (None, "$LATEST")]
    return told[-1] if told and len(functions) == 1 else None
