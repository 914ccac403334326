"""Data that leaves by a function: where to, and how much.

Destinations are the buckets, topics, queues and other resources that its calls name in the audit log, the
hosts that its traces name, the ends of its network's traffic and the names that are asked for there. Strange
is what was never met, by how seldom the function meets anything new; most of all what belongs to another
account. Amounts are what the audit log says that calls moved, what the platform measured, and what the
network's logs count: within an hour against the most of any hour before (more where the function itself runs
more often), and day by day against the last three weeks, so that a little more each day adds up.

What it cannot see: whether a bucket of the own account is open to everybody (the audit log does not say);
what calls carry that move data without telling bytes (items, messages, parameters); hosts that no trace, flow
log or resolver log names, which are all those of functions outside a network that are not traced; what is
sent to destinations that are usual, in amounts that are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from coldtrail.config import BaselineSettings
from coldtrail.detectors.egress.amounts import HOUR_S
from coldtrail.detectors.egress.destinations import Sent, signal_of
from coldtrail.detectors.egress.draining import Draining
from coldtrail.detectors.egress.meeting import lacking
from coldtrail.detectors.egress.networks import Networks
from coldtrail.detectors.egress.places import REMOTE, is_write, owner_of
from coldtrail.detectors.egress.states import Interface, Meetings, Pool, Resolver, Travels
from coldtrail.detectors.egress.telling import NAME
from coldtrail.detectors.egress.volumes import Volumes, end_day, ran
from coldtrail.detectors.signal_detector import SignalDetector
from coldtrail.records.encounter import Encounter, Run
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Ref, Signal
from coldtrail.records.stage import State, packed, unpacked
from coldtrail.records.witnesses import ApiCall, Change, Network, Report

_RELEASES = ("UpdateFunction", "CreateFunction", "PublishVersion", "UpdateAlias")
_DENIED = ("AccessDenied", "NoSuchBucket", "AllAccessDisabled", "AuthorizationError")


Last = tuple[float, Ref, str | None]
"""When bytes of an hour came late, the last record that tells of them, and its access key."""
Late = dict[tuple[FunctionKey, str, float], tuple[float, Last]]
"""Bytes by function, kind and the hour that they are of."""


class Held(Struct, array_like=True):
    """All that is kept."""

    functions: list[Travels]
    pool: Pool
    interfaces: dict[str, Interface]
    resolvers: dict[str, Resolver]


class EgressDetector(SignalDetector):
    """Follows where functions send data, and how much."""

    name = NAME
    sees = (ApiCall, Report, Run, Network, Change)

    def __init__(self, settings: BaselineSettings) -> None:
        super().__init__(settings)
        self._volumes = Volumes(settings.alarms_a_function_day)
        self._draining = Draining(settings.alarms_a_function_day)
        self._take(Held([], Pool(), {}, {}))

    def _take(self, held: Held) -> None:
        self._functions, self._pool = held.functions, held.pool
        self._networks = Networks(held.interfaces, held.resolvers, self.settings.alarms_a_function_day)
        self._numbers = {one.key: number for number, one in enumerate(held.functions)}

    def see(self, batch: Sequence[Encounter], until: float) -> list[Signal]:
        """Signals of calls, reports, runs and traffic, each at its own time."""
        found: list[Signal | None] = []
        late: Late = {}
        for one in batch:
            what = one.what
            if isinstance(what, ApiCall):
                found += self._call(what, one, late)
            elif isinstance(what, Report):
                found += self._report(what, one, late)
            elif isinstance(what, Network):
                found += self._networks.signals_of(what, one.at, self._functions, self._pool)
            elif isinstance(what, Run):
                found += self._run(what, one)
            elif isinstance(what, Change) and one.target is not None:
                self._change(what, one.target, one.at)
        found += [self._came_late(*hour, *told) for hour, told in late.items()]
        found += self._networks.signals_of_late(self._functions, self._pool)
        return [signal for signal in found if signal is not None]

    def _of(self, key: FunctionKey) -> Travels:
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._functions)
            self._functions.append(Travels(key, Meetings()))
        return self._functions[number]

    def _until(self, travels: Travels, at: float) -> list[Signal]:
        """Signals of parts of a day that have ended by now."""
        found = self._draining.looks(travels, at, self._pool)
        end_day(travels, at, self._pool)
        return found

    def _change(self, change: Change, target: FunctionKey, at: float) -> None:
        if change.error_code is None and change.operation.startswith(_RELEASES):
            self._of(target).released = at

    def _came_late(self, key: FunctionKey, of: str, since: float, size: float, last: Last) -> Signal | None:
        volumes, (at, ref, access_key) = self._volumes, last
        return volumes.came_late(self._of(key), of, size, since, at, ref, self._pool, access_key)

    def _call(self, call: ApiCall, one: Encounter, late: Late) -> list[Signal | None]:
        found: list[Signal | None] = []
        if one.target is not None and call.operation == "Invoke" and not call.dry_run:
            found += self._invoked(call, one.target, one.at, is_late=_hour_of(call.time) < _hour_of(one.at))
        by_itself = call.invoked_by is None and call.source_service is None and not call.presigned
        if one.actor is None or not by_itself:
            return found
        travels, ref = self._of(one.actor), Ref("event", call.event_id)
        found += self._until(travels, one.at)
        if call.target:
            found.append(signal_of(_sent(call, ref), travels, self._pool, one.at))
        for of, size in (("sent", call.bytes_in), ("received", call.bytes_out)):
            if size and _hour_of(call.time) < _hour_of(one.at):
                _add(late, (one.actor, of, _hour_of(call.time)), size, (one.at, ref, call.access_key))
            elif size:
                took = self._volumes.took(travels, of, size, one.at, ref, self._pool, call.access_key)
                found.append(took)
                self._draining.took(travels, of, call.target or "", size, ref)
        return found

    def _invoked(self, call: ApiCall, target: FunctionKey, at: float, *, is_late: bool) -> list[Signal]:
        travels = self._of(target)
        if call.interface:
            place = target.account, target.region
            self._networks.joins(call.interface, *place, self._numbers[target], len(self._functions))
        found = self._until(travels, at)
        if not is_late:
            ran(travels, at)
        return found

    def _report(self, report: Report, one: Encounter, late: Late) -> list[Signal | None]:
        if one.actor is None or report.tx_bytes is None:
            return []
        travels = self._of(one.actor)
        found: list[Signal | None] = [*self._until(travels, one.at)]
        ref = Ref("request", report.request_id or "")
        found.append(self._volumes.measured(travels, report.tx_bytes, one.at, ref))
        if report.time is not None and _hour_of(report.time) < _hour_of(one.at):
            _add(late, (one.actor, "traffic", _hour_of(report.time)), report.tx_bytes, (one.at, ref, None))
        else:
            found.append(self._volumes.took(travels, "traffic", report.tx_bytes, one.at, ref, self._pool))
            self._draining.took(travels, "traffic", "", report.tx_bytes, ref)
        return found

    def _run(self, run: Run, one: Encounter) -> list[Signal | None]:
        if one.actor is None:
            return []
        travels, ref = self._of(one.actor), Ref("flow", run.flow.function_flow_id)
        hosts = {
            event.event_target_resource: event.event_name
            for event in run.flow.events
            if event.event_type == REMOTE and event.event_target_resource
        }
        return [
            signal_of(
                Sent(REMOTE, name, host, None, True, False, ref), travels, self._pool, one.at
            )
            for host, name in hosts.items()
        ]  # fmt: skip

    def snapshot(self) -> State:
        """All that is held."""
        networks = self._networks
        held = Held(self._functions, self._pool, networks.interfaces, networks.resolvers)
        return {"held": packed(held)}

    def restore(self, state: State) -> None:
        """Go on from a snapshot; raises `BundleError` where it is damaged."""
        self._take(unpacked(state, "held", Held))

    def not_ready(self) -> Mapping[FunctionKey, str]:
        """Functions of which too few destinations were seen."""
        told = ((one.key, lacking(one.met)) for one in self._functions)
        return {key: sentence for key, sentence in told if sentence is not None}


def _hour_of(time: float) -> float:
    return time - time % HOUR_S


def _add(late: Late, hour: tuple[FunctionKey, str, float], size: float, last: Last) -> None:
    known = late.get(hour)
    late[hour] = (size, last) if known is None else (known[0] + size, last)


def _sent(call: ApiCall, ref: Ref) -> Sent:
    denied = call.error_code is not None and call.error_code.startswith(_DENIED)
    target = call.target or ""
    owner = owner_of(call.target, call.target_account)
    return Sent(
        call.service,
        call.operation,
        target,
        owner,
        is_write(call),
        denied,
        ref,
        call.principal,
        call.access_key,
    )
