"""Names with random parts, told by what was learned: many names that each came once are one thing.

For each function and kind of resource the different names are watched within bounded memory. Where new ones
keep coming (names met once or twice, per run: after Good 1953), the forms of these names are learned
(`families`), and a name of such a form is folded: the template stands for it. Every other name stays itself,
so a resource of another form is as new as ever.

What is watched depends only on the set of runs learned, not on their order or on how they were cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from coldtrail.errors import BundleError
from coldtrail.features.families import learn_templates
from coldtrail.features.sampling import Sample
from coldtrail.features.templates import Template
from coldtrail.records import Flow

LEAST_RATE = 0.01
"""New names a run from which on forms are learned; below, each new name is worth an alarm."""
GENEROUS_RATE = 0.1
"""New names a run from which on also words, and names that have nothing in common, make a form."""
_MAX_CACHED = 4096

Key = tuple[str, str, str]
"""Application, function, event type."""


class Watch:
    """The names of one kind of resource that one function names."""

    def __init__(self) -> None:
        self.runs = 0
        """Runs that named any."""
        self.plain = Sample()
        """Names without a digit: seldom many, so that words in use are not lost among ids."""
        self.coded = Sample()

    def add(self, names: Mapping[str, int], runs: int) -> None:
        """Count runs, and how many of these named each name."""
        self.runs += runs
        for name, count in names.items():
            sample = self.coded if any(char.isdigit() for char in name) else self.plain
            sample.add(name, count)

    @property
    def distinct(self) -> float:
        """How many different names there were, about."""
        return self.plain.distinct + self.coded.distinct

    def form(self) -> Form | None:
        """What folds the names, None where they are few enough to be told apart."""
        rate = (self.plain.rare_distinct + self.coded.rare_distinct) / max(self.runs, 1)
        if rate < LEAST_RATE:
            return None
        rare = self.plain.rare + self.coded.rare
        templates = learn_templates(rare, rate >= GENEROUS_RATE)
        return Form(templates, self.plain.usual + self.coded.usual, rare) if templates else None


class Form(dict[str, str]):
    """Folded names by name: `form[name]`, computed once and kept within a bound."""

    def __init__(self, templates: tuple[Template, ...], usual: list[str], rare: list[str]) -> None:
        super().__init__()
        self.templates = templates
        self._compiled = [(one.compiled(), one) for one in templates]
        self._usual = usual
        self.examples: dict[str, str] = {}
        """For each template's text a name that it stands for."""
        for name in sorted(rare):
            self.examples.setdefault(self[name], name)

    def __missing__(self, name: str) -> str:
        if len(self) >= _MAX_CACHED:
            self.clear()
        folded = self[name] = self._folded(name)
        return folded

    def _folded(self, name: str) -> str:
        for pattern, template in self._compiled:
            found = pattern.fullmatch(name)
            if found:
                worded = template.takes_words and not any(map(_has_digit, found.groups()))
                return name if worded and self._like_a_usual_one(name) else template.text
        return name.replace("{", "{{")

    def _like_a_usual_one(self, name: str) -> bool:
        """Whether a name is, or could be mistaken for, one in regular use."""
        return any(within_one_edit(name, usual) for usual in self._usual)


def _has_digit(value: str) -> bool:
    return any(char.isdigit() for char in value)


def within_one_edit(one: str, other: str) -> bool:
    """Whether a character more, less, or another one is all that tells two names apart."""
    if abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    same = next((place for place, char in enumerate(short) if char != long[place]), len(short))
    rest = short[same + (len(short) == len(long)) :]
    return long[same + 1 :] == rest


class Remark(NamedTuple):
    """A function that names new resources again and again, and what is made of it."""

    key: Key
    names: int
    runs: int
    templates: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """For people: once, however many names there are."""
        shown = ", ".join(self.templates[:3])
        more = f" and {len(self.templates) - 3} more forms" if len(self.templates) > 3 else ""
        kind = "hosts" if self.key[2] == "remote" else f"{self.key[2]} resources"
        return (
            f"{self.key[1]} keeps naming new {kind} ({self.names:,} names in {self.runs:,} runs): those of "
            f"the form {shown}{more} are treated as one, and a new one of it is no alarm."
        )


class Naming:
    """What was learned of the names of all functions' resources."""

    def __init__(self) -> None:
        self.watches: dict[Key, Watch] = {}
        self._forms: dict[Key, Form] | None = None

    def watch(self, flows: Iterable[Flow]) -> None:
        """Learn from flows."""
        seen: dict[Key, dict[str, int]] = {}
        runs: dict[Key, int] = {}
        for flow in flows:
            named = {(e.event_type, e.event_target_resource) for e in flow.events}
            for kind in {kind for kind, name in named if name is not None}:
                key = (flow.application_name, flow.function_name, kind)
                runs[key] = runs.get(key, 0) + 1
            for kind, name in named:
                if name is not None:
                    counts = seen.setdefault((flow.application_name, flow.function_name, kind), {})
                    counts[name] = counts.get(name, 0) + 1
        for key, counts in seen.items():
            self.add(key, counts, runs[key])

    def add(self, key: Key, names: Mapping[str, int], runs: int) -> None:
        """Learn that so many runs named something, and how many of these each name."""
        self.watches.setdefault(key, Watch()).add(names, runs)
        self._forms = None

    def merge(self, other: Naming) -> None:
        """Learn all that another one learned."""
        for key, watch in other.watches.items():
            mine = self.watches.setdefault(key, Watch())
            mine.add(watch.plain.runs | watch.coded.runs, watch.runs)
        self._forms = None

    @property
    def forms(self) -> dict[Key, Form]:
        """What folds the names, where there is anything to fold."""
        if self._forms is None:
            found = {key: watch.form() for key, watch in self.watches.items()}
            self._forms = {key: form for key, form in found.items() if form is not None}
        return self._forms

    def fold(self, key: Key, name: str) -> str:
        """The name, or the template that stands for all names of its form."""
        form = self.forms.get(key)
        return name if form is None else form[name]

    def remarks(self) -> list[Remark]:
        """One for each function and kind of resource whose names are folded, most names first."""
        out = []
        for key, form in self.forms.items():
            watch = self.watches[key]
            texts = tuple(template.text for template in form.templates)
            out.append(Remark(key, round(watch.distinct), watch.runs, texts))
        return sorted(out, key=lambda remark: (-remark.names, remark.key))

    def to_json(self) -> list[Any]:
        """All that was learned as plain lists."""
        return [
            [*key, watch.runs, watch.plain.runs, watch.coded.runs]
            for key, watch in sorted(self.watches.items())
        ]

    @classmethod
    def from_json(cls, raw: Any) -> Naming:
        """What `to_json` gave; raises `BundleError` where it is anything else."""
        naming = cls()
        try:
            for application, function, kind, runs, plain, coded in raw:
                names = {str(name): int(count) for name, count in [*plain.items(), *coded.items()]}
                naming.add((str(application), str(function), str(kind)), names, int(runs))
        except (AttributeError, TypeError, ValueError) as error:
            raise BundleError(f"The bundle's names are damaged ({error!r}); train again.") from None
        return naming
