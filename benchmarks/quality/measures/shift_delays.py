"""Shifts: how long until what no single flow shows is told, and how many are told of benign runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import inf

from msgspec import Struct

from benchmarks.quality.judging import taught
from benchmarks.quality.reading import Window, read, windows
from benchmarks.quality.runs import Case
from coldtrail.alerts.drifts import alerts_from_shifts
from coldtrail.bundle.model import Model
from coldtrail.detectors.drift.shelf import Nowhere
from coldtrail.learning.evaluate import Label
from coldtrail.pipeline import Judging
from coldtrail.records.flow import Flow
from coldtrail.records.shift import Shift
from coldtrail.records.tally import Tally
from coldtrail_testbed.attacks import ATTACKS

NEEDS = ("learn", "unpublished", "look-alikes")
WATCHED = ("slow_shift", "off_hours_burst", "unusual_caller", "drip_leak")
SLACK_S = 60.0
"""A shift that is told so long after the last attacked flow may still be the attack's."""
DAY_S = 86_400.0


class Delay(Struct, frozen=True):
    """An attack, and when it was told as a shift of the function that it strikes."""

    flows: int
    """Attacked flows in all."""
    runs: int
    """Runs of the function that it strikes, in all."""
    told_after: int | None
    """Attacked flows up to the first shift; None where none is told."""
    minutes: float | None
    measures: tuple[str, ...]


class Benign(Struct, frozen=True):
    """Benign runs, and the shifts that are told of them."""

    runs: int
    function_days: float
    promised: float
    """At most so many by chance."""
    told: tuple[str, ...]
    """As `function: measure`."""


class Told(Struct, frozen=True):
    """The shifts of one look-alike."""

    alerts: int
    shifts: tuple[str, ...]
    """Their measures."""


class ShiftDelays(Struct, frozen=True):
    """The outcome of a case."""

    attacks: dict[str, Delay]
    usual: Benign
    """What other seeds learned."""
    changed: Benign
    """The run with the look-alikes: shifts of functions that none of them touches at that time."""
    look_alikes: dict[str, Told]


def measure(case: Case) -> ShiftDelays:
    """The figures of a case."""
    model = taught(read(case.run("learn")).flows)
    judged = read(case.run("unpublished"))
    others = [_benign(model, read(other.run("learn")).flows) for other in case.others()]
    changed = read(case.run("look-alikes")).flows
    inside, outside = _parted(case, shifts_of(model, changed))
    return ShiftDelays(
        delays(case.app, judged.flows, judged.labels, shifts_of(model, judged.flows)),
        _together(others),
        _benign(model, changed, outside),
        inside,
    )


def shifts_of(model: Model, flows: Sequence[Flow]) -> list[Shift]:
    """The shifts that scoring the flows tells."""
    if model.shifts is None:
        return []
    judging = Judging(model, Tally(), Nowhere(), alerting=False)
    judging.push(flows)
    judging.advance(inf)
    return judging.shifts


def delays(
    app: str, flows: Sequence[Flow], labels: Mapping[str, Label], shifts: Sequence[Shift]
) -> dict[str, Delay]:
    """By attack, of those that are watched for and struck."""
    out = {}
    for attack in WATCHED:
        starts = [one.start_time for one in flows if _attack(labels, one) == attack]
        if starts and app in ATTACKS[attack].places:
            function = ATTACKS[attack].places[app].function
            own = [one for one in shifts if one.function_name == function]
            out[attack] = _delay(starts, sum(one.function_name == function for one in flows), own)
    return out


def _attack(labels: Mapping[str, Label], flow: Flow) -> str | None:
    label = labels.get(flow.function_flow_id)
    return label.attack if label else None


def _delay(starts: Sequence[float], runs: int, shifts: Sequence[Shift]) -> Delay:
    first, last = min(starts), max(starts)
    told = [one for one in shifts if first <= one.found <= last + SLACK_S]
    at = min((one.found for one in told), default=None)
    return Delay(
        len(starts),
        runs,
        None if at is None else sum(start <= at for start in starts),
        None if at is None else (at - first) / 60,
        tuple(sorted({one.measure for one in told})),
    )


def _benign(model: Model, flows: Sequence[Flow], shifts: Collection[Shift] | None = None) -> Benign:
    known = model.shifts.functions if model.shifts else {}
    numbers = model.vocabulary.functions.numbers
    every = [known.get(numbers.get(one.key, 0)) for one in flows]
    days = (flows[-1].start_time - flows[0].start_time) / DAY_S
    told = shifts_of(model, flows) if shifts is None else shifts
    return Benign(
        len(flows),
        days * len({one.function_name for one in flows}),
        sum(1 / one.runs_a_false_shift for one in every if one),
        tuple(f"{one.function_name}: {one.measure}" for one in told),
    )


def _together(parts: Sequence[Benign]) -> Benign:
    return Benign(
        sum(one.runs for one in parts),
        sum(one.function_days for one in parts),
        sum(one.promised for one in parts),
        tuple(told for one in parts for told in one.told),
    )


def _parted(case: Case, shifts: Sequence[Shift]) -> tuple[dict[str, Told], list[Shift]]:
    """The shifts of functions that a look-alike touches, by the last one that began, and all others."""
    open_ = windows(case.run("look-alikes"))
    during: dict[str, list[Shift]] = {}
    outside = []
    for shift in shifts:
        names = [name for name, window in open_.items() if _is_in(shift, window)]
        if names:
            during.setdefault(max(names, key=lambda name: open_[name].begin), []).append(shift)
        else:
            outside.append(shift)
    return {name: _told(some) for name, some in sorted(during.items())}, outside


def _is_in(shift: Shift, window: Window) -> bool:
    begun = shift.found >= window.begin and shift.function_name in window.functions
    return begun and (window.end is None or shift.since <= window.end + SLACK_S)


def _told(shifts: Sequence[Shift]) -> Told:
    return Told(len(alerts_from_shifts(shifts, {})), tuple(one.measure for one in shifts))
