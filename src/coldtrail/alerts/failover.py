"""A failover: functions turn to what bears the names of what they use, but for the region or one word.

One such name is how a look-alike is made, and stands by itself. Where at one time two functions or more, or
one for three names, turn to names that differ from their own in the same way, all of it is one alert over the
application. Neither what is repeated, nor who started a run, nor time in the own code belongs to a failover.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from coldtrail.alerts.correlation import at_one_time, mostly_within
from coldtrail.alerts.familiar import may_be_anybodys
from coldtrail.alerts.groups import Group
from coldtrail.alerts.parts import Part
from coldtrail.features.names.counterparts import difference, words_of
from coldtrail.records.finding import FindingKey
from coldtrail.records.identity import ApplicationKey
from coldtrail.records.verdict import Reason

FAILOVER = "failover"
LEAST_FUNCTIONS, LEAST_NAMES = 2, 2
LEAST_NAMES_OF_ONE = 3
"""Names for which a single function must turn to others."""
_TURNING = frozenset(("new_resource", "new_action", "new_event", "order", "omission", "duration"))
"""What a run shows that takes other names: steps that are new, and usual ones missing or out of place."""


def with_failovers(groups: Iterable[Group]) -> list[Group]:
    """The groups, of which what a failover explains is one for each application."""
    groups = list(groups)
    turned: dict[ApplicationKey, list[Part]] = defaultdict(list)
    for group in groups:
        for part in group.parts if group.version is None else ():
            if _turns(part):
                turned[part.cause.whose.application_key].append(part)
    failovers = []
    for application, parts in sorted(turned.items()):
        explained = _separable(groups, _explained(parts))
        if any(part.flow is not None for part in explained):
            failovers.append(_one(application, explained, _started(groups, explained)))
    gone = {id(part) for failover in failovers for part in failover.parts}
    return [rest for group in groups if (rest := _without(group, gone)) is not None] + failovers


def _separable(groups: Iterable[Group], explained: Sequence[Part]) -> list[Part]:
    """The parts, but for those of groups of whose rest no run was kept that could be shown."""
    chosen = {id(part) for part in explained}
    for group in groups:
        rest = [part for part in group.parts if id(part) not in chosen]
        if rest and all(part.flow is None for part in rest):
            chosen -= {id(part) for part in group.parts}
    return [part for part in explained if id(part) in chosen]


def _turns(part: Part) -> bool:
    """Whether a part may be of a failover: nothing more alarms in it than other names.

    A name of the account's own that has no counterpart may be of a family, of which not all names are known.
    """
    if not part.alarming <= _TURNING or part.cause.kind not in _TURNING:
        return False
    if _is_without_counterpart(part):
        return not part.reason.near and not may_be_anybodys(part.reason.target, part.event_type)
    return any(True for _ in _renamed(part))


def _renamed(part: Part) -> Iterator[Reason]:
    return (one for one in part.verdict.reasons if one.counterpart is not None and one.target)


def _explained(parts: Sequence[Part]) -> list[Part]:
    """The parts most of whose runs lie in a time in which names are changed in one way for several."""
    runs = sorted((one.start, at) for at, part in enumerate(parts) for one in part.sightings)
    within: Counter[int] = Counter()
    for time in at_one_time(runs, lambda run: (run[0], run[0])):
        some = [parts[at] for at in sorted({at for _, at in time})]
        words = _changed_for_several(some)
        within.update(at for _, at in time if words and _is_changed_so(parts[at], words))
    return [part for at, part in enumerate(parts) if mostly_within(part.sightings, within[at])]


def _changed_for_several(parts: Iterable[Part]) -> set[str]:
    """All that sets names apart from their counterparts; nothing where nothing does so for several."""
    names: dict[str, set[str]] = defaultdict(set)
    functions: dict[str, set[str]] = defaultdict(set)
    for part in parts:
        for reason in _renamed(part):
            how = difference(reason.target or "", reason.counterpart or "")
            names[how].add(reason.counterpart or "")
            functions[how].add(part.cause.function)
    is_shared = any(
        (len(functions[how]) >= LEAST_FUNCTIONS and len(known) >= LEAST_NAMES)
        or len(known) >= LEAST_NAMES_OF_ONE
        for how, known in names.items()
    )
    return set(names) if is_shared else set()


def _is_changed_so(part: Part, words: set[str]) -> bool:
    """Whether a part shows a counterpart, or else one of the words that set others apart."""
    if _is_without_counterpart(part):
        return not words.isdisjoint(words_of(part.reason.target or ""))
    return True


def _is_without_counterpart(part: Part) -> bool:
    return part.cause.kind == "new_resource" and part.reason.counterpart is None


def _one(application: ApplicationKey, parts: Sequence[Part], started: list[Part]) -> Group:
    """All as one; the strangest run that was kept, and shows a changed name first, leads."""
    ordered = sorted(
        parts, key=lambda one: (one.flow is None, one.reason.counterpart is None, one.strangeness)
    )
    sightings = [sighting for part in (*ordered, *started) for sighting in part.sightings]
    return Group(FindingKey(*application, "", FAILOVER), ordered, sightings, started)


def _started(groups: Iterable[Group], parts: Sequence[Part]) -> list[Part]:
    """The runs that were started by calls of groups of which nothing is left."""
    gone = {id(part) for part in parts}
    return [one for group in groups if all(id(part) in gone for part in group.parts) for one in group.started]


def _without(group: Group, gone: set[int]) -> Group | None:
    """A group without the parts that are told elsewhere; None where nothing is left."""
    left = [part for part in group.parts if id(part) not in gone]
    if len(left) == len(group.parts):
        return group
    if not left:
        return None
    left.sort(key=lambda one: one.flow is None)
    sightings = [sighting for part in (*left, *group.started) for sighting in part.sightings]
    return replace(group, parts=left, sightings=sightings)
