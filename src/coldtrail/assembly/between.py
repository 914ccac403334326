"""What stands between a call and what it started, where one format tells of it and another leaves it out.

X-Ray makes a record of the topic between a `Publish` and the invocation that it led to, out of the call's
own; OpenTelemetry hangs the invocation below the call. Both tell the same way up, so their parents do not
contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from coldtrail.assembly.closed import Closed
from coldtrail.assembly.links import MOST_WAYS
from coldtrail.assembly.masking import Masking
from coldtrail.assembly.upstream import upstream
from coldtrail.records.telemetry import Link

_MOST_BETWEEN = 8
_ONLY_PARENT = ("parent",)


def are_one_way(
    aspects: Sequence[str], parents: Sequence[str | None], closed: Closed, masking: Masking
) -> bool:
    """Whether what documents disagree in is no more than whether they tell what stands between: inferred
    records lead from one of the parents through the others, and from each of them one finds the same.

    A forged record between them that names another trigger than the call itself is a contradiction.
    """
    if tuple(aspects) != _ONLY_PARENT or not 1 < len(parents) < MOST_WAYS:
        return False
    if not any(set(parents) <= set(_inferred(parent, closed)) for parent in parents):
        return False
    found = {above for parent in parents for above in upstream((parent,), closed, masking)}
    return len({(one.trigger, one.caller, one.lost) for one in found}) == 1


def _inferred(parent: str | None, closed: Closed) -> Iterator[str]:
    """A parent, and what inferred records lead to from there."""
    for _ in range(_MOST_BETWEEN):
        if parent is None:
            return
        yield parent
        link = closed.links.get(parent)
        if link is None or parent in closed.ways or not _is_inferred(link):
            return
        parent = link.parent_id


def _is_inferred(link: Link) -> bool:
    """Whether it was made of the record of the call that it stands below, and says no more than that."""
    return link.role not in ("hop", "invocation") and link.start_time is None and link.end_time is None
