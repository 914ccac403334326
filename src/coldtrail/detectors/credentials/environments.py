"""What runs and reports tell of credentials: calls that no trace shows, and environments that end."""

from __future__ import annotations

from collections.abc import Iterable

from coldtrail.detectors.credentials.chances import points, strength_of
from coldtrail.detectors.credentials.operations import is_telling
from coldtrail.detectors.credentials.states import AccessKey, Habits, Pool
from coldtrail.detectors.credentials.telling import DECISIVE, NAME, WEAK, is_due
from coldtrail.features.recent import count, mark
from coldtrail.records.facts import UnseenCall
from coldtrail.records.finding import Finding, StepKey, Subject
from coldtrail.records.flow import Flow
from coldtrail.records.signal import Ref, Signal
from coldtrail.records.traits import Trait

UNSEEN = "unseen_calls"
_READY_RUNS = 20
_FADES = 0.999
_OPERATIONS = 64
_NEW, _TELLING = 2.0, 1.5


def ended(keys: Iterable[AccessKey], instance: str, at: float) -> None:
    """Notes that an execution environment was shut down."""
    name = mark(instance)
    for key in keys:
        if key.instance == name and key.ended < 0:
            key.ended = at


def signals_of_run(flow: Flow, habits: Habits, at: float, pool: Pool) -> Signal | None:
    """The signal of calls under the function's credentials that its own trace does not show."""
    facts = flow.facts
    if facts is None or facts.untraced:
        return None
    new = [one for one in facts.unseen if _name(one) not in habits.operations]
    strange = _points(new, habits, pool) if habits.runs >= _READY_RUNS else 0.0
    _learn(facts.unseen, habits, pool)
    if strange < WEAK or not is_due(habits, UNSEEN, at, 0):
        return None
    first = max(new, key=lambda one: is_telling(one.service, one.operation))
    return Signal(
        detector=NAME,
        finding=Finding(
            UNSEEN,
            Subject.of(habits.key),
            StepKey(first.operation, first.service, first.target),
            None,
            Trait("operation", f"{first.service} {first.operation}"),
        ),
        strength=strength_of(pool, strange),
        since=min(at, *[one.time for one in new]),
        at=at,
        refs=(Ref("flow", flow.function_flow_id), Ref("trace", flow.application_flow_id)),
        count=len(new),
        alone=strange >= DECISIVE,
        credentials=(facts.access_key,) if facts.access_key else (),
        version=flow.version,
        indicators=tuple(("operation", f"{one.service} {one.operation}") for one in new[:8]),
    )


def _name(call: UnseenCall) -> int:
    return mark(call.service, call.operation, "unseen")


def _points(new: list[UnseenCall], habits: Habits, pool: Pool) -> float:
    if not new:
        return 0.0
    found = points(habits.new_unseen, habits.runs, pool.new_unseen, pool.runs, _NEW)
    telling = {one.operation for one in new if is_telling(one.service, one.operation)}
    return found + min(3.0, _TELLING * len(telling))


def _learn(unseen: Iterable[UnseenCall], habits: Habits, pool: Pool) -> None:
    habits.runs, pool.runs = habits.runs + 1, pool.runs + 1
    habits.new_unseen *= _FADES
    for one in unseen:
        if count(habits.operations, _name(one), _OPERATIONS):
            habits.new_unseen, pool.new_unseen = habits.new_unseen + 1.0, pool.new_unseen + 1
