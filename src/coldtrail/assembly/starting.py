"""Cold starts that had ended before anybody asked for the run: nobody waited for them."""

from __future__ import annotations

from coldtrail.assembly.span_tree import Timeline
from coldtrail.features.starting import is_early


def with_early_starts(line: Timeline, start: float | None, asked: float | None) -> Timeline:
    """The timeline of a cold start, in which an instance that was made ready before the request counts as
    having taken no time of this run; `start` is that of the run, `asked` when the request came."""
    early = [
        is_early(event.event_name, event.event_type, (event.start_time, event.end_time), start, asked)
        for event in line.events
    ]
    if not any(early):
        return line
    times = tuple([0.0 if one else time for one, time in zip(early, line.self_times, strict=True)])
    begins = [event.start_time for event, one in zip(line.events, early, strict=True) if not one]
    first = min(begins, default=line.end_time) if start is None else line.start_time
    return line._replace(self_times=times, start_time=min(first, line.end_time))
