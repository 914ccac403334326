"""Which invocations had their flow: of what comes for them later, no other flow is made."""

from __future__ import annotations

from collections.abc import Iterable

from coldtrail.assembly.join.ids import function_told, request_told
from coldtrail.assembly.remembered import Remembered
from coldtrail.records.columns import AnyFlow
from coldtrail.records.identity import trace_key
from coldtrail.records.stage import State
from coldtrail.records.witnesses import Access, ApiCall, Witness

_MOST = 1_000_000
_NAME = "given"


class Given:
    """Remembers those that were given last, by their request ids."""

    def __init__(self) -> None:
        self._ids = Remembered(_MOST)

    def add(self, request_id: str | None) -> None:
        """Takes the request id of a flow that is given, with all that its witnesses told."""
        if request_id is not None:
            self._ids.add(request_id)

    def add_early(self, flow: AnyFlow) -> None:
        """Takes a flow that is given without having waited for witnesses, which may be all that knows its
        request id: they then name its trace and its function."""
        self._ids.add(flow.request_id or _tie(flow.application_flow_id, flow.key.function))

    def names(self, told: Iterable[Witness]) -> bool:
        """Whether any of these witnesses of one invocation names it as one that had its flow."""
        for one in told:
            request, trace = request_told(one), None if isinstance(one, ApiCall) else one.trace_id
            if request is not None and request in self._ids:
                return True
            if trace and not isinstance(one, Access) and _tie(trace, function_told(one)) in self._ids:
                return True
        return False

    def state(self) -> State:
        """All that is remembered."""
        return {_NAME: self._ids.state()}

    def restore(self, state: State) -> None:
        """Go on from what `state` gave; raises `BundleError` where that is damaged."""
        self._ids = Remembered.restored(_MOST, state, _NAME)


def _tie(trace_id: str, function: str) -> str:
    return f"{trace_key(trace_id)} {function}"
