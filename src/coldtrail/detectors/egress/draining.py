"""Tells drains: by direction and destination, once, with how many bytes more than usual have gone."""

from __future__ import annotations

from math import log10
from typing import NamedTuple

from msgspec.structs import replace

from coldtrail.detectors.egress import amounts, drains
from coldtrail.detectors.egress.states import Drain, Pool, Travels
from coldtrail.detectors.egress.telling import finding_of, is_news, plain
from coldtrail.records.finding import Subject
from coldtrail.records.signal import Ref, Signal
from coldtrail.records.traits import Quantity

LEAST_DRAINED = 8_192.0
"""Bytes more than usual that are told at least: a key and a few tokens."""
LEAST_GROWTH = 0.2
"""Of the usual bytes, that is told at least."""
MOST_DESTINATIONS = 4
_LONGEST_NAME = 200
_DIGITS = 2.0
"""Decimal digits of evidence that are one in the tables of how strange days are."""
_OLDEST_COUNTED = 1
_ALL, _MEASURED = "", "traffic"
"""All destinations; and what the platform measured, of each run once."""


class _Found(NamedTuple):
    """A drain, by how much evidence there is."""

    evidence: float
    name: str
    drain: Drain


class Draining:
    """Follows drains, by how often a function may alarm by chance."""

    def __init__(self, a_day: float) -> None:
        self._a_day = a_day

    def took(self, travels: Travels, of: str, target: str, size: float, ref: Ref) -> None:
        """Takes the bytes of a call or an invocation."""
        held = travels.drains.setdefault(of, {_ALL: Drain()})
        drains.took(held[_ALL], size, ref)
        drain = _of(held, target[:_LONGEST_NAME]) if target else None
        if drain is not None:
            drains.took(drain, size, ref)

    def looks(self, travels: Travels, at: float, pool: Pool) -> list[Signal]:
        """Signals of looks that are due since the last one. Before invocations of a new day are counted."""
        look = int(at // drains.LOOK_S)
        if not amounts.rolled(look, travels.look):
            return []
        last, travels.look = travels.look, look
        if last < 0:
            return []
        day = last // drains.LOOKS
        ends = look // drains.LOOKS != day
        until = drains.LOOKS if ends else look % drains.LOOKS
        over = last % drains.LOOKS, until
        found = [self._looked(travels, of, over, day, at, pool) for of in travels.drains]
        if ends:
            self._end(travels, day, pool)
        return [one for one in found if one is not None]

    def _looked(
        self, travels: Travels, of: str, looks: tuple[int, int], day: int, at: float, pool: Pool
    ) -> Signal | None:
        if not travels.is_whole:
            return None
        released = int(travels.released // amounts.DAY_S) if travels.released >= 0 else -1
        found = []
        for name, drain in travels.drains[of].items():
            runs = travels.day_runs if name == _ALL and of != _MEASURED else 0
            reached = [drains.looked(drain, look, runs, pool, released) for look in range(*looks)]
            found.append(_Found(max(reached), name, drain))
        return self._told(travels, of, max(found, key=lambda one: _rank(one, _ways(travels))), day, at, pool)

    def _told(
        self, travels: Travels, of: str, found: _Found, day: int, at: float, pool: Pool
    ) -> Signal | None:
        reached, drain = found.evidence, found.drain
        is_over = all(one.evidence < drains.SUSPECT for one in travels.drains[of].values())
        if is_over and reached < drains.SUSPECT:
            for how in ("slow", "slower"):
                travels.told.pop(f"{how} {of}", None)
        more, usual = drain.more_before + drain.more, drain.usual_before + drain.usual
        ways = _ways(travels)
        score = log10(max(1.0, reached)) / _DIGITS
        is_sure = reached >= ways * drains.TOLD and drains.is_lasting(drain)
        alone = is_sure and amounts.is_seldom(pool.days, score, self._a_day, amounts.DAY_S)
        is_much = more >= max(LEAST_DRAINED, LEAST_GROWTH * usual) and reached >= ways * drains.WEAK
        if not is_much or not is_news(travels.told, f"{'slow' if alone else 'slower'} {of}", at, more):
            return None
        first = min(day, drain.since) if drain.since >= 0 else day
        begin, within = first * amounts.DAY_S, (day + 1 - first) * amounts.DAY_S
        seen = Quantity(round(usual + more, 1), "bytes", of, within)
        expected = Quantity(round(usual, 1), "bytes", of, within, days=float(len(drain.days)))
        signal = plain(
            finding_of("slow_exfiltration", Subject.of(travels.key), seen, expected),
            amounts.strength_of(pool.days, score),
            begin,
            at,
            alone=alone,
        )
        refs = [Ref(*one) for one in drain.refs] or [Ref("minute", str(int(begin)))]
        return replace(signal, refs=tuple(refs), indicators=(("target", found.name),) if found.name else ())

    @staticmethod
    def _end(travels: Travels, day: int, pool: Pool) -> None:
        for held in travels.drains.values():
            for drain in held.values():
                is_judged = len(drain.days) >= drains.READY_DAYS and drain.calls > 0
                drains.day_ended(drain, day, pool, is_whole=travels.is_whole)
                if is_judged and drain.suspected <= _OLDEST_COUNTED:
                    amounts.count(pool.days, log10(drain.evidence) / _DIGITS)
        travels.is_whole = True


def _ways(travels: Travels) -> int:
    """In how many ways its bytes are followed: each may be told falsely."""
    return sum(map(len, travels.drains.values()))


def _rank(found: _Found, ways: int) -> tuple[int, bool, float]:
    """What is told first: what is sure enough, and of that what has a destination."""
    bar = sum(found.evidence >= ways * least for least in (drains.WEAK, drains.TOLD))
    return bar, bool(found.name), found.evidence


def _of(held: dict[str, Drain], name: str) -> Drain | None:
    """The drain of a destination; None where others are known that it may not push out."""
    drain = held.get(name)
    if drain is None:
        if len(held) > MOST_DESTINATIONS:
            least = min((one for one in held if one), key=lambda one: len(held[one].days))
            if len(held[least].days) >= drains.READY_DAYS:
                return None
            del held[least]
        drain = held[name] = Drain()
    return drain
