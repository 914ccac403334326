"""What earlier calls told, so that a later one tells only what is new or has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from coldtrail.records.alert import Alert
from coldtrail.records.case import Case
from coldtrail.records.identity import FunctionKey
from coldtrail.records.shift import Shift
from coldtrail.records.stage import State, packed, unpacked
from coldtrail.records.verdict import Verdict

_encode = msgspec.msgpack.Encoder().encode
_ANOMALOUS = b"a"
_PARTING = "\0"
_PARTINGS = 5
"""In the key of a verdict; an id that holds more is never withdrawn."""


Thing = TypeVar("Thing", Alert, Shift, Case)


class _Told(Struct, frozen=True):
    """Digests of what was told, by id."""

    open: dict[str, bytes] = {}
    """Verdicts on flows whose traces could still grow."""
    shifts: dict[str, bytes] = {}
    alerts: dict[str, bytes] = {}
    cases: dict[str, bytes] = {}


class Withdrawn(NamedTuple):
    """A flow on which a verdict was told, and which turned out to be none."""

    function_flow_id: str
    application_flow_id: str
    function: FunctionKey
    was_anomalous: bool


class Earlier:
    """Remembers what was told: of verdicts those that may still change, and of shifts and alerts all."""

    def __init__(self) -> None:
        self._before = _Told()
        self._now = _Told({}, {}, {}, {})
        self._again: set[str] = set()
        """Of the flows on which an open verdict was told before those that came again."""
        self.withdrawn: list[str] = []
        """Ids of alerts that were told and stand no more, as where several troubles turned out to be one."""
        self.withdrawn_cases: list[str] = []
        """The same of cases."""
        self.withdrawn_shifts: list[str] = []
        """Ids of shifts that runs which came later have made unlikely again."""

    @property
    def told_nothing(self) -> bool:
        """Whether no verdict was told that may still change: any one is news."""
        return not self._before.open

    def is_news(self, verdict: Verdict, *, is_final: bool) -> bool:
        """Whether a verdict was not told before, or was another one."""
        if is_final and not self._before.open:
            return True
        key, digest = _key(verdict), _of_verdict(verdict)
        if key in self._before.open:
            self._again.add(key)
        if not is_final:
            self._now.open[key] = digest
        return self._before.open.get(key) != digest

    def is_revised(self, verdict: Verdict) -> bool:
        """Whether another verdict on the flow was told before."""
        if not self._before.open:
            return False
        return self._before.open.get(_key(verdict), b"") not in (b"", _of_verdict(verdict))

    def called_anomalous(self, verdict: Verdict) -> bool:
        """Whether the verdict on the flow that was told before was that it is anomalous."""
        return self._before.open.get(_key(verdict), b"").startswith(_ANOMALOUS)

    def withdrawn_flows(self) -> list[Withdrawn]:
        """The flows on which a verdict was told while they were open, and which did not come again, once all
        have come: of what seemed to be one of its own, as a report without its trace, more was told since."""
        gone = [key for key in self._before.open if key not in self._again]
        return [_withdrawn(key, self._before.open[key]) for key in gone if key.count(_PARTING) == _PARTINGS]

    def shifts(self, all_: Iterable[Shift]) -> list[Shift]:
        """Of all shifts those that are new, or of which there is more to tell."""
        changed = _changed(all_, self._before.shifts, self._now.shifts)
        self.withdrawn_shifts = [one for one in self._before.shifts if one not in self._now.shifts]
        return changed

    def alerts(self, all_: Iterable[Alert]) -> list[Alert]:
        """Of all alerts those that are new, or have grown."""
        changed = _changed(all_, self._before.alerts, self._now.alerts)
        self.withdrawn = [one for one in self._before.alerts if one not in self._now.alerts]
        return changed

    def cases(self, all_: Iterable[Case]) -> list[Case]:
        """Of all cases those that are new, or have grown."""
        changed = _changed(all_, self._before.cases, self._now.cases)
        self.withdrawn_cases = [one for one in self._before.cases if one not in self._now.cases]
        return changed

    def snapshot(self) -> State:
        """What this call and those before it have told."""
        return {"told": packed(self._now)}

    def restore(self, state: State) -> None:
        """Remember what earlier calls told; raises `BundleError` where that is damaged."""
        self._before = unpacked(state, "told", _Told)


def _changed(things: Iterable[Thing], before: Mapping[str, bytes], now: dict[str, bytes]) -> list[Thing]:
    """The things that are not what they were; `now` gets the digests of all."""
    changed = []
    for thing in things:
        now[thing.id] = digest = _digest(thing)
        if before.get(thing.id) != digest:
            changed.append(thing)
    return changed


def _key(verdict: Verdict) -> str:
    return _PARTING.join((verdict.application_flow_id, verdict.function_flow_id, *verdict.key))


def _withdrawn(key: str, told: bytes) -> Withdrawn:
    trace, flow, *function = key.split(_PARTING)
    return Withdrawn(flow, trace, FunctionKey(*function), told.startswith(_ANOMALOUS))


def _of_verdict(verdict: Verdict) -> bytes:
    """A digest that begins with what the verdict is."""
    return verdict.verdict[:1].encode() + _digest(verdict)


def _digest(thing: Verdict | Shift | Alert | Case) -> bytes:
    return blake2b(_encode(thing), digest_size=16).digest()
