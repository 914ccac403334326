"""Facts wait for the traces that they belong to: what is not in the traces is in no other file either."""

from collections.abc import Callable

from coldtrail_testbed.facts import Facts


class HeldFacts:
    """The facts of traces that are not complete yet."""

    def __init__(self) -> None:
        self._held: dict[str, Facts] = {}

    def release(self, facts: Facts, is_pending: Callable[[str], bool]) -> Facts:
        """Those of `facts`, and of all held so far, whose traces are complete or that belong to none."""
        released = self._hold(facts)
        for root in [root for root in self._held if not is_pending(root)]:
            complete = self._held.pop(root)
            released.runs += complete.runs
            released.calls += complete.calls
            released.requests += complete.requests
        return released

    def _hold(self, facts: Facts) -> Facts:
        """The facts that belong to no trace; the others are held."""
        free = Facts()
        for run in facts.runs:
            self._of(run.trace_id, free).runs.append(run)
        for call in facts.calls:
            self._of(call.trace_id, free).calls.append(call)
        for request in facts.requests:
            self._of(request.trace_id, free).requests.append(request)
        return free

    def _of(self, root: str | None, free: Facts) -> Facts:
        return self._held.setdefault(root, Facts()) if root else free
