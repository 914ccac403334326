"""The count of what went in and out of every stage, and of what was lost and why."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct

MAX_KINDS = 200
MAX_KEPT = 1_000


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
