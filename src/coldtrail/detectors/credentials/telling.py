"""Signals of what is strange: each thing once, and again when it grows tenfold or comes back after a day."""

from __future__ import annotations

from collections.abc import Sequence

from coldtrail.detectors.credentials.chances import is_seldom, strength_of
from coldtrail.detectors.credentials.owners import Owned
from coldtrail.detectors.credentials.states import AccessKey, Habits, Pool, Suspicion, Telling
from coldtrail.detectors.credentials.suspicions import total
from coldtrail.features.recent import mark
from coldtrail.records.finding import Finding, Known, Met, Subject
from coldtrail.records.signal import Ref, Signal
from coldtrail.records.traits import Trait, TraitKind, Traits
from coldtrail.records.witnesses import ApiCall

NAME = "credentials"
DECISIVE, WEAK = 4.0, 1.5
_QUIET_S = 86_400.0
_GROWN = 10
_MOST_KEYS = 3
"""That are told apart within a day."""
_MANY_LOOKS = 3
_ORDER: tuple[TraitKind, ...] = ("address", "endpoint", "user_agent", "operation", "principal")
_INDICATORS = {"network": "network", "user_agent": "user_agent", "operation": "operation"}


def kind_of(key: AccessKey, found: Suspicion) -> str:
    """What the suspicion is about most of all."""
    if key.borrower:
        return "role_borrowed"
    if key.is_foreign:
        return "session_forged"
    if found.other and key.ended > 0:
        return "credentials_after_end"
    if found.place or found.other:
        return "credentials_outside"
    if found.agent:
        return "credentials_program"
    return "enumeration" if found.looks >= _MANY_LOOKS else "unusual_call"


def is_due(habits: Habits, kind: str, at: float, key: int) -> bool:
    """Whether to tell something now, that was just seen once more."""
    known = habits.told.get(kind)
    if known is None or at - known.last > _QUIET_S:
        habits.told[kind] = Telling(at, 1, 1, [key])
        return True
    known.last, known.count = max(known.last, at), known.count + 1
    if known.count >= _GROWN * known.told:
        known.told = known.count
        return True
    if key not in known.keys and len(known.keys) < _MOST_KEYS:
        known.keys.append(key)
        return True
    return False


def signal_of_key(
    owned: Owned, found: Suspicion, call: ApiCall, at: float, pool: Pool, others: Sequence[Habits]
) -> Signal | None:
    """The signal of what is suspected of an access key; None where it is too little, or told already."""
    points, kind = total(found), kind_of(owned.access_key, found)
    is_decisive = points >= DECISIVE and is_seldom(pool, points)
    if points < WEAK:
        return None
    if not is_due(owned.habits, kind if is_decisive else f"{kind}?", at, mark(call.access_key or "")):
        return None
    return Signal(
        detector=NAME,
        finding=Finding(kind, Subject.of(owned.habits.key), None, _usual(owned.habits), _seen(found)),
        strength=strength_of(pool, points),
        since=found.since,
        at=at,
        refs=tuple(Ref("event", one) for one in found.records),
        count=found.count,
        alone=is_decisive,
        functions=tuple(one.key for one in others),
        principals=(call.principal,) if call.principal else (),
        credentials=(call.access_key,) if call.access_key else (),
        indicators=_indicators(found, call),
    )


def _usual(habits: Habits) -> Known:
    agents = sorted(habits.agents.items(), key=lambda one: (-one[1], one[0]))
    return Known(tuple(Met(shown(agent), float(number)) for agent, number in agents[:3]), len(agents[3:]))


def shown(agent: str) -> str:
    """A program and where it says that it runs."""
    family, _, environment = agent.partition("|")
    return f"{family or 'none'} in {environment}" if environment else family or "none"


def _seen(found: Suspicion) -> Trait | Traits:
    traits = tuple(Trait(kind, found.traits[kind]) for kind in _ORDER if kind in found.traits)
    return traits[0] if len(traits) == 1 else Traits(traits)


def _indicators(found: Suspicion, call: ApiCall) -> tuple[tuple[str, str], ...]:
    told = [(name, found.traits[kind]) for kind, name in _INDICATORS.items() if kind in found.traits]
    return (*told, *([("target", call.target)] if call.target else []))
