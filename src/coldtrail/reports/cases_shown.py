"""Cases as the HTML report shows them, in the page's own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from coldtrail.alerts.wording.amounts import counted, moment
from coldtrail.records.case import Case

MOST_CASES = 50
MOST_LINES = 40
MOST_INDICATORS = 20


class LineShown(Struct, frozen=True):
    """One line of a timeline."""

    when: str
    what: str
    by: str
    """The detector."""
    ref: str


class CaseShown(Struct, frozen=True):
    """A case in the report."""

    number: int
    severity: str
    title: str
    about: str
    signs: str
    first: str
    last: str
    lines: tuple[LineShown, ...]
    more: int
    """Lines that are not shown."""
    indicators: tuple[tuple[str, str], ...]
    others: tuple[int, ...]
    """Numbers of other cases to see."""


def cases_shown(cases: Sequence[Case]) -> tuple[CaseShown, ...]:
    """The first cases."""
    shown = cases[:MOST_CASES]
    numbers = {case.id: number for number, case in enumerate(shown, 1)}
    return tuple(_shown(case, numbers) for case in shown)


def others_of(case: Case, numbers: Mapping[str, int]) -> tuple[int, ...]:
    """The numbers of the cases to see beside one, of those that have a number."""
    return tuple(sorted(numbers[one] for one in case.see_also if one in numbers))


def _shown(case: Case, numbers: Mapping[str, int]) -> CaseShown:
    lines = [
        LineShown(moment(one.at), one.what, one.detector, f"{one.ref.kind} {one.ref.id}" if one.ref else "")
        for one in case.timeline[:MOST_LINES]
    ]
    return CaseShown(
        numbers[case.id],
        case.severity,
        case.title,
        ", ".join(case.functions) or case.subject.application_name or case.subject.kind,
        counted(len(case.members), "sign"),
        moment(case.first_seen),
        moment(case.last_seen),
        tuple(lines),
        len(case.timeline) - len(lines),
        case.indicators[:MOST_INDICATORS],
        others_of(case, numbers),
    )
