"""All that telemetry tells beside the steps of single runs, to signals: put into the order of time, named
after the functions that it is of, and given to each detector of signals.

Learning and judging are this one walk. What is dated before what was given already is given late, at the
moment up to which all was given, and counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from itertools import chain
from math import inf
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from coldtrail.assembly.copies import LONGEST_RUN_S
from coldtrail.assembly.minutes import MINUTE_S, Minutes
from coldtrail.assembly.windows import Windows
from coldtrail.config import Settings
from coldtrail.detectors.signal_detector import SignalDetector
from coldtrail.detectors.whose import MOST_FUNCTIONS, Whose
from coldtrail.records.columns import AnyFlow
from coldtrail.records.encounter import Encounter, Run, What
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Signal
from coldtrail.records.stage import State, joined, packed, part, unpacked
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Observations
from coldtrail.records.window import Window
from coldtrail.records.witnesses import Access, ApiCall, Change, Network, Report
from coldtrail.registry import SIGNAL_DETECTORS, load

STRAY_S = 7 * 86_400.0
"""What is dated so long after all before it is no later than the rest, but wrongly dated."""
ENCOUNTERS = "encounters seen"
"""How what detectors of signals were given is counted."""
NOTHING_SEEN = "Nothing that it follows was seen of it."
MOST_REMEMBERED = 65_536
"""Records of which copies that come late are known as such."""
_KINDS: tuple[type[What], ...] = (Change, ApiCall, Report, Access, Network, Window, Run)
"""At one moment, in this order."""
_Held = tuple[float, int, bytes, What]
_encode = msgspec.msgpack.Encoder().encode


class _Stored(Struct):
    """What is held, as it is stored: by kind, each with its moment."""

    until: float
    given: list[bytes]
    changes: list[tuple[float, Change]] = []
    calls: list[tuple[float, ApiCall]] = []
    reports: list[tuple[float, Report]] = []
    accesses: list[tuple[float, Access]] = []
    networks: list[tuple[float, Network]] = []
    windows: list[tuple[float, Window]] = []
    runs: list[tuple[float, Run]] = []

    @property
    def by_kind(self) -> tuple[list[tuple[float, Any]], ...]:
        """As `_KINDS` has them."""
        return (
            self.changes,
            self.calls,
            self.reports,
            self.accesses,
            self.networks,
            self.windows,
            self.runs,
        )


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
        self._held: list[_Held] = []
        self._until = -inf
        self._given: dict[bytes, None] = {}
        self._met: dict[str, set[FunctionKey]] = {one.name: set() for one in self.detectors}
        """The functions of which each detector saw anything."""

    @property
    def wants_flows(self) -> bool:
        """Whether flows are to be counted."""
        return Window in self._sees

    def observe(self, told: Observations) -> None:
        """Takes what documents tell beside traces."""
        # A path that was asked for may hold what opens a door, and no detector looks at it.
        accesses = [replace(one, route=None) for one in told.accesses]
        for some in (told.calls, told.reports, accesses, told.networks, told.changes):
            for one in some:
                self._hold(one)
        if self.wants_flows:
            self._windows.push([*told.reports, *told.metrics])

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
        until = self._latest() if watermark == inf else watermark - LONGEST_RUN_S - MINUTE_S
        if until <= self._until:
            return []
        batch = self._batch(until)
        self._until = until
        self._whose.forget(until)
        found = list[Signal]()
        for detector in self.detectors:
            some = [one for one in batch if isinstance(one.what, detector.sees)]
            self._met[detector.name].update([one.actor for one in some if one.actor is not None])
            self._met[detector.name].update([one.target for one in some if one.target is not None])
            found += detector.see(some, until)
        if batch:
            self._tally.count(ENCOUNTERS, len(batch))
        if found:
            self._tally.count("signals", len(found))
        return sorted(found, key=lambda one: (one.at, one.detector, one.since, repr(one.finding)))

    def _hold(self, what: What) -> None:
        kind = type(what)
        if kind not in self._sees:
            return
        at = _moment(what)
        if at is None:
            reason = "a report bears no time; no resources are followed by it."
            self._tally.lose("report without a time", origin="the telemetry", reason=reason)
            return
        tie = _tie(what)
        if at < self._until:
            if tie in self._given:
                return
            self._tally.count("encounters that came late")
            if kind is Window:
                reason = "a minute was told after later ones had been judged; no rate counts it."
                self._tally.lose("late minute", origin="the telemetry", reason=reason)
            at = self._until
        self._held.append((at, _KINDS.index(kind), tie, what))

    def _batch(self, until: float) -> list[Encounter]:
        """What is held from before that moment, in the order of time, each once and with its functions."""
        self._held.sort(key=lambda one: one[:3])
        end = len(self._held)
        while end and self._held[end - 1][0] >= until:
            end -= 1
        some, self._held = self._held[:end], self._held[end:]
        for _, _, _, what in some:
            self._whose.expect(what)
        batch, last, left_out = [], b"", self._whose.left_out
        for at, _, tie, what in some:
            if tie == last:
                continue
            last = tie
            self._remember(tie)
            batch.append(self._whose.encounter(at, what))
        if self._whose.left_out > left_out:
            reason = (
                f"more than {MOST_FUNCTIONS:,} functions are named; those that came last are not followed."
            )
            number = self._whose.left_out - left_out
            self._tally.lose("function too many", origin="the telemetry", reason=reason, number=number)
        return batch

    def _remember(self, tie: bytes) -> None:
        self._given[tie] = None
        if len(self._given) > MOST_REMEMBERED:
            del self._given[next(iter(self._given))]

    def _latest(self) -> float:
        """Just behind the last record, but for such as are dated long after all others."""
        times = sorted({one[0] for one in self._held})
        latest = self._until
        for place, time in enumerate(times):
            if time - latest > STRAY_S and place > len(times) // 2:
                strays = len([one for one in self._held if one[0] >= time])
                reason = "a record is dated more than a week after all others; nothing follows it."
                self._tally.lose("stray date", origin="the telemetry", reason=reason, number=strays)
                break
            latest = max(latest, time)
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
        return joined(parts | {"whose": self._whose.snapshot(), "functions": met})

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

    def snapshot(self) -> State:
        """All that is held, for `restore`."""
        stored = _Stored(self._until, list(self._given))
        for at, rank, _, what in self._held:
            stored.by_kind[rank].append((at, what))
        own: State = {"held": packed(stored)}
        return joined({"learned": self.learned(), "windows": self._windows.snapshot(), "own": own})

    def restore(self, state: State) -> None:
        """Go on from a snapshot; raises `BundleError` where it is damaged."""
        self.relearn(part(state, "learned"))
        self._windows.restore(part(state, "windows"))
        stored = unpacked(part(state, "own"), "held", _Stored)
        self._until, self._given = stored.until, dict.fromkeys(stored.given)
        self._held = [
            (at, rank, _tie(what), what) for rank, held in enumerate(stored.by_kind) for at, what in held
        ]


def _moment(what: What) -> float | None:
    """When it is certain; None where nothing tells."""
    if isinstance(what, Window):
        return what.start_time + what.period_s
    if isinstance(what, Run):
        return what.flow.end_time
    return what.end_time if isinstance(what, Network) else what.time


def _tie(what: What) -> bytes:
    """The same for copies alone; puts what is of one moment in order.

    The audit log tells whole seconds: credentials are given out before they are used, and no order hangs on
    pseudonyms, which are other ones under another key.
    """
    told: object = what
    first = b""
    if isinstance(what, Run):
        told = what.flow.application_flow_id, what.flow.function_flow_id, what.flow.key
    elif isinstance(what, ApiCall | Change):
        issues = isinstance(what, ApiCall) and what.issued_key is not None
        first = (b"0" if issues else b"1") + _digest((what.account, what.event_id))
    return first + _digest((type(what).__name__, told))


def _digest(told: object) -> bytes:
    return blake2b(_encode(told), digest_size=8).digest()
