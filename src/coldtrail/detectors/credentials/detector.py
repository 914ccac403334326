"""Credentials of a function that are used by somebody else.

Each execution environment gets credentials of its own, and only the function's code knows them. What the
audit log shows under them is held against what the function's environments usually do:

- the same access key at a second place, or used by another program than before, most of all one that does
  not say that it runs in a function; at two places by turns. An address alone says little where a function's
  keys have used many: how variable they are is learned per function, and lent by all where it is young;
- a key that was used after its environment was shut down;
- the name of a function's session in its role, with a key that somebody else had given out;
- an endpoint of another account; calls that this function never makes, those first that ask who one is, what
  there is, or for power; calls that no step of the function's traces shows.

Points of one key add up within an hour. It is not misled by keys that come and go with environments, by
calls of the cloud's services on the function's behalf, by links that were signed beforehand and are used by
anybody, or by people and pipelines that take on the role under another session's name.

What it cannot see: calls that the audit log does not record (data events that no trail keeps; CloudTrail has
all some minutes late); a thief who uses the credentials from within the same environment for what the
function always does, without the traces showing less; one who has them before the environment's first call,
comes from a plausible address, claims the function's program and does only what the function does (from a
new address it is a weak signal where the function's keys share addresses: networks get new ones); whoever
uses links that were signed with stolen credentials; the end of an environment that nothing reports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from coldtrail.config import BaselineSettings
from coldtrail.detectors.credentials import learning
from coldtrail.detectors.credentials.assuming import signal_of_assuming
from coldtrail.detectors.credentials.chances import close_hour
from coldtrail.detectors.credentials.environments import ended, signals_of_run
from coldtrail.detectors.credentials.evidence import READY_CALLS, Evidence, Signs, evidence_of, signs_of
from coldtrail.detectors.credentials.owners import Owned, Owners, OwnersState
from coldtrail.detectors.credentials.states import Habits, Pool
from coldtrail.detectors.credentials.suspicions import gathered, total
from coldtrail.detectors.credentials.telling import DECISIVE, NAME, signal_of_key
from coldtrail.detectors.signal_detector import SignalDetector
from coldtrail.records.encounter import Encounter, Run
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Signal
from coldtrail.records.stage import State, packed, unpacked
from coldtrail.records.witnesses import ApiCall, Change, Report

_HOUR_S = 3_600.0
_RELEASES = ("UpdateFunction", "CreateFunction", "PublishVersion", "UpdateAlias")


class Held(Struct, array_like=True):
    """All that is kept."""

    owners: OwnersState
    pool: Pool
    begun: dict[int, int]


class CredentialsDetector(SignalDetector):
    """Follows access keys and the functions that they were given to."""

    name = NAME
    sees = (ApiCall, Report, Run, Change)

    def __init__(self, settings: BaselineSettings) -> None:
        super().__init__(settings)
        self._owners, self._pool, self._begun = Owners(), Pool(), dict[int, int]()

    def see(self, batch: Sequence[Encounter], until: float) -> list[Signal]:
        """Signals of calls and runs, each at its own time."""
        found: list[Signal | None] = []
        for one in batch:
            what = one.what
            if isinstance(what, ApiCall):
                if one.target is not None:
                    self._owners.number_of(one.target)
                found.append(self._call(what, one))
            elif isinstance(what, Run):
                found.append(self._run(what, one))
            elif isinstance(what, Report):
                if what.kind == "shutdown" and what.instance:
                    ended(self._owners.state.keys.values(), what.instance, one.at)
            elif isinstance(what, Change) and one.target is not None:
                self._change(what, one.target, one.at)
        return [signal for signal in found if signal is not None]

    def _change(self, change: Change, target: FunctionKey, at: float) -> None:
        if change.error_code is None and change.operation.startswith(_RELEASES):
            self._habits(target).released = at
            if change.role:
                self._owners.add_role(target, change.role)

    def _habits(self, key: FunctionKey) -> Habits:
        return self._owners.state.functions[self._owners.number_of(key)]

    def _run(self, run: Run, one: Encounter) -> Signal | None:
        facts = run.flow.facts
        if facts is None or one.actor is None:
            return None
        if facts.access_key and facts.instance:
            self._owners.note_instance(facts.access_key, facts.instance)
        return signals_of_run(run.flow, self._habits(one.actor), one.at, self._pool)

    def _call(self, call: ApiCall, one: Encounter) -> Signal | None:
        if call.issued_key is not None or call.operation == "AssumeRole":
            self._owners.take_given(call)
            signal = signal_of_assuming(call, one.at, self._owners, self._pool)
            if signal is not None:
                return signal
        if call.invoked_by is not None or call.source_service is not None:
            return None
        owned = self._owners.of(call, one.actor)
        return None if owned is None else self._judge(owned, call, one.at)

    def _judge(self, owned: Owned, call: ApiCall, at: float) -> Signal | None:
        habits, key, signs = owned.habits, owned.access_key, signs_of(call)
        self._keep_hour(habits, at)
        evidence = evidence_of(owned, call, signs, at, self._pool, self._begun)
        if evidence.is_outside and learning.is_usual_outside(habits, signs, at):
            return None
        back = self._back(owned, signs) if key.elsewhere else 0.0
        if not any(evidence) and not back:
            self._learn(owned, call, signs, evidence, at)
            return None
        record = key.elsewhere_record
        found = gathered(key, evidence, call, signs, at)
        if back:
            found.place += back
            found.records.insert(0, record)
        points = total(found)
        habits.strangest = max(habits.strangest, points)
        signal = signal_of_key(owned, found, call, at, self._pool, self._sharing(call, key.owner))
        self._after(owned, call, signs, evidence, at, points)
        return signal

    def _back(self, owned: Owned, signs: Signs) -> float:
        """Points for a call from where the key was before, after one from elsewhere."""
        key, place = owned.access_key, signs.place
        is_back = place in key.places and (place < 0) == (key.elsewhere < 0)
        return learning.came_back(owned, self._pool) if is_back else 0.0

    def _after(
        self, owned: Owned, call: ApiCall, signs: Signs, evidence: Evidence, at: float, points: float
    ) -> None:
        """Learns what a strange call may teach."""
        key = owned.access_key
        if key.borrower:
            return
        if evidence.place and key.calls:
            learning.went(owned, signs, at, call.event_id, self._pool)
            if points >= DECISIVE or not learning.has_settled(key, at):
                return
            key.elsewhere = 0
        if points < DECISIVE or not evidence.is_outside:
            self._learn(owned, call, signs, evidence, at)

    def _learn(self, owned: Owned, call: ApiCall, signs: Signs, evidence: Evidence, at: float) -> None:
        learning.learn(owned, signs, evidence, at, self._pool, self._begun)
        if not evidence.is_outside:
            self._owners.learn_session(call, owned.number)

    def _sharing(self, call: ApiCall, number: int) -> list[Habits]:
        return list(self._owners.sharing(call.role, number))[:20]

    def _keep_hour(self, habits: Habits, at: float) -> None:
        hour = int(at // _HOUR_S)
        if hour != habits.hour:
            if habits.hour >= 0:
                close_hour(self._pool, habits.strangest)
            habits.hour, habits.strangest = hour, 0.0

    def snapshot(self) -> State:
        """All that is held."""
        return {"held": packed(Held(self._owners.state, self._pool, self._begun))}

    def restore(self, state: State) -> None:
        """Go on from a snapshot; raises `BundleError` where it is damaged."""
        held = unpacked(state, "held", Held)
        self._owners, self._pool, self._begun = Owners(held.owners), held.pool, held.begun

    def not_ready(self) -> Mapping[FunctionKey, str]:
        """Functions of which too few calls were seen."""
        return {
            one.key: f"{one.calls} of {READY_CALLS} calls with its credentials were seen"
            for one in self._owners.state.functions
            if one.known and one.calls < READY_CALLS
        }
