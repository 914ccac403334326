"""What people are told of an alert in a message: a title, and a few lines in plain words."""

from __future__ import annotations

from collections.abc import Iterator

from coldtrail.alerts.showing.plain import named, plain, short
from coldtrail.alerts.showing.shell import step_text
from coldtrail.alerts.wording.amounts import counted, moment
from coldtrail.alerts.wording.sentences import sentence
from coldtrail.records.alert import Alert
from coldtrail.records.case import Case
from coldtrail.records.episode import Notice

LONGEST_TITLE = 240
LONGEST_LINE = 900
_MOST_REASONS, _MOST_DETAILS, _MOST_STEPS = 4, 3, 3
_BEFORE = {
    "new": "",
    "severity_up": "Now {severity}: ",
    "grown": "{times} so far: ",
    "reopened": "Again: ",
    "resolved": "Over: ",
}


def title(alert: Alert, notice: Notice) -> str:
    """What happened on one line, and what is new about it."""
    before = _BEFORE[notice.event].format(severity=notice.severity, times=counted(notice.count, "time"))
    return short(before + plain(alert.title), LONGEST_TITLE)


def lines(alert: Alert, notice: Notice, case: Case | None = None) -> tuple[str, ...]:
    """What happened and why it is strange; of what is not over, what to do next: a sentence each."""
    return tuple(short(line, LONGEST_LINE) for line in _lines(alert, notice, case))


def _lines(alert: Alert, notice: Notice, case: Case | None) -> Iterator[str]:
    yield _when(alert, notice)
    if notice.event == "resolved":
        yield "It has not come again since, or what came later explains it; nothing is left to do about it."
        return
    yield from map(sentence, alert.reasons[:_MOST_REASONS])
    if (more := len(alert.reasons) - _MOST_REASONS) > 0:
        yield f"{counted(more, 'smaller reason')} not told here."
    yield from map(plain, alert.details[:_MOST_DETAILS])
    if alert.technique is not None:
        of = alert.technique
        yield f"ATT&CK: {of.technique_id} {of.technique} ({of.tactic}). {plain(alert.rationale)}".rstrip()
    if case is not None and len(case.members) > 1:
        yield f"Part of a case of {counted(len(case.members), 'sign')}: {named(case.title, LONGEST_TITLE)}."
    for step in alert.next_steps[:_MOST_STEPS]:
        yield f"Next: {step_text(step)}"


def _when(alert: Alert, notice: Notice) -> str:
    if notice.count <= 1:
        return f"Seen at {moment(alert.first_seen)} UTC."
    return (
        f"Seen {counted(notice.count, 'time')}, from {moment(alert.first_seen)} to "
        f"{moment(alert.last_seen)} UTC."
    )
