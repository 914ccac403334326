"""What is told of functions that run strangely often, or not at all, as signals."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from coldtrail.records.finding import Finding, StepKey, Subject
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Ref, Signal
from coldtrail.records.traits import Quantity, Trait

MINUTE_S = 60.0
_MOST_REFS = 20
_A_DAY = 1_440.0


class Burst(Struct, frozen=True):
    """A window in which a function ran strangely often."""

    whose: FunctionKey
    minute: int
    """Its last."""
    scale: int
    """Its length in minutes."""
    invocations: float
    usual: float
    """What was expected."""
    most: float | None
    known: float
    """Minutes for which the function is known."""
    active: tuple[int, ...]
    """The minutes in which it ran, most invocations first."""


class Pause(Struct, frozen=True):
    """A time in which a function did not run; all in minutes."""

    whose: FunctionKey
    minute: int
    """The last so far."""
    gap: float
    longest: float
    """Of the gaps before."""
    known: float


def of_burst(burst: Burst, strength: float, alone: bool) -> Signal:
    """That a function runs far more often than usual."""
    finding = Finding("surge", Subject.of(burst.whose), None, *_quantities(burst))
    return _signal(burst, finding, strength, alone)


def of_application(burst: Burst, children: Iterable[FunctionKey], strength: float) -> Signal:
    """That an application runs far more often: the function that it begins with, and all that this
    calls."""
    whose = burst.whose
    subject = Subject("application", whose.account, whose.region, whose.application)
    finding = Finding("surge", subject, None, *_quantities(burst))
    return _signal(burst, finding, strength, True, (whose, *sorted(children)))


def of_demand(burst: Burst, caller: FunctionKey, strength: float, alone: bool) -> Signal:
    """That a function runs more often than those that call it explain."""
    step = StepKey("", "function", caller.function)
    finding = Finding("demand", Subject.of(burst.whose), step, *_quantities(burst))
    return _signal(burst, finding, strength, alone, (caller,))


def of_silence(pause: Pause, strength: float, elsewhere: FunctionKey | None) -> Signal:
    """That a function runs no more; weak where it does so elsewhere."""
    end = (pause.minute + 1) * MINUTE_S
    begin = end - pause.gap * MINUTE_S
    return Signal(
        detector="rates",
        finding=Finding(
            "silence",
            Subject.of(pause.whose),
            None,
            Quantity(pause.longest * MINUTE_S, "seconds", "gap", days=pause.known / _A_DAY),
            Quantity(pause.gap * MINUTE_S, "seconds", "gap"),
        ),
        strength=strength,
        since=begin,
        at=end,
        refs=(Ref("minute", f"{begin - MINUTE_S:.0f}"),),
        alone=elsewhere is None,
        functions=() if elsewhere is None else (elsewhere,),
    )


def of_hour(whose: FunctionKey, minute: int, hour: str, strength: float) -> Signal:
    """That a function runs in an hour of the week in which it never did."""
    begin = minute * MINUTE_S
    return Signal(
        detector="rates",
        finding=Finding("odd_hour", Subject.of(whose), None, None, Trait("hour", hour)),
        strength=strength,
        since=begin,
        at=begin + MINUTE_S,
        refs=(Ref("minute", f"{begin:.0f}"),),
    )


def _quantities(burst: Burst) -> tuple[Quantity, Quantity]:
    period = burst.scale * MINUTE_S
    usual = Quantity(burst.usual, "invocations", period_s=period, most=burst.most, days=burst.known / _A_DAY)
    return usual, Quantity(burst.invocations, "invocations", period_s=period)


def _signal(
    burst: Burst, finding: Finding, strength: float, alone: bool, functions: tuple[FunctionKey, ...] = ()
) -> Signal:
    refs = [Ref("minute", f"{minute * MINUTE_S:.0f}") for minute in burst.active[:_MOST_REFS]]
    return Signal(
        detector="rates",
        finding=finding,
        strength=strength,
        since=min(burst.active, default=burst.minute) * MINUTE_S,
        at=(burst.minute + 1) * MINUTE_S,
        refs=tuple(refs),
        count=max(int(burst.invocations), 1),
        alone=alone,
        functions=functions,
    )
