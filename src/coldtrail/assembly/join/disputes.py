"""What witnesses that share the id of an invocation say of it that cannot all be true.

A function writes its own log, and may write there what the platform would: a line with another's request id,
or a second one with its own. What contradicts the trace is not believed; without a trace the audit log's word
counts first, then that of whoever told first. What is not believed makes no flow, and is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TypeGuard

from coldtrail.assembly.copies import LONGEST_RUN_S
from coldtrail.assembly.forms import MOST_COPIES, ROUNDING_S
from coldtrail.assembly.join.ids import (
    CLOCKS_S,
    LATEST_S,
    function_told,
    is_end,
    is_of_account,
    request_told,
)
from coldtrail.records.columns import AnyFlow
from coldtrail.records.stage import State, packed, unpacked
from coldtrail.records.witnesses import Access, ApiCall, Report, Witness

_NUMBERS = (("duration_s", ROUNDING_S), ("billed_s", ROUNDING_S), ("memory_mb", 1.0), ("memory_used_mb", 1.0))
"""What reports of one end have to agree in, and how far they may be apart."""
OF_ONE_END = "reports of its end contradict each other in how long it ran or what it used; one is believed."
LONGER_S = 10.0
"""How much longer than its trace a report may say that a run took, as where an extension goes on after the
answer; beyond this and twice the trace's time, the report is not believed."""
TOO_LONG = "a report says that it ran far longer than its trace tells; the trace is believed."
Told = Sequence[tuple[int, Witness]]


class Disputes:
    """Witnesses by number, and in what they contradict the trace of the invocation that they name."""

    def __init__(self) -> None:
        self._why: dict[int, str] = {}

    def add(self, number: int, why: str) -> None:
        """Notes one; of several reasons the first by name."""
        self._why[number] = min(why, self._why.get(number, why))

    def settle(self, number: int) -> None:
        """Lets go of one that turned out to tell of a flow."""
        self._why.pop(number, None)

    def taken(self, told: Told) -> dict[int, str]:
        """Of witnesses of one invocation those that are disputed, with the reasons, which are let go."""
        return {number: self._why.pop(number) for number, _ in told if number in self._why}

    def state(self) -> State:
        """All of them."""
        return {"disputes": packed(self._why)}

    def restore(self, state: State) -> None:
        """Go on from what `state` gave, or from an older state; raises `BundleError` where it is damaged."""
        self._why = unpacked(state, "disputes", dict[int, str]) if "disputes" in state else {}


def disputed(some: Sequence[Witness], fits: Sequence[bool], flow: AnyFlow) -> dict[int, str]:
    """By place, in what witnesses that share an id with a traced flow contradict it; `fits` says which of
    them tell of it. Of several reports of its end the one counts whose duration is nearest to the trace's."""
    out = {}
    for place, one in enumerate(some):
        why = None if fits[place] else _contradicts(one, flow)
        if why is not None:
            out[place] = why
    ends = {place: one for place, one in enumerate(some) if fits[place] and _ends(one)}
    beyond = {place for place, one in enumerate(some) if fits[place] and _is_too_long(one, flow)}
    others = {place: one for place, one in ends.items() if place not in beyond}
    out |= dict.fromkeys(beyond, OF_ONE_END if others else TOO_LONG)
    ends = others
    if len(ends) > 1:
        length = flow.end_time - flow.start_time
        best = min(ends.values(), key=lambda one: (abs(_duration(one) - length), repr(one)))
        out |= {place: OF_ONE_END for place, one in ends.items() if not _agree(one, best)}
    return out


def _is_too_long(witness: Witness, flow: AnyFlow) -> bool:
    """Whether a report gives a run whose trace is whole a time that the trace cannot have missed.

    The trace of a run that timed out may lack its end.
    """
    if not isinstance(witness, Report) or witness.kind != "report" or witness.status == "timeout":
        return False
    if not flow.complete:
        return False
    length = flow.end_time - flow.start_time
    return _duration(witness) > max(length + LONGER_S, 2 * length)


def doubted(told: Told) -> dict[int, str]:
    """By number, what is not believed of the witnesses of an invocation that no trace tells of."""
    out: dict[int, str] = {}
    naming = [one for one in told if function_told(one[1])]
    if len({function_told(witness) for _, witness in naming}) > 1:
        name = function_told(min(naming, key=lambda one: _credit(one[1]))[1])
        out = {
            number: _of_functions(function_told(witness), name)
            for number, witness in naming
            if function_told(witness) != name
        }
    ends = [(number, witness) for number, witness in told if number not in out and _ends(witness)]
    ends.sort(key=_plausible)
    believed: list[Report] = []
    for number, end in ends:
        if any(_overlap(end, other) and not _agree(end, other) for other in believed[:MOST_COPIES]):
            out[number] = OF_ONE_END
        else:
            believed.append(end)
    return out


def _of_functions(one: str, believed: str) -> str:
    return f"it is told of as one of {one!a}, and with more right as one of {believed!a}; that is believed."


def _contradicts(witness: Witness, flow: AnyFlow) -> str | None:
    """In what a witness that is none of the flow contradicts it, None where it may be of another attempt."""
    if isinstance(witness, Access) or request_told(witness) is None:
        return None
    if flow.request_id not in (None, request_told(witness)):
        return None
    if witness.time is not None and witness.time > flow.end_time + LATEST_S:
        return None
    name = function_told(witness)
    if name not in ("", flow.key.function):
        return _of_functions(name, flow.key.function)
    if not is_of_account(witness, flow):
        return "it is told of as one of another account, and its trace names its own; that is believed."
    if not _ends(witness):
        return None
    first, last = _times(witness)
    is_during = first < flow.end_time - CLOCKS_S and last > flow.start_time + CLOCKS_S
    return OF_ONE_END if is_during else None


def _ends(witness: Witness) -> TypeGuard[Report]:
    """Whether it is the report of an end that says when that was."""
    return is_end(witness) and witness.time is not None


def _duration(end: Report) -> float:
    return end.duration_s or 0.0


def _times(end: Report) -> tuple[float, float]:
    last = end.time or 0.0
    return last - _duration(end), last


def _overlap(one: Report, other: Report) -> bool:
    """Whether both cannot be of attempts that came one after the other."""
    (first, last), (start, end) = _times(one), _times(other)
    return first < end - ROUNDING_S and start < last - ROUNDING_S


def _agree(one: Report, other: Report) -> bool:
    for name, most in _NUMBERS:
        a, b = getattr(one, name), getattr(other, name)
        if a is not None and b is not None and abs(a - b) > most:
            return False
    return True


def _credit(witness: Witness) -> tuple[bool, float, str]:
    """Puts first whose word counts first."""
    time = inf if witness.time is None else witness.time
    return not isinstance(witness, ApiCall), time, repr(witness)


def _plausible(one: tuple[int, Report]) -> tuple[bool, float, str]:
    """Puts first the longest that a run can have been: a shorter one would hide a slow run."""
    duration = _duration(one[1])
    return duration > LONGEST_RUN_S, -duration, repr(one[1])
