"""What flow logs and resolver logs show of the networks that functions run in.

Bytes and names of an hour that is over come late: they are held against the usual by themselves, hour by
hour, and are none of the hour that runs.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from coldtrail.detectors.egress import amounts
from coldtrail.detectors.egress.meeting import met
from coldtrail.detectors.egress.places import LONG, domain_of
from coldtrail.detectors.egress.states import Amount, Interface, Meetings, Pool, Resolver, Travels
from coldtrail.detectors.egress.telling import finding_of, is_due, is_one_of_few, plain, subject_of
from coldtrail.detectors.egress.volumes import LEAST_BYTES, demand
from coldtrail.features.recent import keep, mark
from coldtrail.records.finding import Known, Value
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Ref, Signal
from coldtrail.records.traits import Quantity, Trait
from coldtrail.records.witnesses import Network

_REMOTES, _PORTS, _DOMAINS, _LATELY, _TUNNELS, _FUNCTIONS = 64, 16, 256, 32, 4, 32
_WEAK, _MOST = 1.5, 2.5
_LONG_NAMES = 40.0
"""Long names of one domain within an hour that are never many."""
_STRANGEST = 4.0
"""As hours of amounts hardly ever are."""
_PUBLIC = "public"
_Late = dict[tuple[str, str, float], tuple[float, Network, float]]
"""By interface or network, domain and hour: how much, the last line that tells of it, and when it came."""


class Networks:
    """Interfaces and resolvers, each by its name; the number of both is bounded by that of functions."""

    def __init__(
        self, interfaces: dict[str, Interface], resolvers: dict[str, Resolver], a_day: float
    ) -> None:
        self.interfaces, self.resolvers, self._a_day = interfaces, resolvers, a_day
        self._late: _Late = {}

    def joins(self, interface: str, account: str, region: str, number: int, functions: int) -> None:
        """A function uses an interface."""
        held = self._interface(interface, account, region, functions)
        if number not in held.functions:
            held.functions = [*held.functions, number][-_FUNCTIONS:]

    def _interface(self, name: str, account: str, region: str, functions: int) -> Interface:
        held = self.interfaces.get(name) or Interface(account, region, Meetings(), Meetings(), Amount())
        keep(self.interfaces, name, held, 8 + functions)
        return held

    def signals_of(self, seen: Network, at: float, functions: Sequence[Travels], pool: Pool) -> list[Signal]:
        """Signals of a line of a log."""
        if seen.domain is not None:
            found = self._asked(seen, at, functions, pool)
        elif seen.interface and seen.outgoing and seen.accepted is not False:
            found = self._went(seen, at, functions, pool)
        else:
            found = []
        return [one for one in found if one is not None]

    def signals_of_late(self, functions: Sequence[Travels], pool: Pool) -> list[Signal]:
        """Signals of all that came late since this was asked."""
        late, self._late = self._late, {}
        found = [
            self._names_late(*of, *told, functions, pool)
            if of[1]
            else self._much_late(*of, *told, functions, pool)
            for of, told in late.items()
        ]
        return [one for one in found if one is not None]

    def _comes_late(self, name: str, domain: str, size: float, seen: Network, at: float) -> bool:
        """Whether a line is of an hour that is over; if so it is added to that."""
        hour = seen.end_time - seen.end_time % amounts.HOUR_S
        if hour >= at - at % amounts.HOUR_S:
            return False
        before = self._late.get((name, domain, hour))
        self._late[name, domain, hour] = size + (before[0] if before else 0.0), seen, at
        return True

    def _went(
        self, seen: Network, at: float, functions: Sequence[Travels], pool: Pool
    ) -> list[Signal | None]:
        place = seen.remote_place or _PUBLIC
        held = self._interface(seen.interface or "", seen.account or "", seen.region or "", len(functions))
        held.vpc = seen.vpc or held.vpc
        using = [functions[number] for number in held.functions if number < len(functions)]
        port = seen.port or 0
        port_points = met(held.ports, mark(place, str(port)), at, _PORTS)
        found = [self._new(held, using, Trait("network", f"{place} port {port}"), port_points, seen, at)]
        if place == _PUBLIC and seen.remote:
            points = met(held.met, mark(seen.remote), at, _REMOTES)
            found.append(self._new(held, using, Trait("address", seen.remote), points, seen, at))
        if place == _PUBLIC and seen.bytes:
            found.append(self._much(held, using, float(seen.bytes), seen, at, pool))
        return found

    def _new(
        self, held: Interface, using: Sequence[Travels], trait: Trait, points: float, seen: Network, at: float
    ) -> Signal | None:
        if points < _WEAK or not is_due(held.told, f"new {trait.what}", at):
            return None
        told = _signal("new_remote", held, using, seen, at, trait, Known((), len(held.met.known)))
        return replace(told, strength=min(_MOST, points), indicators=((trait.what, trait.value),))

    def _much(
        self, held: Interface, using: Sequence[Travels], size: float, seen: Network, at: float, pool: Pool
    ) -> Signal | None:
        if self._comes_late(seen.interface or "", "", size, seen, at):
            return None
        more = max([demand(one) for one in using], default=1.0)
        score = amounts.added(held.traffic, at, size, LEAST_BYTES, more, pool)
        return self._told_much(held, using, held.traffic.total, score, seen, at, pool)

    def _much_late(
        self,
        interface: str,
        _: str,
        hour: float,
        total: float,
        seen: Network,
        at: float,
        functions: Sequence[Travels],
        pool: Pool,
    ) -> Signal | None:
        held = self.interfaces.get(interface)
        if held is None:
            return None
        using = [functions[number] for number in held.functions if number < len(functions)]
        score = amounts.beside(held.traffic, total, LEAST_BYTES)
        return self._told_much(held, using, total, score, replace(seen, start_time=hour), at, pool)

    def _told_much(
        self,
        held: Interface,
        using: Sequence[Travels],
        total: float,
        score: float,
        seen: Network,
        at: float,
        pool: Pool,
    ) -> Signal | None:
        if score < amounts.MANY or not is_due(held.told, "much", at, total):
            return None
        peak = round(held.traffic.peak, 1)
        quantity = Quantity(total, "bytes", "traffic", amounts.HOUR_S, most=peak)
        usual = Quantity(peak, "bytes", "traffic", amounts.HOUR_S)
        told = _signal("network_bytes", held, using, seen, at, quantity, usual)
        alone = bool(using) and amounts.is_seldom(pool.hours, score, self._a_day, amounts.HOUR_S)
        return replace(told, strength=amounts.strength_of(pool.hours, score), alone=alone)

    def _asked(
        self, seen: Network, at: float, functions: Sequence[Travels], pool: Pool
    ) -> list[Signal | None]:
        parts = domain_of(seen.domain or "")
        if parts is None or seen.blocked:
            return []
        domain, before = parts
        name = seen.vpc or ""
        held = self.resolvers.get(name) or Resolver(seen.account or "", seen.region or "", Meetings())
        keep(self.resolvers, name, held, 4 + len(functions) // 4)
        points = met(held.met, mark(domain), at, _DOMAINS)
        found: list[Signal | None] = []
        using = self._within(name, functions)
        if points >= _WEAK and is_one_of_few(held.told, "new", at):
            told = _signal("new_domain", held, using, seen, at, Trait("domain", domain), Known((), 0))
            found.append(replace(told, strength=min(_MOST, points), indicators=(("domain", domain),)))
        if len(before) >= LONG:
            found.append(self._tunnel(held, using, domain, seen, at, pool))
        return found

    def _within(self, vpc: str, functions: Sequence[Travels]) -> list[Travels]:
        numbers = {n for one in self.interfaces.values() if one.vpc == vpc for n in one.functions}
        return [functions[number] for number in sorted(numbers) if number < len(functions)]

    def _tunnel(
        self, held: Resolver, using: Sequence[Travels], domain: str, seen: Network, at: float, pool: Pool
    ) -> Signal | None:
        """The signal that names below a domain carry data: many long ones, hardly any twice."""
        name = mark(seen.domain or "")
        if name in held.lately:
            return None
        held.lately = [*held.lately, name][-_LATELY:]
        if self._comes_late(seen.vpc or "", domain, 1.0, seen, at):
            return None
        below = held.long.get(mark(domain)) or Amount(hours=100)
        keep(held.long, mark(domain), below, _TUNNELS)
        score = amounts.added(below, at, 1.0, _LONG_NAMES, 1.0, Pool())
        return self._told_tunnel(held, using, domain, below.total, score, seen, at, pool)

    def _names_late(
        self,
        vpc: str,
        domain: str,
        hour: float,
        names: float,
        seen: Network,
        at: float,
        functions: Sequence[Travels],
        pool: Pool,
    ) -> Signal | None:
        held = self.resolvers.get(vpc)
        if held is None:
            return None
        score = amounts.beside(held.long.get(mark(domain)) or Amount(hours=100), names, _LONG_NAMES)
        using, since = self._within(vpc, functions), replace(seen, start_time=hour)
        return self._told_tunnel(held, using, domain, names, score, since, at, pool)

    @staticmethod
    def _told_tunnel(
        held: Resolver,
        using: Sequence[Travels],
        domain: str,
        names: float,
        score: float,
        seen: Network,
        at: float,
        pool: Pool,
    ) -> Signal | None:
        if score < amounts.MANY or not is_due(held.told, f"tunnel {mark(domain):x}", at, names):
            return None
        told = _signal("dns_tunnel", held, using, seen, at, Trait("domain", domain), None)
        strength = amounts.strength_of(pool.hours, _STRANGEST)
        return replace(
            told, strength=strength, alone=True, count=int(names), indicators=(("domain", domain),)
        )


def _signal(
    kind: str,
    held: Interface | Resolver,
    using: Sequence[Travels],
    seen: Network,
    at: float,
    what: Value,
    usual: Value | None,
) -> Signal:
    keys: list[FunctionKey] = [one.key for one in using]
    place = seen.interface or seen.vpc or ""
    whose = subject_of(keys, held.account, held.region, place)
    told = plain(finding_of(kind, whose, what, usual), 0.0, seen.start_time, at)
    minute = Ref("minute", str(int(seen.start_time // 60 * 60)))
    return replace(told, refs=(minute,), functions=tuple(keys[:20]) if len(keys) > 1 else ())
