"""What calls carry day after day: each against days before, at four looks a day, and all days together.

A look sees the day so far, and holds it against days before at the same hour: what runs at night is held
against nights. To one destination it sees bytes by call; of all together by invocation, where these are
counted: more runs explain more bytes. The e-value of a day is the mean of those of its looks, and is told as
soon as a part of it is enough. A drain that grows by little every day teaches its own days; so where enough
are known, those of the last week are left out.
"""

from __future__ import annotations

from math import exp, log
from typing import NamedTuple

from coldtrail.detectors.egress import evidence
from coldtrail.detectors.egress.states import Drain, Pool
from coldtrail.records.signal import Ref

LOOKS = 4
LOOK_S = 21_600.0
READY_DAYS = 5
TOLD, WEAK = 1_000.0, 100.0
"""Evidence, for each way that a function's bytes are followed: told by itself, and as a weak sign."""
SUSPECT = 20.0
"""From which on days teach no more what is usual."""
_DAYS, _LATELY, _LEAST_OLD = 21, 7, 10
_ACCEPTED = 14
"""Days on end that taught nothing, after which what was told is usual."""
_LEFT_OUT, _MOST_LEFT_OUT = 0.2, 8
"""Of calls, the largest that are left out, and how many at most: a few large calls are no drain."""
_CALLS_THAT_SCATTER = 4
_DOUBT = 0.16
"""Variance of the logarithm that a release may change."""
_CALM = 0.3
_LARGER, _MUCH_LARGER = 1.2, 2.0
_REFS = 8
_A_NAT = 1_000
"""Logarithms are held in thousandths."""
_NONE = -1
_BYTES, _CALLS, _RUNS = (1 + 2 * LOOKS + place for place in range(3))
"""Where rows hold what the whole day was."""
_MOST_SPREADS = 1_000


class _Look(NamedTuple):
    """How seldom a day so far is, and how many bytes are usual for its calls or runs."""

    p: float
    usual: float
    each: float


def is_lasting(drain: Drain) -> bool:
    """Whether it shows in this day and those before, or in two parts of this one."""
    return (drain.evidence >= SUSPECT and drain.found > 1.0) or drain.quarters > 1


def took(drain: Drain, size: float, ref: Ref) -> None:
    """Takes the bytes of a call."""
    drain.bytes += size
    drain.calls += 1
    drain.largest = sorted([*drain.largest, size])[-_MOST_LEFT_OUT:]
    drain.since_look = max(drain.since_look, size)
    logarithm = log(1.0 + size)
    drain.sum += logarithm
    drain.squares += logarithm**2
    if 0 < drain.each * _LARGER < size:
        drain.refs = [*drain.refs, (ref.kind, ref.id)][-_REFS:]


def looked(drain: Drain, look: int, runs: int, pool: Pool, released: int) -> float:
    """Looks at the day so far; the evidence by now, 0 where nothing can be said. `runs` is 0 where bytes are
    held against calls, `released` the day of the last release."""
    by_call, by_run = _logarithms(drain, runs)
    drain.row = drain.row or [0, *[_NONE] * (2 * LOOKS), 0, 0, 0]
    drain.row[1 + look], drain.row[1 + LOOKS + look] = by_call, by_run
    drain.row[_BYTES:] = int(drain.bytes), drain.calls, runs
    seen = _judged(drain, look, runs, pool, released)
    if seen is None:
        drain.found += 1.0 / LOOKS
        return 0.0
    drain.found += evidence.e_value(seen.p) / LOOKS
    drain.quarters += _carried_more(drain, seen.each)
    drain.looked, drain.since_look = (drain.bytes, drain.calls), 0.0
    drain.more, drain.usual, drain.each = drain.bytes - seen.usual, seen.usual, seen.each
    drain.is_calm = drain.is_calm and seen.p >= _CALM
    return max(1.0, drain.evidence) * drain.found


def day_ended(drain: Drain, day: int, pool: Pool, *, is_whole: bool) -> None:
    """Adds a day that was looked at to the evidence, and learns it."""
    if drain.calls and is_whole:
        _add_evidence(drain, day)
        _learn(drain, day, pool)
    drain.bytes, drain.largest, drain.calls = 0.0, [], 0
    drain.looked, drain.since_look, drain.quarters = (0.0, 0), 0.0, 0
    drain.sum, drain.squares = 0.0, 0.0
    drain.row, drain.found, drain.more, drain.usual, drain.is_calm = [], 0.0, 0.0, 0.0, True


def _add_evidence(drain: Drain, day: int) -> None:
    drain.evidence = evidence.added(drain.evidence, drain.found, is_calm=drain.is_calm)
    if drain.evidence <= 1.0:
        drain.since, drain.more_before, drain.usual_before, drain.refs = _NONE, 0.0, 0.0, []
        return
    drain.since = day if drain.since < 0 else drain.since
    drain.more_before += drain.more
    drain.usual_before += drain.usual


def _learn(drain: Drain, day: int, pool: Pool) -> None:
    drain.suspected = drain.suspected + 1 if drain.evidence >= SUSPECT else 0
    if 0 < drain.suspected <= _ACCEPTED:
        return
    drain.days = [*drain.days, [day, *drain.row[1:]]][-_DAYS:]
    if drain.calls >= _CALLS_THAT_SCATTER:
        scatter = drain.squares / drain.calls - (drain.sum / drain.calls) ** 2
        drain.scatter += (max(0.0, scatter) - drain.scatter) / min(len(drain.days) + 1, _LATELY)
    past = _past(drain.days, LOOKS)
    if len(past) >= READY_DAYS:
        pool.spreads = min(pool.spreads + 1, _MOST_SPREADS)
        pool.spread += (log(evidence.variance_of(past) + 1e-4) - pool.spread) / pool.spreads


def _logarithms(drain: Drain, runs: int) -> tuple[int, int]:
    """Of the day so far: of what calls carry each, and of what runs do, where these are counted."""
    if not drain.calls:
        return _NONE, _NONE
    left_out = min(_MOST_LEFT_OUT, int(_LEFT_OUT * drain.calls))
    whole = max(1.0, drain.bytes - sum(drain.largest[len(drain.largest) - left_out :]))
    calls = drain.calls - left_out
    by_call, by_run = (round(_A_NAT * log(1.0 + whole / max(1, number))) for number in (calls, runs))
    return by_call, by_run if runs else _NONE


def _judged(drain: Drain, look: int, runs: int, pool: Pool, released: int) -> _Look | None:
    days, doubt = _known(drain.days, released)
    doubt += drain.scatter / max(1, drain.calls)
    for place, number, of in ((1 + LOOKS + look, runs, _RUNS), (1 + look, drain.calls, _CALLS)):
        past = _past(days, place)
        if drain.row[place] != _NONE and len(past) >= READY_DAYS:
            p = evidence.p_value(past, drain.row[place] / _A_NAT, exp(pool.spread), doubt)
            usual = sum(one[_BYTES] for one in days) / max(1, sum(one[of] for one in days)) * number
            return _Look(p, usual, usual / max(1, drain.calls))
    return None


def _carried_more(drain: Drain, each: float) -> bool:
    """Whether calls since the last look, the largest left out, carried twice what is usual."""
    calls = drain.calls - drain.looked[1] - 1
    return calls > 1 and (drain.bytes - drain.looked[0] - drain.since_look) / calls > _MUCH_LARGER * each


def _known(days: list[list[int]], released: int) -> tuple[list[list[int]], float]:
    """The days that today is held against, and what a release leaves in doubt: of it alone once enough is
    known of it."""
    since = [one for one in days if one[0] > released]
    doubt = _DOUBT if released >= 0 and len(since) < READY_DAYS else 0.0
    used = days if doubt else since
    return used[: max(_LEAST_OLD, len(used) - _LATELY)], doubt


def _past(days: list[list[int]], place: int) -> list[float]:
    return [one[place] / _A_NAT for one in days if one[place] != _NONE]
