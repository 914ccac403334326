"""What is strange in a run, and not worth a person's time by itself.

A run may be anomalous by a sum of small surprises, of which none is strange by itself: no step can be shown
as the cause, and nearly no attack is so. Or it works for a new tenant, and touches one more name of those
that its function uses. Such runs wait for others, or for another sign.
"""

from __future__ import annotations

from coldtrail.alerts.attack import is_of_services
from coldtrail.alerts.effects import Effect, effect_of
from coldtrail.alerts.parts import Part

_NEW = "new_resource"
_BESIDE = frozenset((_NEW, "order", "omission"))
"""What may alarm beside a new name. Who works for a new tenant often goes another way."""
_GUARDED = ("secrets",)
"""Services of which no new name is harmless."""


def is_hardly_strange(part: Part) -> bool:
    """Whether no step in the runs of a part alarms by itself, or all that does is one more name of a place or
    family that the function uses, which no other function touched."""
    bans = part.verdict.score - part.verdict.threshold
    if effect_of(part.reason, part.event_type, bans) is not Effect.SMALL:
        return False
    if part.cause.kind == "order":
        return not part.alarming
    is_name = part.cause.kind == _NEW and part.alarming <= _BESIDE
    return is_name and not part.reason.elsewhere and not is_of_services(part.event_type, _GUARDED)
