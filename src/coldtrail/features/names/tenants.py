"""Families of names in regular use, of which new ones come: a table or a folder for each tenant.

Nothing in such a name differs from call to call, so each is a resource of its own until the family is known
to grow: by names of its own that came late, or because families of the same application do. New names of a
family that does not grow stay new.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from math import inf
from typing import NamedTuple

from coldtrail.features.names.families import FEW, learn_templates
from coldtrail.features.names.sampling import RARE_RUNS
from coldtrail.features.names.templates import KINDS, Template, Wildcard

LEAST_GROWTH = 0.1
"""Names that are expected to come in half as long a time as the history's, from which on a family grows."""
_WORD_AND_NUMBER = re.compile(r"([a-z]+)(\d+)")

Named = tuple[int, float]
"""Runs that named a name, and the start of the first of them."""


class Tenancy(NamedTuple):
    """Names of one form."""

    template: Template
    names: int
    late: int
    """Of these, first met in the second half of the time."""
    settled: int
    """Of the late ones, those that have come into regular use."""


def tenancies(names: Mapping[str, Named], last: float) -> list[Tenancy]:
    """The families among names that hold a digit; `last` is the start of the function's last run, minus
    infinity where that is not known."""
    coded = {name: named for name, named in names.items() if any(char.isdigit() for char in name)}
    if len(coded) < FEW or last == -inf:
        return []
    middle = (min(first for _, first in names.values()) + last) / 2.0
    out = []
    for template in learn_templates(coded, generous=False):
        pattern = template.compiled()
        held = [name for name in coded if pattern.fullmatch(name)]
        late = [coded[name][0] for name in held if coded[name][1] > middle]
        settled = sum(runs > RARE_RUNS for runs in late)
        out.append(Tenancy(_narrowed(template, held), len(held), len(late), settled))
    return out


def growing(families: Iterable[Tenancy], usual: float, grown: Collection[str] = ()) -> tuple[Template, ...]:
    """The forms of the families that grow; `usual` is how many settled names came late in a family of the
    application, on average, which counts as much as what the family itself shows, and `grown` is how the
    names of those begin that were known to grow before.

    Objects of one bucket need not: another object is no other place.
    """
    return tuple([one.template for one in families if _grows(one, usual, grown)])


def _grows(one: Tenancy, usual: float, grown: Collection[str]) -> bool:
    seen = (one.late + usual) / 2.0 >= LEAST_GROWTH
    return seen or one.template.beginning in grown or _is_in_bucket(one.template)


def _is_in_bucket(template: Template) -> bool:
    return template.beginning.find("/") > 0


def usual_growth(families: Iterable[Tenancy]) -> float:
    """How many settled names came late in a family, on average; 0 without any family."""
    settled = [one.settled for one in families]
    return sum(settled) / max(len(settled), 1)


def _narrowed(template: Template, names: list[str]) -> Template:
    """The template in which whatever varies must hold a digit, and a word with a number is one."""
    pattern = template.compiled()
    values = zip(*[found.groups() for name in names if (found := pattern.fullmatch(name))], strict=True)
    parts: list[str | Wildcard] = []
    for part in template.parts:
        parts += [part] if isinstance(part, str) else _parts(part, next(values))
    return Template(tuple(parts))


def _parts(wildcard: Wildcard, values: tuple[str, ...]) -> list[Wildcard]:
    found = [_WORD_AND_NUMBER.fullmatch(value) for value in values]
    if not all(found):
        return [wildcard._replace(digit=wildcard.kind != "digits")]
    words, numbers = zip(*[one.groups() for one in found if one], strict=True)
    return [_of_kind("letters", words), _of_kind("digits", numbers)]


def _of_kind(kind: str, values: Iterable[str]) -> Wildcard:
    lengths = [len(value) for value in values]
    return Wildcard(kind, KINDS[kind], max(1, min(lengths) - 1), max(lengths) + 1)
