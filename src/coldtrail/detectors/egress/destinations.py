"""Destinations of a function's data: never met, of another account, or both."""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from coldtrail.detectors.egress.meeting import is_ready, met
from coldtrail.detectors.egress.places import kind_of
from coldtrail.detectors.egress.states import Pool, Travels
from coldtrail.detectors.egress.telling import finding_of, is_one_of_few, plain
from coldtrail.features.recent import keep, mark
from coldtrail.records.finding import Known, Subject
from coldtrail.records.signal import Ref, Signal
from coldtrail.records.traits import Trait, Traits

_MOST, _MOST_ACCOUNTS, _MOST_OF_ALL = 40, 8, 1_024
_NEW, _FOREIGN, _FOREIGN_TO_ALL = 2.5, 2.0, 2.0
_KNOWN_TO_OTHERS, _READ, _DENIED, _RELEASED = 0.5, 0.5, 0.7, 0.6
"""What points are multiplied by."""
_WEAK, _DECISIVE = 1.5, 4.0
_RELEASE_S = 86_400.0


class Sent(NamedTuple):
    """A call or a step that moves data."""

    service: str
    operation: str
    target: str
    owner: str | None
    is_write: bool
    is_denied: bool
    ref: Ref
    principal: str | None = None
    access_key: str | None = None


def signal_of(sent: Sent, travels: Travels, pool: Pool, at: float) -> Signal | None:
    """The signal of a destination, None where it is none or known."""
    name = mark(kind_of(sent.service), sent.target)
    to_others = name in pool.known
    new = min(_NEW, met(travels.met, name, at, _MOST))
    keep(pool.known, name, 1, _MOST_OF_ALL)
    foreign = _foreign(sent, travels, pool, at)
    points = (new * (_KNOWN_TO_OTHERS if to_others else 1.0) + foreign) * _weight(sent, travels, at)
    if points < _WEAK or not is_one_of_few(travels.told, "foreign" if foreign else "new", at):
        return None
    return _signal(sent, travels, points, at)


def _foreign(sent: Sent, travels: Travels, pool: Pool, at: float) -> float:
    """Points for an account that the function never sent anything to."""
    own = travels.key.account
    if not sent.owner or not own or sent.owner == own:
        return 0.0
    name = mark(sent.owner)
    is_known, of_all = name in travels.accounts, name in pool.accounts
    keep(travels.accounts, name, 1, _MOST_ACCOUNTS)
    keep(pool.accounts, name, 1, _MOST_OF_ALL)
    if is_known or not is_ready(travels.met, at):
        return 0.0
    return _FOREIGN + (0.0 if of_all else _FOREIGN_TO_ALL)


def _weight(sent: Sent, travels: Travels, at: float) -> float:
    weight = 1.0 if sent.is_write else _READ
    if sent.is_denied:
        weight *= _DENIED
    return weight * _RELEASED if 0 <= at - travels.released < _RELEASE_S else weight


def _signal(sent: Sent, travels: Travels, points: float, at: float) -> Signal:
    trait = Trait(kind_of(sent.service), sent.target)
    is_foreign = bool(sent.owner) and sent.owner != travels.key.account
    seen = Traits((trait, Trait("account", sent.owner or ""))) if is_foreign else trait
    kind = "foreign_destination" if is_foreign else "new_destination"
    usual = Known((), len(travels.met.known) - 1)
    told = plain(
        finding_of(kind, Subject.of(travels.key), seen, usual), points, at, at, alone=points >= _DECISIVE
    )
    return replace(
        told,
        refs=(sent.ref,),
        principals=(sent.principal,) if sent.principal else (),
        credentials=(sent.access_key,) if sent.access_key else (),
        indicators=(("target", sent.target), ("operation", f"{sent.service} {sent.operation}")),
    )
