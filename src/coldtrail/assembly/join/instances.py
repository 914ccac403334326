"""Which function an instance serves, as the platform says where it starts it: what else its log holds may
name none."""

from __future__ import annotations

from itertools import islice
from typing import Any, NamedTuple, TypeAlias

from msgspec.structs import replace

from coldtrail.records.witnesses import Report, Witness

MOST_INSTANCES = 100_000
"""That are remembered; the oldest are forgotten."""


class Served(NamedTuple):
    """A function by its name, and its version where that is told."""

    function: str
    version: str | None


InstancesState: TypeAlias = list[tuple[str, str, str | None]]
INSTANCES_STATE: Any = InstancesState
_SEVERAL = Served("", None)
"""Of an instance that starts of several functions are told of: it names none."""


class Instances:
    """Functions by instance."""

    def __init__(self) -> None:
        self._served: dict[str, Served] = {}

    def see(self, report: Witness) -> None:
        """Takes the report of an instance's start; others tell nothing new."""
        if not isinstance(report, Report) or report.kind != "init start":
            return
        if report.instance is None or not report.function_name:
            return
        told = Served(report.function_name, report.version)
        known = self._served.setdefault(report.instance, told)
        if known.function != told.function:
            self._served[report.instance] = _SEVERAL
        if len(self._served) > MOST_INSTANCES:
            for oldest in list(islice(self._served, MOST_INSTANCES // 10)):
                del self._served[oldest]

    def named(self, witness: Witness) -> Witness:
        """The witness; with the function that its instance serves, if it is a report that names none."""
        if not isinstance(witness, Report) or witness.function_name or witness.instance is None:
            return witness
        served = self._served.get(witness.instance, _SEVERAL)
        if not served.function:
            return witness
        return replace(witness, function_name=served.function, version=witness.version or served.version)

    def state(self) -> InstancesState:
        """All of them."""
        return [(instance, *served) for instance, served in self._served.items()]

    def restore(self, state: InstancesState) -> None:
        """Go on from what `state` gave."""
        self._served = {instance: Served(function, version) for instance, function, version in state}
