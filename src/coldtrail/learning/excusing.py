"""How much exceptions excuse, where that is so much that little is left to alarm.

What a person calls benign is taken at its word. But an intruder who can write feedback, or somebody tired of
alarms, silences a detector in this way, and nobody who reads no alarms would see it: so it is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from coldtrail.alerts.showing.plain import named
from coldtrail.alerts.wording.amounts import counted
from coldtrail.records.identity import FunctionKey
from coldtrail.verdicts.feedback import Feedback

MANY_FUNCTIONS, LEAST_FUNCTIONS = 0.5, 3
"""The share of the known functions, and their number, of which something is excused."""
MANY_EXCEPTIONS = 30
"""Of one function; a release that changes much has about ten."""
MANY_FLOWS, LEAST_FLOWS = 0.05, 10
"""The share of flows, and their number: the budget of false alarms is far below it."""
_CHECK = "See that they were given by people whom you trust."


def exceptions_of(feedback: Feedback) -> Counter[FunctionKey]:
    """How many things of each function are excused: causes, rarities and shifts."""
    number = Counter(one.cause.whose for one in feedback.accepted)
    number.update(cause.whose for cause in feedback.usual)
    for shift in feedback.shifts:
        number[shift.key] += len(shift.effects)
    return number


def excusing_much(feedback: Feedback, functions: Collection[FunctionKey]) -> tuple[str, ...]:
    """Where exceptions cover many of the functions that are known, or much of one, a sentence each."""
    number = exceptions_of(feedback)
    out = []
    if len(number) >= max(LEAST_FUNCTIONS, MANY_FUNCTIONS * len(functions)):
        out.append(
            f"Exceptions excuse something in {len(number):,} of {counted(len(functions), 'function')} "
            f"({counted(number.total(), 'exception')}): what is like it does not alarm. {_CHECK}"
        )
    most = [(times, whose) for whose, times in number.items() if times >= MANY_EXCEPTIONS]
    if most:
        times, whose = max(most)
        rest = f", and as much in {counted(len(most) - 1, 'more function')}" if len(most) > 1 else ""
        out.append(
            f"{counted(times, 'exception')} excuse nearly all that {named(whose.function)} might do{rest}. "
            f"{_CHECK}"
        )
    return tuple(out)


def excused_many(excused: int, flows: int) -> tuple[str, ...]:
    """Where only exceptions keep many flows from being anomalous, a sentence."""
    if excused < max(LEAST_FLOWS, MANY_FLOWS * flows):
        return ()
    share = f"{excused:,} of {counted(flows, 'flow')} ({excused / flows:.0%})"
    return (f"Exceptions keep {share} from being anomalous. {_CHECK}",)
