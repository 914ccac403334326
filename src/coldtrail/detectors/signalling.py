"""All that telemetry tells beside the steps of single runs, to signals: put into the order of time, named
after the functions that it is of, and given to each detector of signals.

Learning and judging are this one walk. What is dated before what was given already is given late, at the
moment up to which all was given, and counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, compress
from math import inf, nextafter
from typing import Any

from msgspec.structs import replace

from coldtrail.assembly.copies import LONGEST_RUN_S
from coldtrail.assembly.minutes import MINUTE_S, Minutes
from coldtrail.assembly.silence import MOST_FUNCTIONS
from coldtrail.assembly.watermark import MOST_AHEAD_S
from coldtrail.assembly.windows import MOST_OF_A_NAME, Windows
from coldtrail.config import Settings
from coldtrail.detectors.at_once import (
    Held,
    Stored,
    each_once,
    held_at,
    moment_of,
    near_of,
    place_of,
    source_of,
)
from coldtrail.detectors.signal_detector import SignalDetector
from coldtrail.detectors.whose import Whose, functions_by_kind
from coldtrail.features.recent import keep_all
from coldtrail.records.columns import AnyFlow
from coldtrail.records.encounter import Encounter, Run, What
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Signal
from coldtrail.records.stage import State, joined, packed, part, unpacked
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Observations
from coldtrail.records.window import Window
from coldtrail.registry import SIGNAL_DETECTORS, load

STRAY_S = 7 * 86_400.0
"""What is dated so long after all before it is no later than the rest, but wrongly dated."""
ENCOUNTERS = "encounters seen"
"""How what detectors of signals were given is counted."""
KNOWN_BEFORE = "encounters known before"
"""What was learned is not given again."""
TOLD_AGAIN = "encounters told again"
NOTHING_SEEN = "Nothing that it follows was seen of it."
MOST_REMEMBERED = 65_536
"""Records of which copies that come late are known as such."""
MOST_LATE = 4_096
"""Late records that wait for the clock to move on; more are given out where it stands."""
_MOST_SOURCES = 4_096
_OF_ONE = (Window, Run)
"""Kinds that are of one function, and else of none that is followed."""
_LAST: Any = list[tuple[tuple[str, str], float]]


def detectors_of(settings: Settings) -> list[SignalDetector]:
    """New detectors of signals, as the settings name them; raises `ConfigError` for an unknown name."""
    names, what = settings.baselines.detectors, "detector of signals"
    return [load(SIGNAL_DETECTORS, name, what)(settings.baselines) for name in names]


class Signalling:
    """Observations, flows that count and runs in any order; signals in the order of time."""

    def __init__(
        self, settings: Settings, tally: Tally | None = None, known: Iterable[FunctionKey] = ()
    ) -> None:
        self.detectors = detectors_of(settings)
        self._tally = tally or Tally()
        self._sees = frozenset(chain.from_iterable(one.sees for one in self.detectors))
        self._windows = Windows(settings)
        self._whose = Whose(settings, known)
        self._windows.know(self._whose.functions())
        self._held: list[Held] = []
        self._late = 0
        """How many of them came late."""
        self._until, self._walked, self._wait_s = -inf, -inf, settings.limits.witness_lateness_s
        self._given: dict[bytes, None] = {}
        self._met: dict[str, set[FunctionKey]] = {one.name: set() for one in self.detectors}
        """The functions of which each detector saw anything."""
        self._last: dict[tuple[str, str], float] = {}
        """By kind and account, when the last record was that was given."""
        self._known: dict[tuple[str, str], float] = {}
        """Up to when what is told is not given again."""

    @property
    def wants_flows(self) -> bool:
        """Whether flows are to be counted."""
        return Window in self._sees

    def observe(self, told: Observations) -> None:
        """Takes what documents tell beside traces."""
        for some in (told.calls, told.reports, told.networks, told.changes):
            for one in some:
                self._hold(one)
        for access in told.accesses:
            # A path that was asked for may hold what opens a door, and no detector looks at it.
            self._hold(replace(access, route=None))
        if (told.reports or told.metrics) and self.wants_flows:
            self._windows.push(chain(told.reports, told.metrics))

    def count(self, flows: Iterable[AnyFlow]) -> None:
        """Takes flows, of which only how many ran when is of interest."""
        if self.wants_flows:
            self._windows.push(flows)

    def add(self, counted: Minutes) -> None:
        """Takes flows that were counted elsewhere."""
        if self.wants_flows:
            self._windows.add(counted)

    def meet(self, runs: Iterable[Run]) -> None:
        """Takes runs of which there is more to know than that they ran."""
        for run in runs:
            self._hold(run)

    def advance(self, watermark: float) -> list[Signal]:
        """The signals that are certain now that all flows that begin before the watermark have come, and all
        records dated before it."""
        for window in self._windows.advance(watermark):
            self._hold(window)
        until = self._latest() if watermark == inf else self._believed(watermark - LONGEST_RUN_S - MINUTE_S)
        if until <= self._until:
            if self._late < MOST_LATE:
                return []
            until = nextafter(self._until, inf)
        batch = self._batch(until)
        self._until = until
        self._whose.forget(until)
        kinds, met = [type(one.what) for one in batch], functions_by_kind(batch)
        found = list[Signal]()
        for detector in self.detectors:
            self._met[detector.name].update(*[met.get(kind, ()) for kind in detector.sees])
            is_seen = frozenset[type](detector.sees).__contains__
            found += detector.see(list(compress(batch, map(is_seen, kinds))), until)
        if batch:
            self._tally.count(ENCOUNTERS, len(batch))
        return self._told(found)

    def finish(self) -> list[Signal]:
        """The signals that are certain as nothing more will come; nothing is given to it after that."""
        found = self.advance(inf)
        return found + self._told([signal for one in self.detectors for signal in one.finish()])

    def _told(self, found: list[Signal]) -> list[Signal]:
        if found:
            self._tally.count("signals", len(found))
        return sorted(found, key=lambda one: (one.at, one.detector, one.since))

    def _hold(self, what: What) -> None:
        kind = type(what)
        if kind not in self._sees:
            return
        at = moment_of(what)
        if at is None:
            reason = "a report bears no time; no resources are followed by it."
            self._tally.lose("report without a time", origin="the telemetry", reason=reason)
            return
        if self._known and at <= self._known.get(source_of(what), -inf):
            reason = (
                "a minute or record is dated no later than the last of its kind and account that was learned "
                "of; it is not learned again."
            )
            self._tally.count(KNOWN_BEFORE)
            self._tally.lose("known before", origin="the telemetry", reason=reason)
            return
        held, late = held_at(at, what), at < self._until
        if late and held.tie in self._given:
            self._tally.count(TOLD_AGAIN)
            return
        if late:
            self._tally.count("encounters that came late")
            held = replace(held, at=self._until)
            self._late += 1
        if kind is Window and (late or at <= self._walked):
            reason = "a minute was told after later ones had been judged or learned; no rate counts it."
            self._tally.lose("late minute", origin="the telemetry", reason=reason)
        self._held.append(held)

    def _batch(self, until: float) -> list[Encounter]:
        """What is held from before that moment, in the order of time, each once and with its functions."""
        self._held.sort(key=place_of)
        end = len(self._held)
        while end and self._held[end - 1].at >= until:
            end -= 1
        some, self._held, self._late = self._held[:end], self._held[end:], 0
        for one in some:
            self._whose.expect(one.what)
        once, left_out = each_once(some), self._whose.left_out
        if len(once) < len(some):
            self._tally.count(TOLD_AGAIN, len(some) - len(once))
        self._remember(once)
        told = [self._whose.encounter(one.at, one.what) for one in once]
        batch = [one for one in told if one.actor is not None or not isinstance(one.what, _OF_ONE)]
        if self._whose.left_out > left_out:
            reason = (
                f"more than {MOST_FUNCTIONS:,} functions, or {MOST_OF_A_NAME} of one name, are named; those "
                "that came last are not followed."
            )
            number = self._whose.left_out - left_out
            self._tally.lose("function too many", origin="the telemetry", reason=reason, number=number)
        return batch

    def _remember(self, some: list[Held]) -> None:
        keep_all(self._given, dict.fromkeys([one.tie for one in some]), MOST_REMEMBERED)
        last: dict[tuple[str, str], float] = {}
        for one in reversed(some):
            last.setdefault(source_of(one.what), one.at)
        latest = {source: max(last[source], self._last.get(source, -inf)) for source in reversed(last)}
        keep_all(self._last, latest, _MOST_SOURCES)

    @property
    def _limit(self) -> float:
        return max(self._until, *self._last.values(), -inf) + MOST_AHEAD_S

    def _believed(self, until: float) -> float:
        """That moment, or an earlier one where all that is held beside wrong dates is from long before."""
        limit = self._limit
        if limit == -inf or until <= limit:
            return until
        latest = max(near_of(self._held, limit), default=-inf)
        return until if latest > limit else min(until, latest - LONGEST_RUN_S - MINUTE_S - self._wait_s)

    def _latest(self) -> float:
        """Just behind the last record, but for such as are dated long after all others."""
        near = near_of(self._held, self._limit)
        times, latest, strays = sorted(set(near)), self._until, len(self._held) - len(near)
        for place, time in enumerate(times):
            if time - latest > STRAY_S and place > len(times) // 2:
                strays += len([one for one in near if one >= time])
                break
            latest = max(latest, time)
        if strays:
            reason = "a record is dated more than a week after all others; nothing follows it."
            self._tally.lose("stray date", origin="the telemetry", reason=reason, number=strays)
        return latest + 1.0

    def functions(self) -> list[FunctionKey]:
        """All functions that were met so far."""
        return self._whose.functions()

    def not_ready(self) -> dict[FunctionKey, dict[str, str]]:
        """What each function still needs, by detector."""
        out: dict[FunctionKey, dict[str, str]] = {}
        for detector in self.detectors:
            needs, met = detector.not_ready(), self._met[detector.name]
            for key in {*self.functions(), *needs}:
                if key in needs or key not in met:
                    out.setdefault(key, {})[detector.name] = needs.get(key, NOTHING_SEEN)
        return out

    def learned(self) -> State:
        """What was learned of all that was given: without what is still held."""
        parts = {one.name: one.snapshot() for one in self.detectors}
        met: State = {"met": packed({name: sorted(keys) for name, keys in self._met.items()})}
        last: State = {"last": packed(list(self._last.items()))}
        return joined(parts | {"whose": self._whose.snapshot(), "functions": met | last})

    def relearn(self, state: State) -> None:
        """Go on from what was `learned`; a detector that it knows nothing of begins anew. Raises
        `BundleError` where it is damaged."""
        for detector in self.detectors:
            own = part(state, detector.name)
            if own:
                detector.restore(own)
        self._whose.restore(part(state, "whose"))
        self._windows.know(self._whose.functions())
        met = unpacked(part(state, "functions"), "met", dict[str, set[FunctionKey]])
        self._met = {one.name: met.get(one.name, set()) for one in self.detectors}
        self._last = dict(unpacked(part(state, "functions"), "last", _LAST))

    def pass_over_known(self) -> None:
        """From now on leaves out what is dated before the last that was learned of its kind and account."""
        self._known = dict(self._last)
        self._walked = max((at for (kind, _), at in self._last.items() if kind == "Window"), default=-inf)

    def snapshot(self) -> State:
        """All that is held, for `restore`."""
        stored = Stored(self._until, list(self._given))
        for one in self._held:
            stored.by_kind[one.rank].append((one.at, one.what))
        own: State = {"held": packed(stored)}
        return joined({"learned": self.learned(), "windows": self._windows.snapshot(), "own": own})

    def restore(self, state: State) -> None:
        """Go on from a snapshot; raises `BundleError` where it is damaged."""
        self.relearn(part(state, "learned"))
        self._windows.restore(part(state, "windows"))
        stored = unpacked(part(state, "own"), "held", Stored)
        self._until, self._given = stored.until, dict.fromkeys(stored.given)
        self._held = [held_at(at, what) for kind in stored.by_kind for at, what in kind]
        self._late = sum([one.at <= self._until for one in self._held])
