"""The count of what went in and out of every stage, and of what was lost and why."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from msgspec import Struct

MAX_KINDS = 200
MAX_KEPT = 1_000
MOST_REASONS = 5
"""Why documents were refused is told for this many reasons, the most frequent."""
MOST_PARTS = 12
"""The same of parts of documents."""

_PARTICULAR = re.compile(r"'[^']*'|[\w.,:-]*\d[\w.,:-]*")
"""What tells one refusal from another of its kind: ids, numbers, what is quoted."""
REFUSED, REFUSED_SINCE = "refused by format ", "refused since: "
"""Before the name of a format, and before a kind of reason, in the counts."""
EMPTY = "empty answers"
"""Answers that hold nothing, as of a quiet hour, in the counts."""
UNKNOWN = "unknown"
"""Stands for the format of what looks like none."""
PART = "part of a document: "
"""Before what reasons like it have in common, the kind of loss that a part of a document is."""
_DOCUMENT = "document"
"""The kind of loss that a refused document is."""


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

    @property
    def where(self) -> str:
        """The place in its file."""
        return f"{self.origin}, {self.place}" if self.place else self.origin


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
        if kind not in self.losses:
            kind = self._within_bounds(kind)
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
        self.lose(_DOCUMENT, origin=origin, place=place, reason=reason)

    def _within_bounds(self, kind: str) -> str:
        """The kind, or that of all others where there are too many; parts leave room for what is no part."""
        if kind.startswith(PART):
            return kind if len(self.losses) < MAX_KINDS // 2 else f"{PART}other reasons"
        return kind if len(self.losses) < MAX_KINDS else "other"

    def _kind_of(self, reason: str) -> str:
        kind = f"{REFUSED_SINCE}{like(reason)}"
        if kind not in self.counts:
            self._reasons += 1
        return kind if self._reasons <= MAX_KINDS else f"{REFUSED_SINCE}other reasons"

    def miss(self, function_name: str, caller: str | None) -> None:
        """Record an invocation that ran, but of which there is no run; not more functions than are kept."""
        one = Unrecorded(function_name, caller)
        if one in self.unrecorded or len(self.unrecorded) < MAX_KEPT:
            self.unrecorded[one] += 1

    @property
    def is_quiet(self) -> bool:
        """Whether all that was read are answers that hold nothing."""
        return self.counts[EMPTY] > 0 and not self.counts["documents read"] and not self.lost

    @property
    def lost(self) -> int:
        """How many losses of all kinds there were."""
        return self.losses.total()

    def sentences(self) -> list[str]:
        """One sentence a kind of loss, and a reason why documents were refused: how often, and the first
        place with its reason."""
        told = [_sentence(number, example) for number, example in self.refusals()[:MOST_REASONS]]
        more = self.refusals()[MOST_REASONS:]
        if more:
            number = sum([number for number, _ in more])
            told.append(f"{number:,} more documents were refused, for {len(more):,} other reasons.")
        return told + self.other_losses()

    def other_losses(self) -> list[str]:
        """The same but for refused documents; of lost parts the most frequent kinds one by one."""
        most = [one for one in self.losses.most_common() if one[0] != _DOCUMENT]
        rare = [one for one in most if one[0].startswith(PART)][MOST_PARTS:]
        told = [_sentence(number, self.examples[kind]) for kind, number in most if (kind, number) not in rare]
        if rare:
            number = sum([number for _, number in rare])
            told.append(f"{number:,} more parts of documents were lost, for {len(rare):,} other reasons.")
        return told

    def refusals(self) -> list[tuple[int, Rejection]]:
        """How many documents were refused for each reason, the most frequent first, with the first of them;
        of one that is known no more, what reasons like it have in common."""
        if not self.losses[_DOCUMENT]:
            return []
        first: dict[str, Rejection] = {}
        for one in self.kept:
            if one.kind == _DOCUMENT:
                first.setdefault(like(one.reason), one)
        since = len(REFUSED_SINCE)
        by = Counter({key[since:]: n for key, n in self.counts.items() if key.startswith(REFUSED_SINCE)})
        if by.total() != self.losses[_DOCUMENT]:
            return [(self.losses[_DOCUMENT], self.examples[_DOCUMENT])]
        return [(n, first.get(kind) or Rejection(_DOCUMENT, "", "", kind)) for kind, n in by.most_common()]


def like(reason: str) -> str:
    """What reasons of a kind have in common: those of refused documents are counted by it."""
    return _PARTICULAR.sub("…", reason)


def _sentence(number: int, example: Rejection) -> str:
    where = f"{example.where}: " if example.origin else ""
    if number == 1:
        return f"{where}{example.reason}"
    return f"{where}{example.reason.removesuffix('.')} (and {number - 1:,} more of this kind)."
