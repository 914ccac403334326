"""Lets the registered detectors of signals follow a world, and compares what they tell with what was done."""

from __future__ import annotations

import time

from msgspec import Struct

from benchmarks.worlds.days.attacks import DETECTOR, EXPECTED, Attack
from benchmarks.worlds.days.telling import BEGIN, DAY_S
from benchmarks.worlds.days.world import Size, World
from coldtrail.config import BaselineSettings
from coldtrail.detectors.signal_detector import SignalDetector
from coldtrail.records.signal import Signal
from coldtrail.registry import SIGNAL_DETECTORS, load

WANTED = ("rates", "resources", "callers")
CENT = 1e-4
"""Functions of these worlds cost cents a day, so that a hundredth of a cent is made to matter."""
GRACE_DAYS = 1.1
"""What is told so long after an attack has ended belongs to it: days are judged when they have ended."""
APART_DAYS = 3.0
"""So long after its end an attack's traces may still be told, and are no false alarm."""


class Alarm(Struct, frozen=True):
    """A signal that is an alert by itself, and is of no attack."""

    detector: str
    kind: str
    of: str
    function: int
    """-1: of no single function."""
    day: float
    occasion: str = ""
    """What benign occasion it belongs to: `sale`, `sale of a caller`."""


class Found(Struct, frozen=True):
    """What came of an attack."""

    kind: str
    ready: bool
    """Whether its detector could judge the function when it began."""
    delay_days: float | None
    """From its beginning until it was told by itself; None where it was not."""
    weak: bool
    """Whether it was told at all, alone or not."""


class Played(Struct, frozen=True):
    """What came of a world."""

    seed: int
    detectors: tuple[str, ...]
    judged_days: dict[int, float]
    """Benign days of each function, after those that were only learned."""
    alarms: tuple[Alarm, ...]
    found: tuple[Found, ...]
    weak: dict[str, int]
    """Signals of each detector that are none by themselves, on benign days."""
    seconds: dict[str, float]
    """Of the processor, by detector; `world` is the making of it."""
    encounters: int
    state_bytes: dict[str, int]
    sale_children: int


def play(seed: int, size: Size, names: tuple[str, ...] = WANTED) -> Played:
    """A world from its first to its last day, followed by those of these detectors that exist by now."""
    world = World(seed, size)
    detectors = {name: _made(name) for name in names if name in SIGNAL_DETECTORS}
    seconds = dict.fromkeys(("world", *detectors), 0.0)
    signals: list[Signal] = []
    waiting: dict[Attack, bool] = {}
    encounters, clock = 0, time.process_time()
    for until, batch in world.days():
        encounters += len(batch)
        seconds["world"] += time.process_time() - clock
        for name, detector in detectors.items():
            clock = time.process_time()
            signals += detector.see([one for one in batch if isinstance(one.what, detector.sees)], until)
            seconds[name] += time.process_time() - clock
        _note_ready(world, detectors, (until - BEGIN) / DAY_S, waiting)
        clock = time.process_time()
    state = {
        name: sum(array.nbytes for array in detector.snapshot().values())
        for name, detector in detectors.items()
    }
    return _compared(world, seed, signals, waiting, (tuple(detectors), seconds, encounters, state))


def _made(name: str) -> SignalDetector:
    settings = BaselineSettings(least_cost_usd=CENT)
    made: SignalDetector = load(SIGNAL_DETECTORS, name, "detector of signals")(settings)
    return made


def _note_ready(
    world: World, detectors: dict[str, SignalDetector], day: float, waiting: dict[Attack, bool]
) -> None:
    """Of the attacks of the coming day, whether their functions can be judged by then."""
    coming = [one for one in world.attacks if day <= one.begin < day + 1]
    if not coming:
        return
    blind = {name: detector.not_ready() for name, detector in detectors.items()}
    for attack in coming:
        key = world.functions[attack.function].key
        waiting[attack] = key not in blind.get(DETECTOR[attack.kind], {key: ""})


def _compared(
    world: World,
    seed: int,
    signals: list[Signal],
    ready: dict[Attack, bool],
    measured: tuple[tuple[str, ...], dict[str, float], int, dict[str, int]],
) -> Played:
    by_function = _by_function(world, signals)
    found = tuple(
        _found(attack, ready[attack], by_function.get(attack.function, []))
        for attack in world.attacks
        if attack in ready and DETECTOR[attack.kind] in measured[0]
    )
    benign = [
        (place, one)
        for place, of in by_function.items()
        for one in of
        if _day(one) >= world.size.learned_days and not _is_of_attack(world, place, one)
    ]
    alarms = tuple(_alarm(world, place, one) for place, one in benign if one.alone)
    weak = {name: sum(not one.alone and one.detector == name for _, one in benign) for name in measured[0]}
    days = {place: _judged_days(world, place) for place in range(len(world.functions))}
    detectors, seconds, encounters, state = measured
    return Played(seed, detectors, days, alarms, found, weak, seconds, encounters, state, len(world.sale[0]))


def _day(signal: Signal) -> float:
    return (signal.at - BEGIN) / DAY_S


def _by_function(world: World, signals: list[Signal]) -> dict[int, list[Signal]]:
    places = {function.key.function: place for place, function in enumerate(world.functions)}
    found: dict[int, list[Signal]] = {}
    for one in signals:
        name = one.finding.subject.function_name or (one.functions[0][3] if one.functions else "")
        found.setdefault(places.get(name, -1), []).append(one)
    return found


def _found(attack: Attack, ready: bool, signals: list[Signal]) -> Found:
    expected = EXPECTED[attack.kind]
    told = [
        one
        for one in signals
        if attack.begin <= _day(one) <= attack.end + GRACE_DAYS
        and (_what(one) in expected if expected else one.detector == DETECTOR[attack.kind])
    ]
    delays = [_day(one) - attack.begin for one in told if one.alone]
    return Found(attack.kind, ready, min(delays, default=None), bool(told))


def _what(signal: Signal) -> tuple[str, str]:
    return signal.finding.kind, getattr(signal.finding.seen, "of", "")


def _is_of_attack(world: World, place: int, signal: Signal) -> bool:
    return any(
        one.function == place and one.begin <= _day(signal) <= one.end + APART_DAYS for one in world.attacks
    )


def _alarm(world: World, place: int, signal: Signal) -> Alarm:
    part, begin, end = world.sale
    day = _day(signal)
    occasion = "sale" if place in part and begin <= day <= end + GRACE_DAYS else ""
    if occasion and place in _children(world):
        occasion = "sale of a caller"
    return Alarm(signal.detector, *_what(signal), place, day, occasion)


def _children(world: World) -> set[int]:
    return {place for place in world.sale[0] if world.functions[place].parent is not None}


def _judged_days(world: World, place: int) -> float:
    """Without those of attacks and of what may still be told of them."""
    steps = [
        world.size.learned_days + step / 24
        for step in range((world.size.days - world.size.learned_days) * 24)
    ]
    attacks = [one for one in world.attacks if one.function == place]
    return sum(not any(one.begin <= day <= one.end + APART_DAYS for one in attacks) for day in steps) / 24
