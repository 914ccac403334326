"""Bytes of a function against the most there was: within an hour, within a day, in one invocation."""

from __future__ import annotations

from math import log10

from msgspec.structs import replace

from coldtrail.detectors.egress import amounts
from coldtrail.detectors.egress.states import Amount, Pool, Travels
from coldtrail.detectors.egress.telling import finding_of, is_due, plain
from coldtrail.records.finding import Subject
from coldtrail.records.signal import Ref, Signal
from coldtrail.records.traits import Quantity

LEAST_BYTES = 32_768.0
"""What is less is never much."""
_READY_RUNS = 50
_FADES = 0.9998
_KINDS = {"sent": "bytes_sent", "received": "bytes_read", "traffic": "network_bytes"}


class Volumes:
    """Judges amounts, by how often a function may alarm by chance."""

    def __init__(self, a_day: float) -> None:
        self._a_day = a_day

    def took(
        self, travels: Travels, of: str, size: float, at: float, ref: Ref, pool: Pool, key: str | None = None
    ) -> Signal | None:
        """The signal that there was much within this hour."""
        amount: Amount = getattr(travels, of)
        score = amounts.added(amount, at, size, LEAST_BYTES, demand(travels), pool)
        since = amount.hour * amounts.HOUR_S
        much = self._much(travels, of, (amount.total, score), since, at, ref, pool, key)
        return much or self._much_of_day(travels, of, at, ref, pool, key)

    def _much_of_day(
        self, travels: Travels, of: str, at: float, ref: Ref, pool: Pool, key: str | None
    ) -> Signal | None:
        """The signal that there was much within this day, where no hour of it held much."""
        amount: Amount = getattr(travels, of)
        score, total = amounts.of_day(amount, LEAST_BYTES), amount.day_total
        if score < amounts.MANY or not is_due(travels.told, f"much {of}", at, total):
            return None
        usual, seen = (Quantity(one, "bytes", of, amounts.DAY_S) for one in (amount.day_peak, total))
        finding = finding_of(_KINDS[of], Subject.of(travels.key), seen, replace(usual, most=usual.value))
        told = plain(
            finding,
            amounts.strength_of(pool.whole_days, score),
            amount.day * amounts.DAY_S,
            at,
            alone=amounts.is_seldom(pool.whole_days, score, self._a_day, amounts.DAY_S),
        )
        return replace(told, refs=(ref,), credentials=(key,) if key else ())

    def came_late(
        self,
        travels: Travels,
        of: str,
        size: float,
        since: float,
        at: float,
        ref: Ref,
        pool: Pool,
        key: str | None,
    ) -> Signal | None:
        """The same of an hour before, of which bytes came late: they are held against the usual by
        themselves, and teach nothing."""
        score = amounts.beside(getattr(travels, of), size, LEAST_BYTES)
        return self._much(travels, of, (size, score), since, at, ref, pool, key)

    def _much(
        self,
        travels: Travels,
        of: str,
        found: tuple[float, float],
        since: float,
        at: float,
        ref: Ref,
        pool: Pool,
        key: str | None,
    ) -> Signal | None:
        total, score = found
        if score < amounts.MANY or not is_due(travels.told, f"much {of}", at, total):
            return None
        peak = round(getattr(travels, of).peak, 1)
        told = plain(
            finding_of(
                _KINDS[of],
                Subject.of(travels.key),
                Quantity(total, "bytes", of, amounts.HOUR_S, most=peak),
                Quantity(peak, "bytes", of, amounts.HOUR_S),
            ),
            amounts.strength_of(pool.hours, score),
            since,
            at,
            alone=amounts.is_seldom(pool.hours, score, self._a_day, amounts.HOUR_S),
        )
        return replace(told, refs=(ref,), credentials=(key,) if key else ())

    def measured(self, travels: Travels, size: float, at: float, ref: Ref) -> Signal | None:
        """The signal that one invocation moved much."""
        most, number = travels.largest, travels.measured
        score = log10(max(1.0, size) / max(LEAST_BYTES, most))
        is_much = number >= _READY_RUNS and score >= amounts.MANY
        travels.measured = number + 1
        travels.largest = max(most * _FADES, min(size, 1.5 * most) if is_much else size)
        if not is_much or not is_due(travels.told, "much of one", at, size):
            return None
        seen, usual = (
            Quantity(size, "bytes", "traffic", most=most),
            Quantity(round(most, 1), "bytes", "traffic"),
        )
        found = finding_of("network_bytes", Subject.of(travels.key), seen, usual)
        return replace(plain(found, min(4.0, log10(number)), at, at), refs=(ref,))


def end_day(travels: Travels, at: float, pool: Pool) -> None:
    """Closes the day that ended, if one did."""
    day = int(at // amounts.DAY_S)
    if amounts.rolled(day, travels.day):
        for of in _KINDS:
            amounts.day_ended(getattr(travels, of), day, pool)
        travels.day, travels.day_runs = day, 0


def demand(travels: Travels) -> float:
    """How many times as often as ever the function runs within this hour."""
    return travels.runs / travels.runs_peak if travels.runs_peak else 1.0


def ran(travels: Travels, at: float) -> None:
    """Counts an invocation."""
    hour = int(at // amounts.HOUR_S)
    if amounts.rolled(hour, travels.hour):
        travels.runs_peak = max(travels.runs_peak * 0.998, float(travels.runs))
        travels.hour, travels.runs = hour, 0
    travels.runs += 1
    travels.day_runs += 1
