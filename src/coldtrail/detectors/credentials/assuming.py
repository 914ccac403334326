"""Who takes on a function's role besides the platform."""

from __future__ import annotations

from coldtrail.assembly.join.functions import PLATFORM
from coldtrail.detectors.credentials.chances import strength_of
from coldtrail.detectors.credentials.operations import is_denied
from coldtrail.detectors.credentials.owners import Owners
from coldtrail.detectors.credentials.states import Habits, Pool
from coldtrail.detectors.credentials.telling import NAME, is_due
from coldtrail.features.recent import keep, mark
from coldtrail.records.finding import Finding, Known, Subject
from coldtrail.records.signal import Ref, Signal
from coldtrail.records.traits import Trait
from coldtrail.records.witnesses import ApiCall

ASSUMED = "role_assumed"
_MOST = 8
_FIRST, _ANOTHER = 2.5, 1.5
"""Points where nobody took it on before, and where others did."""


def signal_of_assuming(call: ApiCall, at: float, owners: Owners, pool: Pool) -> Signal | None:
    """The signal that somebody took on, or tried to take on, the role of a function for the first time."""
    role = call.issued_role or call.target
    if call.invoked_by == PLATFORM or not role or not call.principal or call.service != "STS":
        return None
    numbers = owners.state.roles.get(mark(role), [])
    if not numbers or (call.error_code is not None and not is_denied(call)):
        return None
    functions = [owners.state.functions[number] for number in numbers]
    habits, who = functions[0], mark(call.principal)
    is_known, others = who in habits.assumers, len(habits.assumers)
    keep(habits.assumers, who, int(at // 86_400.0), _MOST)
    if is_known or not is_due(habits, ASSUMED, at, who):
        return None
    return _signal(call, at, functions, strength_of(pool, _ANOTHER if others else _FIRST))


def _signal(call: ApiCall, at: float, functions: list[Habits], strength: float) -> Signal:
    principal = call.principal or ""
    return Signal(
        detector=NAME,
        finding=Finding(
            ASSUMED, Subject.of(functions[0].key), None, Known(()), Trait("principal", principal)
        ),
        strength=strength,
        since=at,
        at=at,
        refs=(Ref("event", call.event_id),),
        functions=tuple(one.key for one in functions[1:20]),
        principals=(principal,),
        credentials=tuple(one for one in (call.issued_key, call.access_key) if one),
        indicators=(("operation", f"{call.service} {call.operation}"),),
    )
