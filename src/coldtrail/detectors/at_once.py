"""When a record is certain, and which of several records of one moment comes first.

The audit log tells whole seconds: credentials are given out before they are used. No order hangs on
pseudonyms, which are other ones under another key; what differs in nothing else stays as it came.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from math import isfinite
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from coldtrail.assembly.watermark import LEAST_BELIEVED
from coldtrail.records.encounter import Run, What
from coldtrail.records.window import Window
from coldtrail.records.witnesses import Access, ApiCall, Change, Network, Report

KINDS: tuple[type[What], ...] = (Change, ApiCall, Report, Access, Network, Window, Run)
"""At one moment, in this order."""
_RANKS = {kind: rank for rank, kind in enumerate(KINDS)}
_encode = msgspec.msgpack.Encoder().encode


class Held(Struct, frozen=True, gc=False):
    """A record at its place among others."""

    at: float
    rank: int
    """Of its kind, as `KINDS` has them."""
    order: bytes
    tie: bytes
    """The same for copies alone."""
    what: What


class Stored(Struct):
    """What is held, as it is stored: by kind, each with its moment."""

    until: float
    given: list[bytes]
    changes: list[tuple[float, Change]] = []
    calls: list[tuple[float, ApiCall]] = []
    reports: list[tuple[float, Report]] = []
    accesses: list[tuple[float, Access]] = []
    networks: list[tuple[float, Network]] = []
    windows: list[tuple[float, Window]] = []
    runs: list[tuple[float, Run]] = []

    @property
    def by_kind(self) -> tuple[list[tuple[float, Any]], ...]:
        """As `KINDS` has them."""
        return self.changes, self.calls, self.reports, self.accesses, self.networks, self.windows, self.runs


place_of = attrgetter("at", "rank", "order")
"""What a held record is put in order by: its moment, its rank and its order."""


def held_at(at: float, what: What) -> Held:
    """A record, held for a moment."""
    if isinstance(what, ApiCall):
        name = _digest((what.account, what.event_id, what.digest, ""))
        # The digest is of the whole record, whatever of it is kept.
        tie = name if what.digest else _digest(what)
        return Held(at, _RANKS[ApiCall], (b"0" if what.issued_key is not None else b"1") + name, tie, what)
    tie, order = _digest(what), b""
    if isinstance(what, Change):
        order = b"1" + _digest((what.account, what.event_id, what.digest, what.function_name))
    elif isinstance(what, Access):
        order = _digest(replace(what, principal=None, source_ip=None, source_network=None))
    elif isinstance(what, Network):
        order = _digest(replace(what, remote=None))
    elif isinstance(what, Run):
        order = tie = _digest((what.flow.application_flow_id, what.flow.function_flow_id, what.flow.key))
    return Held(at, _RANKS[type(what)], order or tie, tie, what)


def moment_of(what: What) -> float | None:
    """When it is certain; None where nothing tells."""
    if isinstance(what, (ApiCall, Report)):
        return what.time
    if isinstance(what, Window):
        return what.start_time + what.period_s
    if isinstance(what, Run):
        return what.flow.end_time
    return what.end_time if isinstance(what, Network) else what.time


def each_once(held: Sequence[Held]) -> list[Held]:
    """What is held, in its order; of copies at one moment the last alone, at the place of the first."""
    return list({(one.at, one.tie): one for one in held}.values())


def near_of(held: Sequence[Held], limit: float) -> list[float]:
    """The moments of what is held, in any order, but for the few behind a limit, years behind all that was
    learned: a wrong date that comes alone must not make all that comes later late."""
    near = [one.at for one in held if one.at <= limit]
    if isfinite(limit) and len(held) - len(near) < LEAST_BELIEVED:
        return near
    return [one.at for one in held]


def source_of(what: What) -> tuple[str, str]:
    """Its kind, and the account that it is of, empty where nothing tells: what of one source is learned is
    not learned again."""
    account = what.flow.account if isinstance(what, Run) else what.account
    return type(what).__name__, account or ""


def _digest(told: object) -> bytes:
    return blake2b(_encode((type(told).__name__, told)), digest_size=8).digest()
