"""The detector of changes of functions: code, configuration, rights, triggers, and of what is logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf

from coldtrail.config import BaselineSettings
from coldtrail.detectors.changes import extensions
from coldtrail.detectors.changes.actors import caller_of, maker_of
from coldtrail.detectors.changes.judging import Judge
from coldtrail.detectors.changes.kinds import OF_FUNCTIONS
from coldtrail.detectors.changes.memory import Memory
from coldtrail.detectors.changes.occasions import Made, Occasion, Occasions
from coldtrail.detectors.changes.signals import NAME
from coldtrail.detectors.signal_detector import SignalDetector
from coldtrail.records.encounter import Encounter
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Signal
from coldtrail.records.stage import State, packed, unpacked
from coldtrail.records.witnesses import ApiCall, Change, Report


class ChangesDetector(SignalDetector):
    """Gathers what one actor changes within a minute, and judges it when the minute is over: who made the
    changes, whether he usually does, from where, and what they open."""

    name = NAME
    sees = (Change, ApiCall, Report)

    def __init__(self, settings: BaselineSettings) -> None:
        super().__init__(settings)
        self._memory = Memory()
        self._judge = Judge(self._memory)
        self._occasions = Occasions(())

    def see(self, batch: Sequence[Encounter], until: float) -> list[Signal]:
        """What becomes certain: occasions that are over, and extensions at once."""
        signals: list[Signal] = []
        for one in batch:
            signals += self._over(one.at)
            what = one.what
            if isinstance(what, ApiCall):
                self._call(one, what)
            elif isinstance(what, Report):
                if one.actor is not None:
                    self._memory.pass_time(one.at)
                    signals += extensions.seen(self._memory, one.at, what, one.actor)
            elif isinstance(what, Change):
                signals += self._change(one, what)
        return signals + self._over(until)

    def finish(self) -> list[Signal]:
        """What was changed within the last minute is all of its occasion."""
        return self._over(inf)

    def _over(self, time: float) -> list[Signal]:
        return [signal for one in self._occasions.over(time) for signal in self._judge.judge(one)]

    def _call(self, one: Encounter, call: ApiCall) -> None:
        """Who calls from where, and with which role a function runs."""
        memory = self._memory
        memory.pass_time(one.at)
        if call.issued_role and one.target is not None:
            memory.function(one.target, one.at).role = call.issued_role
        elif one.actor is not None:
            if call.role:
                memory.function(one.actor, one.at).role = call.role
        elif (name := caller_of(call)) is not None:
            memory.meet(name, one.at, call, teaches=call.principal_account in (None, call.account))

    def _change(self, one: Encounter, change: Change) -> list[Signal]:
        memory = self._memory
        memory.pass_time(one.at)
        actor = maker_of(change)
        if actor is None:
            return []
        memory.meet(actor, one.at, change, teaches=one.actor is None)
        over: list[Occasion] = list(self._occasions.add(actor, Made(one.at, change, _function(one, change))))
        return [signal for occasion in over for signal in self._judge.judge(occasion)]

    def snapshot(self) -> State:
        """All that is held."""
        return {**self._memory.snapshot(), "open": packed(list(self._occasions.open.values()))}

    def restore(self, state: State) -> None:
        """Go on from a snapshot; raises `BundleError` where it is damaged."""
        self._memory.restore(state)
        self._occasions = Occasions(unpacked(state, "open", list[Occasion]))

    def not_ready(self) -> Mapping[FunctionKey, str]:
        """What is needed, the same for all functions: who usually makes changes."""
        missing = self._memory.missing()
        return {} if missing is None else dict.fromkeys(self._memory.functions, missing)


def _function(one: Encounter, change: Change) -> FunctionKey | None:
    """The function that a change is of."""
    if change.family not in OF_FUNCTIONS and not (change.family == "logs" and change.function_name):
        return None
    if one.target is not None or not change.function_name:
        return one.target
    return FunctionKey(change.account, change.region, "", change.function_name)
