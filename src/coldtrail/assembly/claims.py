"""Whose a run is: one run for each function that documents say it was of.

Who a run is of decides by what it is judged. Where documents with one id name several functions, each of
them has its run, with what the documents that name it tell: nothing is judged under a name that others gave.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from operator import attrgetter

from coldtrail.assembly.statements import MOST_STATEMENTS, Aspects, contradiction
from coldtrail.assembly.trace import Draft
from coldtrail.records.contradiction import Contradiction
from coldtrail.records.telemetry import Span

MOST_CLAIMS = 8
"""Functions each of which has what does not say whose it is."""
_ASPECTS = ("account", "application", "name", "region")
_IDENTITY = attrgetter("account", "application_name", "function_name", "region")
_NAME = _ASPECTS.index("name")
Identity = tuple[str | None, ...]
Claims = dict[Identity, list[Draft]]


def claims(parts: Sequence[Draft]) -> tuple[list[list[Draft]], list[Contradiction]]:
    """What documents tell of one run, by the function that they say it was of; and that they contradict each
    other, where there are several. What tells no steps is no claim where others do tell some."""
    told = [_identity(part.head) for part in parts]
    apart = [place for place, column in enumerate(zip(*told, strict=True)) if len({*column} - {None}) > 1]
    if not apart:
        return [list(parts)], []
    own: Claims = {}
    for part, identity in zip(parts, told, strict=True):
        own.setdefault(tuple([identity[place] for place in apart]), []).append(part)
    shared = _shared(own)
    runs = [shared[one] for one in sorted(shared, key=_rank) if any(part.events for part in own[one])]
    return runs or [shared[one] for one in sorted(shared, key=_rank)], [_contradiction(own, apart)]


def _identity(head: Span) -> Identity:
    """Whose run it is told to be, as far as that is told."""
    told: Identity = _IDENTITY(head)
    return told if told[_NAME] else (*told[:_NAME], None, *told[_NAME + 1 :])


def _shared(own: Claims) -> Claims:
    """By function, what is told of it, and what leaves open whose it is."""
    out = {one: [*parts] for one, parts in own.items() if None not in one}

    @cache
    def fitting(known: tuple[int, ...]) -> dict[Identity, list[Identity]]:
        alike: dict[Identity, list[Identity]] = {}
        for one in sorted(one for one in own if None not in one):
            some = alike.setdefault(tuple([one[place] for place in known]), [])
            if len(some) < MOST_CLAIMS:
                some.append(one)
        return alike

    for one, parts in own.items():
        if None in one:
            known = tuple([place for place, part in enumerate(one) if part is not None])
            for other in fitting(known).get(tuple([one[place] for place in known]), [one]):
                out.setdefault(other, []).extend(parts)
    return out


def _rank(one: Identity) -> tuple[tuple[bool, str], ...]:
    return tuple([(part is not None, part or "") for part in one])


def _contradiction(own: Claims, apart: Iterable[int]) -> Contradiction:
    ordered = sorted(own, key=_rank)
    aspects: Aspects = {_ASPECTS[place]: [(one[i],) for one in ordered] for i, place in enumerate(apart)}
    first = [min(own[one], key=attrgetter("source")) for one in ordered[:MOST_STATEMENTS]]
    told_by = [("+".join(part.head.witnesses), part.source) for part in first]
    head = first[0].head
    return contradiction("run", head.span_id or "", head.function_name, aspects, told_by, len(own))
