"""Calls outside any invocation, and runs that reports alone tell of, that do not name account or region: each
is of the one known function of its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from zlib import compress, decompress

import msgspec
from msgspec.structs import replace

from coldtrail.features.fitness import is_outside, is_traced
from coldtrail.features.lean import whole
from coldtrail.records.columns import AnyFlow, LeanFlow
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey

MOST_WAITING = 4_096
"""Flows that wait as they are; more are packed: a month of reports of functions without traces waits."""


class Homes:
    """Where functions live, by name."""

    def __init__(self, known: Iterable[FunctionKey]) -> None:
        self._known: dict[str, list[FunctionKey]] = {}
        for key in known:
            self._known.setdefault(key.function, []).append(key)

    def placed(self, flows: Sequence[AnyFlow]) -> Sequence[AnyFlow]:
        """The flows, such ones with account and region where they can be of one function alone."""
        if not any(_is_homeless(flow) for flow in flows):
            return flows
        return [self._placed(flow) if _is_homeless(flow) else flow for flow in flows]

    def _placed(self, flow: AnyFlow) -> AnyFlow:
        own = flow.key
        known = [one for one in self._known.get(own.function, ()) if one.application == own.application]
        fit = [one for one in known if own.account in ("", one.account) and own.region in ("", one.region)]
        if own in known or len(fit) != 1:
            return flow
        if isinstance(flow, LeanFlow):
            return replace(flow, key=fit[0])
        return replace(flow, account=fit[0].account or None, region=fit[0].region or None)


def at_home(flows: Iterable[AnyFlow]) -> Iterator[AnyFlow]:
    """All flows, such ones at the end, once the functions of all others are known."""
    waiting = _Waiting()
    known: set[FunctionKey] = set()
    for flow in flows:
        if _is_homeless(flow):
            waiting.add(flow)
        else:
            known.add(flow.key)
            yield flow
    homes = Homes(known)
    for some in waiting.taken():
        yield from homes.placed(some)


class _Waiting:
    """Flows that wait, most of them packed."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._last: list[AnyFlow] = []
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(list[Flow]).decode

    def add(self, flow: AnyFlow) -> None:
        """Takes a flow."""
        self._last.append(flow)
        if len(self._last) == MOST_WAITING:
            self._packed.append(compress(self._encode([whole(one) for one in self._last]), 1))
            self._last.clear()

    def taken(self) -> Iterator[Sequence[AnyFlow]]:
        """All of them, in the order in which they came, some at a time."""
        for data in self._packed:
            yield self._decode(decompress(data))
        yield self._last


def _is_homeless(flow: AnyFlow) -> bool:
    account, region = flow.key[:2]
    if is_outside(flow):
        return not account
    return not (account and region) and not is_traced(flow)
