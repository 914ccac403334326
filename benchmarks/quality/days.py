"""Several days of history: what other seeds learned, moved to the days before."""

from __future__ import annotations

from benchmarks.quality.reading import in_order, moved, read
from benchmarks.quality.runs import Case
from coldtrail.records.flow import Flow

DAY_S = 86_400


def days_before(case: Case) -> list[Flow]:
    """The flows learned of all seeds in the order of their start, the case's own last."""
    own = read(case.run("learn")).flows
    flows = list(own)
    for days, other in enumerate(case.others(), 1):
        earlier = read(other.run("learn")).flows
        start = day(own[0].start_time) - days
        flows += [moved(flow, (start - day(earlier[0].start_time)) * DAY_S) for flow in earlier]
    return in_order(flows)


def day(time: float) -> int:
    """The number of a day."""
    return int(time // DAY_S)
