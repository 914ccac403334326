"""The count of what went in and out of every stage, and of what was lost and why."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from msgspec import Struct

MAX_KINDS = 200
MAX_KEPT = 1_000


_PARTICULAR = re.compile(r"'[^']*'|[\w.,:-]*\d[\w.,:-]*")
"""What tells one refusal from another of its kind: ids, numbers, what is quoted."""
REFUSED, REFUSED_SINCE = "refused by format ", "refused since: "
"""Before the name of a format, and before a kind of reason, in the counts."""
UNKNOWN = "unknown"
"""Stands for the format of what looks like none."""


class Unrecorded(NamedTuple):
    """Invocations of a function by somebody of which the telemetry holds no run, though they did run."""

    function_name: str
    caller: str | None
    """None where the telemetry does not tell."""


class Rejection(Struct, frozen=True, gc=False):
    """One loss: what kind of trouble, where, and a sentence for a person."""

    kind: str
    origin: str
    place: str
    reason: str


class Tally:
    """Counts per stage, and the losses by kind; memory is bounded, counts are exact."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.losses: Counter[str] = Counter()
        self.examples: dict[str, Rejection] = {}
        self.kept: list[Rejection] = []
        self.unrecorded: Counter[Unrecorded] = Counter()
        self._reasons = 0

    def count(self, stage: str, number: int = 1) -> None:
        """Add to what passed a stage, such as `documents read` or `flows scored`."""
        self.counts[stage] += number

    def lose(self, kind: str, *, origin: str, place: str = "", reason: str, number: int = 1) -> None:
        """Record a loss; the first of each kind is kept as the example shown to people."""
        if kind not in self.losses and len(self.losses) >= MAX_KINDS:
            kind = "other"
        self.losses[kind] += number
        rejection = Rejection(kind, origin, place, reason)
        self.examples.setdefault(kind, rejection)
        if len(self.kept) < MAX_KEPT:
            self.kept.append(rejection)

    def refuse(self, format_name: str, *, origin: str, place: str = "", reason: str) -> None:
        """Record a document that no format could read: which one tried, and why not."""
        self.counts["documents refused"] += 1
        self.counts[f"{REFUSED}{format_name or UNKNOWN}"] += 1
        self.counts[self._kind_of(reason)] += 1
        self.lose("document", origin=origin, place=place, reason=reason)

    def _kind_of(self, reason: str) -> str:
        kind = f"{REFUSED_SINCE}{_PARTICULAR.sub('…', reason)}"
        if kind not in self.counts:
            self._reasons += 1
        return kind if self._reasons <= MAX_KINDS else f"{REFUSED_SINCE}other reasons"

    def miss(self, function_name: str, caller: str | None) -> None:
        """Record an invocation that ran, but of which there is no run; not more functions than are kept."""
        one = Unrecorded(function_name, caller)
        if one in self.unrecorded or len(self.unrecorded) < MAX_KEPT:
            self.unrecorded[one] += 1

    @property
    def lost(self) -> int:
        """How many losses of all kinds there were."""
        return self.losses.total()

    def sentences(self) -> list[str]:
        """One sentence a kind of loss: how often, and the first place with its reason."""
        return [_sentence(number, self.examples[kind]) for kind, number in self.losses.most_common()]


def _sentence(number: int, example: Rejection) -> str:
    where = f"{example.origin}, {example.place}" if example.place else example.origin
    if number == 1:
        return f"{where}: {example.reason}"
    return f"{where}: {example.reason.removesuffix('.')} (and {number - 1:,} more of this kind)."
