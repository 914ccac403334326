"""What people are told of an alert in a message: a title, and a few lines in plain words."""

from __future__ import annotations

from collections.abc import Iterator

from coldtrail.alerts.showing.plain import named, plain, short
from coldtrail.alerts.showing.shell import step_text
from coldtrail.alerts.wording.amounts import counted, moment
from coldtrail.alerts.wording.sentences import sentence
from coldtrail.records.alert import Alert
from coldtrail.records.case import Case
from coldtrail.records.episode import Episode, Notice, Resolution
from coldtrail.records.next_step import NextStep

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
_RESOLUTIONS: dict[Resolution, str] = {
    "true": "a true alarm",
    "benign": "benign",
    "duplicate": "a duplicate",
    "unknown": "unexplained",
}


def title(alert: Alert, notice: Notice) -> str:
    """What happened on one line, and what is new about it."""
    before = _BEFORE[notice.event].format(severity=notice.severity, times=counted(notice.count, "time"))
    return short(before + plain(alert.title), LONGEST_TITLE)


def lines(alert: Alert, notice: Notice, episode: Episode, case: Case | None = None) -> tuple[str, ...]:
    """What happened and why it is strange, and what to do next; of what is over, why: a sentence each."""
    told = _over(episode) if notice.event == "resolved" else _lines(alert, case)
    return tuple(short(line, LONGEST_LINE) for line in (_when(alert, notice), *told))


def _over(episode: Episode) -> Iterator[str]:
    if episode.withdrawn:
        yield "What came later explains it: it is no alert any more, and nothing is left to do about it."
        return
    told = f" as {_RESOLUTIONS[episode.resolution]}" if episode.resolution else ""
    yield f"It was closed{told}." + (f" Note: {named(episode.note, LONGEST_TITLE)}." if episode.note else "")


def _lines(alert: Alert, case: Case | None) -> Iterator[str]:
    yield from map(sentence, alert.reasons[:_MOST_REASONS])
    if (more := len(alert.reasons) - _MOST_REASONS) > 0:
        yield f"{counted(more, 'smaller reason')} not told here."
    yield from map(plain, alert.details[:_MOST_DETAILS])
    if alert.technique is not None:
        of = alert.technique
        yield f"ATT&CK: {of.technique_id} {of.technique} ({of.tactic}). {plain(alert.rationale)}".rstrip()
    if case is not None and len(case.members) > 1:
        yield f"Part of a case of {counted(len(case.members), 'sign')}: {named(case.title, LONGEST_TITLE)}."
    yield from map(_next, alert.next_steps[:_MOST_STEPS])


def _next(step: NextStep) -> str:
    """The step with its command, which is left out where it would be cut: half a command is another one."""
    whole = f"Next: {step_text(step)}"
    return whole if len(plain(whole)) <= LONGEST_LINE else f"Next: {step.told}"


def _when(alert: Alert, notice: Notice) -> str:
    if notice.count <= 1:
        return f"Seen at {moment(alert.first_seen)} UTC."
    return (
        f"Seen {counted(notice.count, 'time')}, from {moment(alert.first_seen)} to "
        f"{moment(alert.last_seen)} UTC."
    )
