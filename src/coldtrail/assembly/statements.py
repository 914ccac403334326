"""Contradictions, told small: the first statements of each, and of many alike the first with their number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter

from msgspec.structs import replace

from coldtrail.assembly.trace import Source
from coldtrail.records.contradiction import Contradiction, Said, Statement, Thing

MOST_STATEMENTS = 4
Aspects = dict[str, list[tuple[Said, ...]]]
"""By aspect, what each copy says."""
_ALIKE = attrgetter("of", "aspects")


def contradiction(
    of: Thing, of_id: str, name: str, aspects: Aspects, told_by: Sequence[tuple[str, Source]], copies: int
) -> Contradiction:
    """In what so many copies of a thing contradict each other; `told_by` has the witness and the document of
    the first ones."""
    names = tuple(sorted(aspects))
    statements = [
        Statement(tuple([value for name in names for value in aspects[name][i]]), witness, *source)
        for i, (witness, source) in enumerate(told_by)
    ]
    return Contradiction(of, of_id, name, names, tuple(statements), copies - len(statements))


def told_as(found: Contradiction, witnesses: Sequence[str]) -> Contradiction:
    """The contradiction, whose statements are by these witnesses where they name none."""
    told = "+".join(witnesses)
    statements = [one if one.witness else replace(one, witness=told) for one in found.statements]
    return replace(found, statements=tuple(statements))


def told_together(found: Iterable[Contradiction]) -> tuple[Contradiction, ...]:
    """Those that are alike in what they contradict as one, the first by id, with the number of the others."""
    alike: dict[object, list[Contradiction]] = {}
    for one in dict.fromkeys(found):
        alike.setdefault(_ALIKE(one), []).append(one)
    first = [(min(some, key=repr), len(some) - 1) for _, some in sorted(alike.items())]
    return tuple([replace(one, others=others) for one, others in first])
