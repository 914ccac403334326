"""Cases as the HTML report shows them, in the page's own words."""

from __future__ import annotations

from collections.abc import Sequence

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


def cases_shown(cases: Sequence[Case]) -> tuple[CaseShown, ...]:
    """The first cases."""
    return tuple(_shown(number, case) for number, case in enumerate(cases[:MOST_CASES], 1))


def _shown(number: int, case: Case) -> CaseShown:
    lines = [
        LineShown(moment(one.at), one.what, one.detector, f"{one.ref.kind} {one.ref.id}" if one.ref else "")
        for one in case.timeline[:MOST_LINES]
    ]
    return CaseShown(
        number,
        case.severity,
        case.title,
        ", ".join(case.functions) or case.subject.application_name or case.subject.kind,
        counted(len(case.members), "sign"),
        moment(case.first_seen),
        moment(case.last_seen),
        tuple(lines),
        len(case.timeline) - len(lines),
        case.indicators[:MOST_INDICATORS],
    )
