"""Verdicts as they pass: counted, and kept as lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from math import inf

from msgspec import Struct

from coldtrail.bundle.model import Model
from coldtrail.pipeline import BATCH_FLOWS, Judged, Told, batches
from coldtrail.records.columns import AnyFlow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.tally import Tally
from coldtrail.records.verdict import Verdict
from coldtrail.verbs.earlier import Earlier
from coldtrail.verbs.lines import MadeLines
from coldtrail.verbs.verdict_lines import VerdictLines

MANY_LOST = 0.05
"""The share of flows without their callers' records from which a sentence says so, once."""


class PassedPart(Struct, frozen=True, array_like=True):
    """What passed elsewhere."""

    verdicts: dict[str, int]
    functions: list[FunctionKey]
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
        self.functions: set[FunctionKey] = set()
        self.lost = 0
        """Flows whose caller the telemetry has lost."""
        self.told_before = 0
        """Flows on which an earlier call said the same."""
        self._first, self._last = inf, -inf

    @property
    def span(self) -> tuple[float, float] | None:
        """Start of the first and of the last flow."""
        return (self._first, self._last) if self.verdicts else None

    def part(self) -> PassedPart:
        """All that passed, to be added elsewhere; the lines are let go."""
        lines = self.lines.taken()
        return PassedPart(
            dict(self.verdicts), sorted(self.functions), self.lost, self._first, self._last, lines
        )

    def add(self, part: PassedPart) -> None:
        """Adds what passed elsewhere."""
        self.verdicts.update(part.verdicts)
        self.functions.update(part.functions)
        self.lost += part.lost
        self._first, self._last = min(self._first, part.first), max(self._last, part.last)
        self.lines.extend(part.lines)

    def take(self, told: Iterable[Told], *, is_final: bool = True) -> None:
        """Lets these pass; verdicts that are news and asked for leave a line."""
        for some in batches(told, BATCH_FLOWS):
            self._pass([one for one in some if isinstance(one, Judged)], is_final=is_final)

    def _pass(self, judged: Sequence[Judged], *, is_final: bool) -> None:
        if self._earlier.told_nothing and is_final:
            self._take([one.verdict for one in judged])
            self._count([one.flow for one in judged])
            return
        news = [one for one in judged if self._earlier.is_news(one.verdict, is_final=is_final)]
        self.told_before += len(judged) - len(news)
        self._count([one.flow for one in news])
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

    def _count(self, flows: Sequence[AnyFlow]) -> None:
        if not flows:
            return
        starts = [flow.start_time for flow in flows]
        self._first = min(self._first, min(starts))
        self._last = max(self._last, max(starts))
        self.lost += sum([flow.upstream_lost for flow in flows])
        self.functions.update({flow.key for flow in flows})


def tell_of_gaps(passed: Passed, model: Model, tally: Tally) -> None:
    """Says where most callers are lost, or the bundle knows none of the functions."""
    flows = passed.verdicts.total()
    if flows and passed.lost >= MANY_LOST * flows:
        reason = f"{passed.lost:,} of {flows:,} flows do not hold who called them: none is strange there."
        tally.lose("caller", origin="the telemetry", reason=reason, number=1)
    if flows and passed.functions.isdisjoint(model.learned):
        reason = _unknown(passed.functions, model.learned.keys())
        tally.lose("unknown application", origin="the telemetry", reason=reason, number=1)


def _unknown(functions: Set[FunctionKey], known: Set[FunctionKey]) -> str:
    """That none of the functions is known, and whether their names are."""
    of = ", ".join(sorted({key.application for key in functions})[:3])
    told = f"the bundle knows none of its {len(functions):,} functions (application {of})"
    if {key[2:] for key in functions}.isdisjoint(key[2:] for key in known):
        return f"{told}."
    return f"{told}: those of these names that it knows are of {_other_place(functions, known)}."


def _other_place(functions: Set[FunctionKey], known: Set[FunctionKey]) -> str:
    """Where the known functions of the same names are."""
    names = {key[2:] for key in functions}
    alike = [key for key in known if key[2:] in names]
    if all(not key.account for key in alike):
        return "no account"
    accounts = {key.account for key in functions}.isdisjoint(key.account for key in alike)
    return "another account" if accounts else "another region"
