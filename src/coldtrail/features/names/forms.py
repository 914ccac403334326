"""The names of one kind of resource that one function names, and the forms they have."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import numpy as np

from coldtrail.features.names.credentials import HIDDEN
from coldtrail.features.names.families import FEW, learn_templates
from coldtrail.features.names.foreign import Family
from coldtrail.features.names.sampling import RARE_RUNS, Sample
from coldtrail.features.names.templates import Template
from coldtrail.features.names.tenants import Named, Tenancy, tenancies
from coldtrail.features.names.traits import traits_of

LEAST_RATE = 0.01
"""Share of runs with a new name from which on forms are learned; below, each new name is worth an alarm."""
GENEROUS_RATE = 0.1
"""The same, from which on also words that vary, and names that have nothing in common, make a form."""
FOREIGN = 0.0016
"""Where fewer runs bring a name that looks so foreign among those of a form, it is none of them: half of the
budget that is usual for false alarms, whatever the names are."""
NEAR = FOREIGN / 4.0
"""Where more runs bring a name that chance alone puts next to a known one, being near it tells nothing."""
_MAX_CACHED = 4096
_MASKED_DIGITS, _ACCOUNT_DIGITS = 6, 12
_MOST_MASKED = 40
_DIGITS = re.compile(r"\d+")


class Watch:
    """The names of one kind of resource that one function names."""

    def __init__(self) -> None:
        self.runs = 0
        """Runs that named any."""
        self.plain = Sample()
        """Names without a digit: seldom many, so that words in use are not lost among ids."""
        self.coded = Sample()

    def add(self, names: Mapping[str, Named], runs: int) -> None:
        """Counts runs, and how many of them used each name."""
        self.runs += runs
        for name, (count, first) in names.items():
            sample = self.coded if any(char.isdigit() for char in name) else self.plain
            sample.add(name, count, first)

    @property
    def names(self) -> dict[str, Named]:
        """The names that are kept."""
        samples = (self.plain, self.coded)
        return {name: (runs, one.first[name]) for one in samples for name, runs in one.runs.items()}

    def families(self, last: float) -> list[Tenancy]:
        """The families of names in regular use; `last` is the start of the function's last run."""
        return tenancies(self.names, last)

    @property
    def distinct(self) -> float:
        """How many different names there were, about."""
        return self.plain.distinct + self.coded.distinct

    @property
    def rate(self) -> float:
        """The share of runs that brought a new name, about."""
        return (self.plain.bringing + self.coded.bringing) / max(self.runs, 1)

    def form(self, of_runs: int = 0, growing: tuple[Template, ...] = ()) -> Form | None:
        """The form of the names, None where they are few enough to be kept apart; `of_runs` are all that the
        function had, whatever they named, and `growing` the forms of families that are known to grow."""
        names = {**self.plain.runs, **self.coded.runs}
        masked = frozenset([name for name, runs in names.items() if HIDDEN in name and runs > RARE_RUNS])
        rate = self.rate
        rare = [name for name in self.plain.rare + self.coded.rare if as_masked(name, masked) is None]
        templates: tuple[Template, ...] = ()
        if len(names) >= FEW and rate >= LEAST_RATE:
            templates = learn_templates(rare, rate >= GENEROUS_RATE)
        if not (templates or growing or masked):
            return None
        usual, share = self.plain.usual + self.coded.usual, rate * self.runs / max(self.runs, of_runs, 1)
        return Form(templates, usual, rare, share, growing, masked)


class Form(dict[str, str]):
    """A cache of folded names: `form[name]`."""

    def __init__(
        self,
        templates: tuple[Template, ...],
        usual: list[str],
        rare: list[str],
        rate: float = 1.0,
        growing: tuple[Template, ...] = (),
        masked: frozenset[str] = frozenset(),
    ) -> None:
        """`rate` is the share of the function's runs that bring a rare name; `growing` are the forms of
        families of names in regular use, `masked` the names in regular use in which something was masked."""
        super().__init__()
        self.templates = templates + growing
        self._growing = [(one.compiled(), one) for one in growing]
        self._masked = masked
        self._compiled = [(one.compiled(), one) for one in templates]
        self._usual, self._rare, self._rate = usual, frozenset(rare), rate
        self._families: dict[Template, Family] = {}
        self._near: dict[Template, bool] = {}
        self.examples: dict[str, str] = {}
        """For each template's text a name that it stands for."""
        self.update((template.text, template.text) for template in self.templates)
        for name in sorted([*rare, *usual] if growing else rare):
            self.examples.setdefault(self[name], name)

    def __missing__(self, name: str) -> str:
        if len(self) >= _MAX_CACHED:
            self.clear()
            self.update((template.text, template.text) for template in self.templates)
        folded = self[name] = self._folded(name)
        return folded

    def _folded(self, name: str) -> str:
        masked = as_masked(name, self._masked)
        if masked is not None:
            return masked
        for pattern, template in self._growing:
            if pattern.fullmatch(name):
                stays = not self._are_near(template) and self._mimics(name)
                return name if stays else template.text
        for pattern, template in self._compiled:
            found = pattern.fullmatch(name)
            if found:
                worded = template.takes_words and not any(map(_has_digit, found.groups()))
                stays = (worded and self._like_a_usual_one(name)) or self._is_foreign(name, template)
                return name if stays else template.text
        return self._filled(name)

    def _filled(self, name: str) -> str:
        """The template of an id of which many digits in a row were masked; the name where there is none."""
        if name.count(HIDDEN) != 1:
            return name
        lengths = range(_MASKED_DIGITS, _MOST_MASKED + 1)
        for filled in [name.replace(HIDDEN, "0" * digits) for digits in lengths]:
            for pattern, template in self._compiled:
                if not template.takes_any and pattern.fullmatch(filled):
                    return name if self._is_foreign(filled, template) else template.text
        return name

    def _are_near(self, template: Template) -> bool:
        """Whether new names of a form so often come within a letter of known ones that it tells nothing."""
        near = self._near.get(template)
        if near is None:
            known = len(self._usual) + len(self._rare)
            near = self._near[template] = self._rate * known * template.nearness >= NEAR
        return near

    def _is_foreign(self, name: str, template: Template) -> bool:
        """Whether a name that fits a template looks like none of the names that made it."""
        if not template.takes_words or name in self._rare:
            return False
        family = self._families.get(template)
        if family is None:
            family = self._families[template] = self._family_of(template)
        least = FOREIGN * (len(family) + 1)
        return (
            self._rate < least and self._rate * family.chance(np.array(traits_of(name), np.uint16)) < FOREIGN
        )

    def _family_of(self, template: Template) -> Family:
        pattern = template.compiled()
        return Family(
            np.array([traits_of(one) for one in sorted(self._rare) if pattern.fullmatch(one)], np.uint16)
        )

    def _mimics(self, name: str) -> bool:
        """Whether a name that was never met could be mistaken for one that was, and not for its number."""
        if name in self._rare or name in self._usual:
            return False
        plain = _DIGITS.sub("", name)
        known = (*self._usual, *self._rare)
        return any(within_one_edit(name, one) and plain != _DIGITS.sub("", one) for one in known)

    def _like_a_usual_one(self, name: str) -> bool:
        """Whether a name is, or could be mistaken for, one in regular use."""
        return any(within_one_edit(name, usual) for usual in self._usual)


def as_masked(name: str, masked: Collection[str]) -> str | None:
    """The name in regular use that a name is but for its number, where longer numbers are masked.

    All of 6 digits or more are (`masking`), but for those of 12, which may be an account's. Behind a bucket,
    such a number is an object's.
    """
    if not masked:
        return None
    bucket = name.find("/")
    for found in _DIGITS.finditer(name):
        if len(found[0]) < _MASKED_DIGITS or (
            len(found[0]) == _ACCOUNT_DIGITS and 0 < bucket < found.start()
        ):
            one = f"{name[: found.start()]}{HIDDEN}{name[found.end() :]}"
            if one in masked:
                return one
    return None


def _has_digit(value: str) -> bool:
    return any(char.isdigit() for char in value)


def within_one_edit(one: str, other: str) -> bool:
    """Whether two names differ by one insertion, deletion or change of a character."""
    if abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    same = next((place for place, char in enumerate(short) if char != long[place]), len(short))
    rest = short[same + (len(short) == len(long)) :]
    return long[same + 1 :] == rest
