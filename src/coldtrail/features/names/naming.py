"""Names with random parts, recognised by what was learned: many names that each came once are one thing.

For each function and kind of resource the different names are watched within bounded memory. Where new ones
keep coming (names met once or twice, per run: after Good 1953), the forms of these names are learned
(`families`), and a name of such a form is folded: the template stands for it. Every other name stays itself,
so a resource of another form is as new as ever.

What is watched depends only on the set of runs learned, not on their order or on how they were cut.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Any

import msgspec
from msgspec.structs import replace

from coldtrail.errors import BundleError
from coldtrail.features.names.credentials import HIDDEN
from coldtrail.features.names.families import FEW
from coldtrail.features.names.forms import Form, Watch
from coldtrail.features.names.remarks import OWN_STEPS, Key, Remark
from coldtrail.features.names.tenants import Named, Tenancy, growing, usual_growth
from coldtrail.records.columns import AnyFlow, LeanFlow, Shape
from coldtrail.records.flow import Event, Flow
from coldtrail.records.identity import FunctionKey

ALWAYS = 0.5
"""Share of its runs, from which new names are what a function works with."""
_NONE, _NONE_MET = (0, inf), (0, -inf)
_ANY = ""
"""As it is stored, in place of an event type: all runs of a function, whatever they name."""

_NamedThings = frozenset[tuple[str, str | None]]
"""Event types and names of what a run names."""
_Stored = list[tuple[str, str, str, str, str, int, dict[str, Named]]]


def _named(event: Event) -> str | None:
    return event.event_name if event.event_type == OWN_STEPS else event.event_target_resource


def _named_in(shape: Shape) -> _NamedThings:
    return frozenset([(one.kind, one.name if one.kind == OWN_STEPS else one.target) for one in shape.steps])


Names = tuple[str, str | None, str | None]
"""Of a step: its own, its parent's and its target's."""


def _folded(flow: Flow, forms: Mapping[str, Form] | None) -> Flow:
    if forms is None or not _is_folded(flow, forms):
        return flow
    events = tuple(_renamed(event, forms) for event in flow.events)
    return flow if events == flow.events else replace(flow, events=events)


def _is_folded(flow: Flow, forms: Mapping[str, Form]) -> bool:
    """Whether a name may change: of most flows none does, and that is soon seen."""
    if OWN_STEPS in forms:
        return True
    for event in flow.events:
        form, target = forms.get(event.event_type), event.event_target_resource
        if form is not None and target is not None and form[target] != target:
            return True
    return False


def _renamed(event: Event, forms: Mapping[str, Form]) -> Event:
    names = event.event_name, event.event_parent_name, event.event_target_resource
    folded = folded_names(event.event_type, names, forms)
    if folded == names:
        return event
    name, parent, target = folded
    return replace(event, event_name=name, event_parent_name=parent, event_target_resource=target)


def folded_names(kind: str, names: Names, forms: Mapping[str, Form]) -> Names:
    """The names of a step with its target folded, or its own where it is the function's, and its parent's."""
    form, own = forms.get(kind), forms.get(OWN_STEPS)
    name, parent, target = names
    if form is not None and form is own:
        name = form[name]
    elif form is not None and target is not None:
        target = form[target]
    if own is not None and parent is not None:
        parent = own[parent]
    return name, parent, target


class Naming:
    """What was learned of the names of all functions' resources."""

    def __init__(self) -> None:
        self._watches: dict[Key, Watch] = {}
        self._unread: list[tuple[Key, Mapping[str, Named], int]] = []
        """What was read of kinds with too few names to be folded, which nobody has asked for yet."""
        self._runs: Counter[FunctionKey] = Counter()
        """All runs of each function, whatever they name."""
        self._last: dict[FunctionKey, float] = {}
        """When the last of them started."""
        self._families: dict[Key, list[Tenancy]] = {}
        self._forms: dict[Key, Form] = {}
        self._of: dict[FunctionKey, dict[str, Form]] = {}
        """The forms of each function, by event type."""
        self._grown: dict[Key, set[str]] = {}
        """How the names of families begin that were once known to grow: they do for good, as what was learned
        of them since knows none of their names apart."""
        self._kinds: dict[FunctionKey, set[str]] = {}
        """Of each function those whose form may change with its runs."""
        self._stale: set[Key] = set()

    def watch(self, flows: Iterable[AnyFlow]) -> None:
        """Learns from flows."""
        alike: dict[tuple[FunctionKey, _NamedThings], Named] = {}
        shapes: dict[Shape, _NamedThings] = {}
        last: dict[FunctionKey, float] = {}
        for flow in flows:
            last[flow.key] = max(last.get(flow.key, -inf), flow.start_time)
            if isinstance(flow, LeanFlow):
                shape = flow.columns.shape
                named = shapes.get(shape) or shapes.setdefault(shape, _named_in(shape))
            else:
                named = frozenset([(event.event_type, _named(event)) for event in flow.events])
            run = flow.key, named
            number, first = alike.get(run, _NONE)
            alike[run] = number + 1, min(first, flow.start_time)
        for (function, named), (number, first) in alike.items():
            self._count(function, number, last[function])
            names: dict[str, dict[str, Named]] = defaultdict(dict)
            for kind, name in named:
                if name is not None:
                    names[kind][name] = number, first
            for kind, of_kind in names.items():
                self.add((function, kind), of_kind, number)

    def add(self, key: Key, names: Mapping[str, Named], runs: int) -> None:
        """Learns how many runs named something, and how many of them each name."""
        self.watches.setdefault(key, Watch()).add(names, runs)
        self._stale.add(key)

    def _count(self, function: FunctionKey, runs: int, last: float) -> None:
        self._runs[function] += runs
        self._last[function] = max(self._last.get(function, -inf), last)
        self._stale.update((function, kind) for kind in self._kinds.get(function, ()))

    @property
    def watches(self) -> dict[Key, Watch]:
        """What was learned of each kind of names of each function."""
        for key, names, runs in self._unread:
            self._watches.setdefault(key, Watch()).add(names, runs)
        self._unread = []
        return self._watches

    def merge(self, other: Naming) -> None:
        """Learns all that another one learned."""
        for key, watch in other.watches.items():
            self.add(key, watch.names, watch.runs)
        for key, stems in other._grown.items():
            self._grown[key] = stems | self._grown.get(key, set())
        for function, runs in other._runs.items():
            self._count(function, runs, other._last.get(function, -inf))

    @property
    def forms(self) -> dict[Key, Form]:
        """The form of the names, where there is anything to fold."""
        if self._stale:
            growth = self._growth()
            for key in self._stale:
                families, stems = self._families.get(key, ()), self._grown.get(key, set())
                forms = growing(families, growth[key[0].application_key], stems)
                if forms:
                    self._grown[key] = stems.union([one.beginning for one in forms])
                form = self._watches[key].form(self._runs[key[0]], forms)
                if form is not None:
                    self._forms[key] = form
                else:
                    self._forms.pop(key, None)
            self._stale.clear()
            self._of = {}
            for (function, kind), form in self._forms.items():
                self._of.setdefault(function, {})[kind] = form
                self._kinds.setdefault(function, set()).add(kind)
        return self._forms

    def _growth(self) -> dict[tuple[str, ...], float]:
        """How families grow in each application of which something has changed; what depends on it has."""
        for key in self._stale:
            found = self._watches[key].families(self._last.get(key[0], -inf))
            if found:
                self._families[key] = found
                self._kinds.setdefault(key[0], set()).add(key[1])
            else:
                self._families.pop(key, None)
        touched: dict[tuple[str, ...], list[Tenancy]] = {key.application_key: [] for key, _ in self._stale}
        for key, families in self._families.items():
            if key[0].application_key in touched:
                touched[key[0].application_key] += families
                self._stale.add(key)
        return {application: usual_growth(families) for application, families in touched.items()}

    def folded(self, flows: Sequence[Flow]) -> Sequence[Flow]:
        """The flows with their names folded; those of which no name changes are the same objects."""
        if not self.forms:
            return flows
        of = self._of
        return [_folded(flow, of.get(flow.key)) for flow in flows]

    def forms_of(self, function: FunctionKey) -> Mapping[str, Form] | None:
        """The forms of a function's names, by event type; None where nothing of it is folded."""
        return self._of.get(function) if self.forms else None

    def fold(self, key: Key, name: str) -> str:
        """The name, or the template that stands for all names of its form."""
        form = self.forms.get(key)
        return name if form is None else form[name]

    def remarks(self) -> list[Remark]:
        """One for each function and kind of resource whose names are folded, most names first."""
        out = []
        for key, form in self.forms.items():
            if not form.templates:
                continue
            watch = self.watches[key]
            texts = tuple(template.text for template in form.templates)
            part = watch.rate * watch.runs / max(self._runs[key[0]], watch.runs, 1)
            words = part < ALWAYS and any(template.takes_words for template in form.templates)
            examples = tuple(sorted(watch.plain.rare + watch.coded.rare)[:3])
            out.append(Remark(key, round(watch.distinct), watch.runs, texts, part, examples, words))
        return sorted(out, key=lambda remark: (-remark.names, remark.key))

    def to_json(self) -> list[Any]:
        """All that was learned as plain lists."""
        watches = sorted(self.watches.items())
        runs = [
            [*key, _ANY, number, {_ANY: (0, self._last[key])} if self._last[key] > -inf else {}]
            for key, number in sorted(self._runs.items())
        ]
        grown = [
            [*key, kind, 0, dict.fromkeys(sorted(stems), (0, 0.0))]
            for (key, kind), stems in sorted(self._grown.items())
        ]
        return (
            runs
            + [[*key, kind, watch.runs, dict(sorted(watch.names.items()))] for (key, kind), watch in watches]
            + grown
        )

    @classmethod
    def from_json(cls, raw: Any) -> Naming:
        """What `to_json` gave; raises `BundleError` where it is anything else."""
        naming = cls()
        try:
            for *parts, kind, runs, names in msgspec.convert(raw, _Stored):
                key = FunctionKey(*parts), kind
                if kind == _ANY:
                    naming._count(key[0], runs, names.get(_ANY, _NONE_MET)[1])
                elif not runs:
                    naming._grown[key] = set(names)
                elif len(names) < FEW and not any(HIDDEN in name for name in names):
                    naming._unread.append((key, names, runs))
                else:
                    naming.add(key, names, runs)
        except (AttributeError, TypeError, ValueError, msgspec.ValidationError) as error:
            raise BundleError(f"The bundle's names are damaged ({error!r}); train again.") from None
        return naming
