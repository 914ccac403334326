"""Verdicts as they pass: counted, and kept as lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from math import inf

from msgspec import Struct

from coldtrail.alerts.showing.plain import named
from coldtrail.alerts.wording.amounts import counted
from coldtrail.assembly.from_documents import batches
from coldtrail.bundle.kinds import OTHERWISE
from coldtrail.bundle.model import Model
from coldtrail.features.fitness import is_outside, is_traced
from coldtrail.pipeline import BATCH_FLOWS, Judged, Told
from coldtrail.records.columns import AnyFlow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.tally import Tally
from coldtrail.records.verdict import Verdict
from coldtrail.verbs.earlier import Earlier
from coldtrail.verbs.lines import MadeLines
from coldtrail.verbs.verdict_lines import VerdictLines

MANY_LOST = 0.05
"""The share of flows without their callers' records from which a sentence says so, once."""
MANY_OPEN, LEAST_OPEN = 0.05, 10
"""The share of a function's flows, and their number, whose records are still open, from which a sentence says
so: a telemetry that is cut off while functions run holds a few."""
MOST_NAMED = 3
"""Functions that such a sentence names."""


class PassedPart(Struct, frozen=True, array_like=True):
    """What passed elsewhere."""

    verdicts: dict[str, int]
    functions: list[tuple[FunctionKey, int, int]]
    """With how many flows of each there are, and how many of these are still open."""
    lost: int
    first: float
    last: float
    lines: MadeLines


class Passed:
    """Counts verdicts and functions, and keeps the lines and the span of the flows, as they pass."""

    def __init__(self, lines: VerdictLines, earlier: Earlier, *, only_anomalous: bool) -> None:
        self.lines = lines
        self._earlier = earlier
        self._only_anomalous = only_anomalous
        self.verdicts: Counter[str] = Counter()
        self.functions: Counter[FunctionKey] = Counter()
        """How many flows of each."""
        self.open: Counter[FunctionKey] = Counter()
        """Of these, how many have a record that was never closed."""
        self.lost = 0
        """Flows whose caller the telemetry has lost."""
        self.told_before = 0
        """Flows on which an earlier call said the same."""
        self.withdrawn = 0
        """Flows on which an earlier call told a verdict, and which are none."""
        self._first, self._last = inf, -inf

    @property
    def span(self) -> tuple[float, float] | None:
        """Start of the first and of the last flow."""
        return (self._first, self._last) if self.verdicts else None

    @property
    def flows(self) -> int:
        """How many passed that are news."""
        return self.verdicts.total()

    def part(self) -> PassedPart:
        """All that passed, to be added elsewhere; the lines are let go."""
        lines = self.lines.taken()
        functions = [(key, flows, self.open[key]) for key, flows in sorted(self.functions.items())]
        return PassedPart(dict(self.verdicts), functions, self.lost, self._first, self._last, lines)

    def add(self, part: PassedPart) -> None:
        """Adds what passed elsewhere."""
        self.verdicts.update(part.verdicts)
        for key, flows, still_open in part.functions:
            self.functions[key] += flows
            if still_open:
                self.open[key] += still_open
        self.lost += part.lost
        self._first, self._last = min(self._first, part.first), max(self._last, part.last)
        self.lines.extend(part.lines)

    def take(self, told: Iterable[Told], *, is_final: bool = True) -> None:
        """Lets these pass; verdicts that are news and asked for leave a line."""
        for some in batches(told, BATCH_FLOWS):
            self._pass([one for one in some if isinstance(one, Judged)], is_final=is_final)

    def withdraw(self) -> None:
        """Takes back what earlier calls told of flows that are none, once all have passed."""
        for flow in self._earlier.withdrawn_flows():
            self.withdrawn += 1
            if flow.was_anomalous or not self._only_anomalous:
                self.lines.withdraw(flow)

    def _pass(self, judged: Sequence[Judged], *, is_final: bool) -> None:
        if self._earlier.told_nothing and is_final:
            self._take([one.verdict for one in judged])
            self._count([one.flow for one in judged])
            return
        news = [one for one in judged if self._earlier.is_news(one.verdict, is_final=is_final)]
        self.told_before += len(judged) - len(news)
        self._count([one.flow for one in news], is_final=is_final)
        for verdict, _ in news:
            revised = self._earlier.is_revised(verdict)
            if not self._only_anomalous or self._is_wanted(verdict, revised=revised):
                self.lines.add(verdict, revised=revised)
        self.verdicts.update([verdict.verdict for verdict, _ in news])

    def _take(self, verdicts: Sequence[Verdict]) -> None:
        """Lets verdicts pass that are all news."""
        wanted = verdicts
        if self._only_anomalous:
            wanted = [one for one in verdicts if one.verdict == "anomalous"]
        self.lines.add_all(wanted)
        self.verdicts.update([one.verdict for one in verdicts])

    def _is_wanted(self, verdict: Verdict, *, revised: bool) -> bool:
        """Whether it is anomalous, or takes back that it was."""
        return verdict.verdict == "anomalous" or (revised and self._earlier.called_anomalous(verdict))

    def _count(self, flows: Sequence[AnyFlow], *, is_final: bool = True) -> None:
        if not flows:
            return
        starts = [flow.start_time for flow in flows]
        self._first = min(self._first, min(starts))
        self._last = max(self._last, max(starts))
        runs = [flow for flow in flows if is_traced(flow) and not is_outside(flow)]
        self.lost += sum([flow.upstream_lost for flow in runs])
        self.functions.update([flow.key for flow in flows])
        if is_final:
            self.open.update([flow.key for flow in runs if not flow.complete])


def tell_of_gaps(passed: Passed, model: Model, tally: Tally) -> None:
    """Says where most callers of traced flows are lost, many records stay open, or no function is known."""
    flows = passed.flows
    if flows and passed.lost >= MANY_LOST * flows:
        of = f"{passed.lost:,} of {counted(flows, 'flow')}"
        reason = f"{of} do not hold who called them: none is strange there."
        tally.lose("caller", origin="the telemetry", reason=reason, number=1)
    for stage, number in sorted(tally.counts.items()):
        if stage.startswith(OTHERWISE):
            reason = f"{counted(number, 'flow')} not judged (not_ready): {stage.removeprefix(OTHERWISE)}"
            tally.lose(f"told otherwise {reason}", origin="the telemetry", reason=reason, number=1)
    reason = _never_closed(passed)
    if reason:
        tally.lose("open records", origin="the telemetry", reason=reason, number=1)
    if flows and passed.functions.keys().isdisjoint(model.learned):
        reason = _unknown(passed.functions.keys(), model.learned.keys())
        tally.lose("unknown application", origin="the telemetry", reason=reason, number=1)


def _never_closed(passed: Passed) -> str:
    """That many records of a function were never closed, where that is so."""
    many = [
        (-number, key)
        for key, number in passed.open.items()
        if number >= max(LEAST_OPEN, MANY_OPEN * passed.functions[key])
    ]
    if not many:
        return ""
    most = sorted(many)[:MOST_NAMED]
    told = [f"{-number:,} of {passed.functions[key]:,} of {named(key.function)}" for number, key in most]
    rest = (
        f", and those of {counted(len(many) - len(most), 'more function')}" if len(many) > len(most) else ""
    )
    return (
        f"records of flows were never closed, or lack parts ({', '.join(told)}{rest}): "
        "what is missing there is not missed, so whoever keeps the ends of records from being "
        "sent hides what was not done."
    )


def _unknown(functions: Set[FunctionKey], known: Set[FunctionKey]) -> str:
    """That none of the functions is known, and whether their names are."""
    of = ", ".join(sorted({key.application for key in functions})[:3])
    told = f"the bundle knows none of its {counted(len(functions), 'function')} (application {of})"
    if {key[2:] for key in functions}.isdisjoint(key[2:] for key in known):
        return f"{told}."
    return f"{told}: those of these names that it knows are of {_other_place(functions, known)}."


def _other_place(functions: Set[FunctionKey], known: Set[FunctionKey]) -> str:
    """Where the known functions of the same names are."""
    names = {key[2:] for key in functions}
    alike = [key for key in known if key[2:] in names]
    if all(not key.account for key in alike):
        return "no account"
    known_names = {key[2:] for key in alike}
    if not any(key.account for key in functions if key[2:] in known_names):
        return "accounts that the telemetry does not name"
    accounts = {key.account for key in functions}.isdisjoint(key.account for key in alike)
    return "another account" if accounts else "another region"
