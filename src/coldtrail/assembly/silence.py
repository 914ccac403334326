"""Minutes in which a function did not run, as metrics tell by leaving them out.

Lambda sends a metric such as `Invocations` only where it is not 0 (AWS Lambda developer guide, "AWS Lambda
metrics", as it stood in 2019; today's pages do not say).
So a short gap between two minutes that metrics count is silence, and told as one window of its length, cut
where anything else tells of the function. A longer gap may as well be an hour that nobody fetched, and what
comes before the first or after the last counted minute is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from coldtrail.features.recent import keep
from coldtrail.records.identity import FunctionKey
from coldtrail.records.window import Window

MOST_SILENT_S = 3_600.0
"""From one counted minute to the next."""
MOST_FUNCTIONS = 50_000
"""That are remembered between minutes, here and where shares are; names are made up faster than functions."""
SilenceState: TypeAlias = list[tuple[FunctionKey, float, list[tuple[float, float]]]]
SILENCE_STATE: Any = SilenceState


class Silence:
    """Finds it between windows of a function, which come in the order of their start."""

    def __init__(self) -> None:
        self._counted: dict[FunctionKey, float] = {}
        """Ends of the last windows that metrics count."""
        self._others: dict[FunctionKey, list[tuple[float, float]]] = {}
        """Starts and ends of windows since then that others count."""

    def before(self, window: Window) -> Iterator[Window]:
        """The silent stretches that are certain now that a window has come."""
        key, start = window.key, window.start_time
        last = self._counted.get(key)
        if window.source != "metrics":
            if last is not None:
                self._note(key, last, (start, start + window.period_s))
            return
        others = self._others.pop(key, [])
        keep(self._counted, key, max(last or start, start + window.period_s), MOST_FUNCTIONS)
        if last is None or start - last > MOST_SILENT_S:
            return
        for first, after in (*others, (start, start)):
            if first > last:
                yield Window(
                    *key,
                    start_time=last,
                    period_s=first - last,
                    source="metrics",
                    invocations=0.0,
                    errors=0.0,
                )
            last = max(last, after)

    def _note(self, key: FunctionKey, last: float, other: tuple[float, float]) -> None:
        if other[0] - last <= MOST_SILENT_S:
            self._others.setdefault(key, []).append(other)
        else:
            del self._counted[key]
            self._others.pop(key, None)

    def state(self) -> SilenceState:
        """All that is held."""
        return [(key, last, self._others.get(key, [])) for key, last in self._counted.items()]

    def restore(self, state: SilenceState) -> None:
        """Go on from what `state` gave."""
        self._counted = {key: last for key, last, _ in state}
        self._others = {key: others for key, _, others in state if others}
