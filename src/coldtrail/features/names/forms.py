"""The names of one kind of resource that one function names, and the forms they have."""

from __future__ import annotations

from collections.abc import Mapping

from coldtrail.features.names.families import FEW, learn_templates
from coldtrail.features.names.sampling import Sample
from coldtrail.features.names.templates import Template

LEAST_RATE = 0.01
"""Share of runs with a new name from which on forms are learned; below, each new name is worth an alarm."""
GENEROUS_RATE = 0.1
"""The same, from which on also words that vary, and names that have nothing in common, make a form."""
_MAX_CACHED = 4096


Named = tuple[int, float]
"""Runs that named a name, and the start of the first of them."""


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

    @property
    def distinct(self) -> float:
        """How many different names there were, about."""
        return self.plain.distinct + self.coded.distinct

    def form(self) -> Form | None:
        """The form of the names, None where they are few enough to be kept apart."""
        if len(self.plain.runs) + len(self.coded.runs) < FEW:
            return None
        rate = (self.plain.bringing + self.coded.bringing) / max(self.runs, 1)
        if rate < LEAST_RATE:
            return None
        rare = self.plain.rare + self.coded.rare
        templates = learn_templates(rare, rate >= GENEROUS_RATE)
        return Form(templates, self.plain.usual + self.coded.usual, rare) if templates else None


class Form(dict[str, str]):
    """A cache of folded names: `form[name]`."""

    def __init__(self, templates: tuple[Template, ...], usual: list[str], rare: list[str]) -> None:
        super().__init__()
        self.templates = templates
        self._compiled = [(one.compiled(), one) for one in templates]
        self._usual = usual
        self.examples: dict[str, str] = {}
        """For each template's text a name that it stands for."""
        self.update((template.text, template.text) for template in templates)
        for name in sorted(rare):
            self.examples.setdefault(self[name], name)

    def __missing__(self, name: str) -> str:
        if len(self) >= _MAX_CACHED:
            self.clear()
            self.update((template.text, template.text) for template in self.templates)
        folded = self[name] = self._folded(name)
        return folded

    def _folded(self, name: str) -> str:
        for pattern, template in self._compiled:
            found = pattern.fullmatch(name)
            if found:
                worded = template.takes_words and not any(map(_has_digit, found.groups()))
                return name if worded and self._like_a_usual_one(name) else template.text
        return name

    def _like_a_usual_one(self, name: str) -> bool:
        """Whether a name is, or could be mistaken for, one in regular use."""
        return any(within_one_edit(name, usual) for usual in self._usual)


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
