"""Extensions that register themselves with a function for the first time: what stays in it and sees all."""

from __future__ import annotations

from coldtrail.detectors.changes.actors import DAY_S
from coldtrail.detectors.changes.memory import Memory
from coldtrail.detectors.changes.signals import NAME, keys
from coldtrail.records.finding import Finding, Known, Met, Subject
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Ref, Signal
from coldtrail.records.traits import Trait
from coldtrail.records.witnesses import Report

_WEAK = 1.5
_ALONE = 1.5
_KIND = "new_extension"
_MOST_KNOWN = 5


def seen(memory: Memory, at: float, report: Report, key: FunctionKey) -> list[Signal]:
    """What of a report's extensions is strange; they are learned."""
    habits = memory.function(key, at)
    habits.reported(at)
    found: list[Signal] = []
    for name in report.extensions:
        if name not in habits.extensions and habits.knows_extensions():
            found += _new(memory, at, report, key, name)
        habits.extended(name)
    return found


def _new(memory: Memory, at: float, report: Report, key: FunctionKey, name: str) -> list[Signal]:
    habits = memory.functions[key]
    strength = memory.chances.strength(_KIND)
    memory.chances.count(_KIND, 1)
    released = 0.0 <= at - habits.last_change <= DAY_S
    elsewhere = any(name in other.extensions for other in memory.functions.values())
    weak = released or elsewhere
    if not memory.telling.again(at, _KIND, *key, name):
        return []
    ranked = sorted(habits.extensions, key=lambda one: (-habits.extensions[one], one))
    known = tuple(Met(one, float(habits.extensions[one])) for one in ranked[:_MOST_KNOWN])
    refs = (Ref("request", report.request_id),) if report.request_id else ()
    return [
        Signal(
            detector=NAME,
            finding=Finding(_KIND, Subject.of(key), None, Known(known), Trait("extension", name)),
            strength=min(strength, _WEAK) if weak else strength,
            since=at,
            at=at,
            refs=refs,
            alone=not weak and strength >= _ALONE,
            functions=keys((key,)),
            version=report.version,
            indicators=(("target", name),),
        )
    ]
