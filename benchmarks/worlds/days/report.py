"""Tables of what came of worlds of function-days, beside what was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import median

import numpy as np

from benchmarks.quality.figures import Rate, told
from benchmarks.worlds.days.attacks import (
    CALLER,
    CHILD_5,
    DETECTOR,
    DURATION_RAMP,
    FIFTY,
    INIT,
    MEMORY_20,
    MEMORY_40,
    MEMORY_RAMP,
    MINING,
    RAMPS,
    SENT,
    SILENCE_30,
    SILENCE_120,
    TIMES_5,
    TIMES_20,
    WALLET_RATE,
    WALLET_SIZE,
)  # fmt: skip
from benchmarks.worlds.days.playing import WANTED, Alarm, Found, Played

WANTED_SHARES = {
    TIMES_5: 0.70, TIMES_20: 0.95, FIFTY: 0.90, SILENCE_30: 0.90, SILENCE_120: 0.98, CHILD_5: 0.97,
    MEMORY_RAMP: 0.96, DURATION_RAMP: 0.96, CALLER: 1.0,
}  # fmt: skip
"""Of attacks on functions that can be judged; of ramps, by their 30th day."""
RAMP_DAYS = 30.0
MONTH_DAYS = 30.0
_DRAWS = 2_000
_ORDER = (
    MEMORY_20, MEMORY_40, INIT, SENT, MINING, MEMORY_RAMP, DURATION_RAMP, WALLET_SIZE, WALLET_RATE,
    TIMES_5, TIMES_20, FIFTY, SILENCE_30, SILENCE_120, CHILD_5, CALLER,
)  # fmt: skip
Is = Callable[[Alarm], bool]


def report(worlds: Sequence[Played], asked: float) -> str:
    """All tables, as Markdown."""
    parts = [
        _sizes(worlds),
        _missing(worlds),
        _alarm_table(worlds, asked),
        _attack_table(worlds),
        _costs(worlds),
    ]
    return "\n\n".join(part for part in parts if part)


def _sizes(worlds: Sequence[Played]) -> str:
    days = sum(sum(one.judged_days.values()) for one in worlds)
    encounters = sum(one.encounters for one in worlds)
    return (
        f"{len(worlds)} worlds, {sum(len(one.judged_days) for one in worlds)} functions, "
        f"{days:,.0f} benign function-days judged, {encounters:,} encounters."
    )


def _missing(worlds: Sequence[Played]) -> str:
    missing = [name for name in WANTED if name not in worlds[0].detectors]
    return f"Not there yet, and left out: {', '.join(missing)}." if missing else ""


def a_day(worlds: Iterable[Played], is_one: Is) -> tuple[float, float, float, int]:
    """Alarms a function-day, with an interval of 95 % over draws of functions, and how many there were."""
    days, alarms = [], []
    for world in worlds:
        counted = [one.function for one in world.alarms if is_one(one)]
        days += [*world.judged_days.values(), 0.0]
        alarms += [*(counted.count(place) for place in world.judged_days), counted.count(-1)]
    of, number = np.array(days), np.array(alarms, np.float64)
    draws = np.random.default_rng(1).integers(0, len(of), (_DRAWS, len(of)))
    drawn_days = np.maximum(of[draws].sum(axis=1), of.mean())
    low, high = np.quantile(number[draws].sum(axis=1) / drawn_days, (0.025, 0.975))
    if not number.sum():
        high = 3.0 / float(of.sum())  # the rule of three
    return float(number.sum() / of.sum()), float(low), float(high), int(number.sum())


def _alarm_table(worlds: Sequence[Played], asked: float) -> str:
    lines = [
        "| alarms | asked or wanted | realised (95 %) | alarms |",
        "|---|---|---|---|",
    ]
    for name in worlds[0].detectors:
        wanted = f"{asked:g} a function-day" if name in ("rates", "resources") else "few"
        lines.append(_alarm_line(worlds, f"{name}, a function-day", wanted, _by(name), 1.0))
    if "resources" in worlds[0].detectors:
        rows = [("memory", ".001", "memory"), ("initialisation", ".03", "init")]
        rows += [(one, "-", one) for one in ("duration", "cpu", "sent", "cost")]
        for title, wanted, of in rows:
            is_one = _of("resources", of)
            lines.append(_alarm_line(worlds, f"{title}, a function-month", wanted, is_one, MONTH_DAYS))
    lines.append(_sale_line(worlds))
    return "\n".join(lines)


def _by(detector: str) -> Is:
    return lambda alarm: alarm.detector == detector and not alarm.occasion


def _of(detector: str, of: str) -> Is:
    return lambda alarm: alarm.detector == detector and alarm.of == of and not alarm.occasion


def _alarm_line(worlds: Sequence[Played], title: str, wanted: str, is_one: Is, days: float) -> str:
    share, low, high, number = a_day(worlds, is_one)
    return f"| {title} | {wanted} | {share * days:.4f} ({low * days:.4f} to {high * days:.4f}) | {number} |"


def _sale_line(worlds: Sequence[Played]) -> str:
    children = sum(one.sale_children for one in worlds)
    alarmed = sum(
        len({alarm.function for alarm in one.alarms if alarm.occasion == "sale of a caller"})
        for one in worlds
    )
    return f"| children that alarm in a sale x10 | .01 | {told(Rate(alarmed, children))} | {alarmed} |"


def _attack_table(worlds: Sequence[Played]) -> str:
    lines = [
        "| attack | by | wanted | told alone, of those that can be judged | told at all | delay | of all |",
        "|---|---|---|---|---|---|---|",
    ]
    found = [one for world in worlds for one in world.found]
    for kind in _ORDER:
        of = [one for one in found if one.kind == kind]
        if of:
            lines.append(_attack_line(kind, of))
    return "\n".join(lines)


def _attack_line(kind: str, attacks: Sequence[Found]) -> str:
    most = RAMP_DAYS if kind in RAMPS else float("inf")
    ready = [one for one in attacks if one.ready]

    def alone(some: Sequence[Found]) -> Rate:
        return Rate(sum(one.delay_days is not None and one.delay_days <= most for one in some), len(some))

    delays = [one.delay_days for one in ready if one.delay_days is not None]
    wanted = WANTED_SHARES.get(kind)
    cells = (
        kind,
        DETECTOR[kind],
        "-" if wanted is None else f"{wanted:.2f}",
        told(alone(ready)),
        told(Rate(sum(one.weak for one in ready), len(ready))),
        _time(delays),
        told(alone(attacks)),
    )
    return f"| {' | '.join(cells)} |"


def _time(delays: Sequence[float]) -> str:
    if not delays:
        return "-"
    middle = median(delays)
    return f"{middle:.1f} d" if middle >= 1 else f"{middle * 1_440:.0f} min"


def _costs(worlds: Sequence[Played]) -> str:
    lines = [
        "| cost | µs an encounter | bytes a function | weak signals a function-day |",
        "|---|---|---|---|",
    ]
    encounters = sum(one.encounters for one in worlds)
    functions = sum(len(one.judged_days) for one in worlds)
    days = sum(sum(one.judged_days.values()) for one in worlds)
    for name in worlds[0].detectors:
        seconds = sum(one.seconds[name] for one in worlds)
        size = sum(one.state_bytes[name] for one in worlds)
        weak = sum(one.weak[name] for one in worlds)
        lines.append(
            f"| {name} | {seconds / encounters * 1e6:.1f} | {size / functions:,.0f} | {weak / days:.3f} |"
        )
    return "\n".join(lines)
