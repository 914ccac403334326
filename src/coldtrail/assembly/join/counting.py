"""Where each witness went: to a flow, into one of its own, or nowhere, and then why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from coldtrail.assembly.join.disputes import OF_ONE_END, TOO_LONG
from coldtrail.assembly.join.ids import is_invoke, request_told
from coldtrail.records.tally import Tally
from coldtrail.records.witnesses import Access, ApiCall, Report, Witness

KINDS: dict[type, str] = {ApiCall: "calls", Report: "reports", Access: "accesses"}
"""How the counts of witnesses begin: `calls read` is what all others of `calls` add up to."""
_UNMADE = {
    "function": (
        "a report of an invocation names no function, and nothing says which log it stood in: keep "
        "aws/lambda/NAME in the path of the file, or the log group beside each line."
    ),
    "time": (
        "a report of an invocation tells no time, and so makes no flow: keep the time that stands before "
        "each line, or save the log events with their timestamps."
    ),
}
"""Why reports made no flow, by what they lack."""
READ, JOINED, MADE = "read", "joined to a flow", "that made a flow"
CONTRADICTING = "that contradict others"
_ONE: dict[type, str] = {ApiCall: "call", Report: "report", Access: "access"}


class Counting:
    """Counts them."""

    def __init__(self, tally: Tally) -> None:
        self._tally, self._counts = tally, tally.counts
        self._labels: dict[tuple[type, str], str] = {}

    def read(self, witness: Witness) -> None:
        """Counts a witness that came."""
        self._count(witness, READ)

    def joined(self, witness: Witness) -> None:
        """Counts a witness that names the invocation of a flow."""
        self._count(witness, JOINED)

    def call_joined(self, call: ApiCall) -> None:
        """Counts a call that a function made; one that began an invocation is counted as that."""
        if not is_invoke(call):
            self._count(call, JOINED)

    def made(self, told: Iterable[Witness], calls: Iterable[ApiCall]) -> None:
        """Counts a flow, the witnesses that it was made of, and the calls that are its steps."""
        self._counts["flows assembled"] += 1
        self._counts["flows that no trace tells of"] += 1
        for witness in told:
            self._count(witness, MADE)
        for call in calls:
            if not is_invoke(call):
                self._count(call, MADE)

    def left(self, witness: Witness, why: str) -> None:
        """Counts a witness that belongs to no flow."""
        self._count(witness, why)

    def disputed(self, witness: Witness, why: str) -> None:
        """Counts a witness that is not believed, and tells why."""
        self._count(witness, CONTRADICTING)
        where = f"request {request_told(witness)}"
        kind = (
            "contradictory end" if why in (OF_ONE_END, TOO_LONG) else f"contradictory {_ONE[type(witness)]}"
        )
        self._tally.lose(kind, origin=where, reason=why)

    def unmade(self, reports: int, lacks: Literal["function", "time"]) -> None:
        """Says what to do about reports that name an invocation, but not enough of it to make a flow."""
        if reports:
            kind, where = f"report of no {lacks}", "logs of Lambda"
            self._tally.lose(kind, origin=where, reason=_UNMADE[lacks], number=reports)

    def _count(self, witness: Witness, what: str) -> None:
        key = type(witness), what
        label = self._labels.get(key)
        if label is None:
            label = self._labels[key] = f"{KINDS[key[0]]} {what}"
        self._counts[label] += 1
