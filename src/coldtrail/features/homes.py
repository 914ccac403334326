"""Calls outside any invocation that name no account: each is of the one known function of its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from coldtrail.features.fitness import is_outside
from coldtrail.records.columns import AnyFlow, LeanFlow
from coldtrail.records.identity import FunctionKey


class Homes:
    """Where functions live, by name."""

    def __init__(self, known: Iterable[FunctionKey]) -> None:
        self._known: dict[str, list[FunctionKey]] = {}
        for key in known:
            self._known.setdefault(key.function, []).append(key)

    def placed(self, flows: Sequence[AnyFlow]) -> Sequence[AnyFlow]:
        """The flows, such calls with account and region where one function alone can have made them."""
        if not any(_is_homeless(flow) for flow in flows):
            return flows
        return [self._placed(flow) if _is_homeless(flow) else flow for flow in flows]

    def _placed(self, flow: AnyFlow) -> AnyFlow:
        own = flow.key
        known = [one for one in self._known.get(own.function, ()) if one.application == own.application]
        fit = [one for one in known if own.region in ("", one.region)]
        if own in known or len(fit) != 1:
            return flow
        if isinstance(flow, LeanFlow):
            return replace(flow, key=fit[0])
        return replace(flow, account=fit[0].account or None, region=fit[0].region or None)


def at_home(flows: Iterable[AnyFlow]) -> Iterator[AnyFlow]:
    """All flows, such calls at the end, once the functions of all others are known."""
    waiting: list[AnyFlow] = []
    known: set[FunctionKey] = set()
    for flow in flows:
        if _is_homeless(flow):
            waiting.append(flow)
        else:
            known.add(flow.key)
            yield flow
    yield from Homes(known).placed(waiting)


def _is_homeless(flow: AnyFlow) -> bool:
    return is_outside(flow) and not flow.key.account
