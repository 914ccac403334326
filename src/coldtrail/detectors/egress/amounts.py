"""The most bytes of an hour and of a day, and how many times that there was."""

from __future__ import annotations

from math import log10

from coldtrail.detectors.egress.states import Amount, Pool

HOUR_S, DAY_S = 3_600.0, 86_400.0
MANY = 0.6
"""Decimal logarithm of four times the most of any hour before."""
SHARPER = 0.3
"""What is added where each call moves more than in any hour before: twice is as rare as four times in all."""
_FEW_CALLS, _READY_CALL_HOURS = 3, 24
_READY_HOURS = 12
_FADES = 0.5 ** (1 / (14 * 24))
"""A peak halves in two weeks."""
_BACK = 24
"""Hours by which a record may be late; what is earlier tells of a clock that jumped."""
_TAUGHT = 1.5
"""A strange hour raises the peak to so many times what it was at most."""
_BUCKETS, _A_STEP = 40, 10.0
_LENT_HOURS = 20.0
_DAYS, _READY_DAYS = 14, 5


def rolled(hour: int, last: int) -> bool:
    """Whether an hour (or day) is another than the last one, a little lateness aside."""
    return hour > last or hour < last - _BACK


def added(amount: Amount, at: float, size: float, least: float, demand: float, pool: Pool) -> float:
    """Takes some bytes; the decimal logarithm of how many times the most of any hour that makes, where
    more of everything was asked for by `demand`, or 0 where too little is known."""
    hour = int(at // HOUR_S)
    if rolled(hour, amount.hour):
        _close_hour(amount, hour, pool)
    amount.total += size
    amount.day_total += size
    amount.calls += 1
    amount.day_calls += 1
    amount.largest = max(amount.largest, size)
    if amount.hours < _READY_HOURS:
        return 0.0
    score = log10(max(1.0, amount.total) / max(least, amount.peak * max(1.0, demand)))
    each = _each(amount)
    is_most = amount.total >= max(least, amount.peak)
    if each > 0 and is_most and amount.call_hours >= _READY_CALL_HOURS:
        score = max(score, log10(each / amount.call_peak) + SHARPER)
    amount.strangest = max(amount.strangest, score)
    return max(0.0, score)


def _each(amount: Amount) -> float:
    """What calls of the hour moved each, its largest left out; 0 of few."""
    return (amount.total - amount.largest) / (amount.calls - 1) if amount.calls >= _FEW_CALLS else 0.0


def of_day(amount: Amount, least: float) -> float:
    """The same of the day so far against the most of any usual day, by how many calls there were: what
    trickles is in no hour much."""
    if len(amount.days) < _READY_DAYS or amount.day_total < least:
        return 0.0
    demand = max(1.0, amount.day_calls / max(1, amount.day_peak_calls))
    score = log10(amount.day_total / max(1.0, amount.day_peak * demand))
    amount.strangest_day = max(amount.strangest_day, score)
    return max(0.0, score)


def beside(amount: Amount, size: float, least: float) -> float:
    """The same of the bytes of another hour, which are not taken."""
    if amount.hours < _READY_HOURS:
        return 0.0
    return max(0.0, log10(max(1.0, size) / max(least, amount.peak)))


def _close_hour(amount: Amount, hour: int, pool: Pool) -> None:
    if amount.hour >= 0:
        elapsed = min(max(1, hour - amount.hour), 24 * 365)
        total = amount.total
        if amount.strangest >= MANY:
            total = min(total, _TAUGHT * amount.peak)
        amount.peak = max(amount.peak * _FADES**elapsed, total)
        each = _each(amount)
        if amount.strangest >= MANY and amount.call_hours >= _READY_CALL_HOURS:
            each = min(each, _TAUGHT * amount.call_peak)
        amount.call_peak = max(amount.call_peak * _FADES**elapsed, each)
        amount.call_hours += each > 0
        amount.hours += 1
        count(pool.hours, amount.strangest)
    amount.hour, amount.total, amount.strangest = hour, 0.0, 0.0
    amount.calls, amount.largest = 0, 0.0


def count(table: list[int], score: float) -> None:
    """Counts an hour or day of a function in a table of how strange they are."""
    if not table:
        table.extend([0] * _BUCKETS)
    table[_bucket(score)] += 1


def _bucket(score: float) -> int:
    return min(_BUCKETS - 1, max(0, int(score * _A_STEP)))


def strength_of(table: list[int], score: float) -> float:
    """Minus the decimal logarithm of the share of hours (or days) of all functions that were as strange."""
    as_strange = sum(table[_bucket(score) :])
    return max(0.0, -log10((as_strange + 1.0) / (sum(table) + _LENT_HOURS)))


def is_seldom(table: list[int], score: float, a_day: float, each_s: float) -> bool:
    """Whether what is as strange comes no more often than `a_day` and function; `each_s` is the length of
    what the table counts."""
    days = sum(table) * each_s / DAY_S
    return sum(table[_bucket(score) :]) <= 1 + a_day * days


def day_ended(amount: Amount, day: int, pool: Pool) -> None:
    """Closes a day, and learns it; of a strange one no more than of a strange hour."""
    if amount.day >= 0 and amount.is_whole and amount.day_total > 0:
        total = amount.day_total
        if len(amount.days) >= _READY_DAYS:
            count(pool.whole_days, amount.strangest_day)
            total = min(total, _TAUGHT * amount.day_peak) if amount.strangest_day >= MANY else total
        amount.days = [*amount.days, (int(total), amount.day_calls)][-_DAYS:]
        amount.day_peak = float(max(one[0] for one in amount.days))
        amount.day_peak_calls = max(one[1] for one in amount.days)
    amount.is_whole = amount.day >= 0
    amount.day, amount.day_total, amount.day_calls, amount.strangest_day = day, 0.0, 0, 0.0
