"""What `coldtrail update` prints: what is new in the model, and what was kept out of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from coldtrail.alerts.drifts import alerts_from_shifts
from coldtrail.alerts.manner import manner
from coldtrail.alerts.places import Places
from coldtrail.alerts.showing.plain import short
from coldtrail.alerts.showing.terminal import in_terminal
from coldtrail.alerts.wording.amounts import counted, moment
from coldtrail.alerts.wording.findings import missing, seen, thing_words, what_took
from coldtrail.learning.gate import Held
from coldtrail.learning.known import FunctionChange
from coldtrail.records.finding import FindingKey, Seconds
from coldtrail.records.identity import FunctionKey
from coldtrail.verdicts.feedback import AcceptedShift

if TYPE_CHECKING:
    from coldtrail.learning.update import Update

MOST_SHOWN = 12
MOST_NAMED = 6


def print_left_out(left_out: Sequence[Held], screen: Console) -> None:
    """Prints the flagged flows that were not learned, those of one function and first reason as one line."""
    places = Places(held.verdict.key for held in left_out)
    alike: dict[tuple[FunctionKey, str], list[Held]] = defaultdict(list)
    for held in left_out:
        alike[held.verdict.key, _first_reason(held)].append(held)
    if alike:
        screen.print("Flagged, and not learned:")
    frequent = sorted(alike.items(), key=lambda item: (-len(item[1]), item[0]))
    for (function, reason), flows in frequent[:MOST_SHOWN]:
        flow_id = in_terminal(flows[0].flow.function_flow_id)
        line = f"  {short(places.name(function))}: {reason}, {len(flows):,} (flow {flow_id})"
        screen.print(line, markup=False)
    _print_more(len(frequent), screen)


def _first_reason(held: Held) -> str:
    if not held.verdict.reasons:
        return "strange"
    reason = held.verdict.reasons[0]
    if manner(reason) == "own_duration" and isinstance(reason.finding.seen, Seconds):
        return f"duration, {what_took(reason.finding, reason.finding.seen)}"
    if reason.kind == "omission":
        return f"omission, {short(missing(reason.finding))}"
    if reason.kind in ("duration", "count"):
        return _words(reason.finding.key)
    return f"{reason.kind.replace('_', ' ')}, {short(seen(reason.finding))}"


def print_releases(update: Update, screen: Console) -> None:
    """Prints the releases that were learned, and versions that run again."""
    released = [one.key for one in update.releases]
    places = Places(released + [one.key for one in update.rollbacks])
    for one in update.releases[:MOST_SHOWN]:
        named = (
            "a new version, which no version number names"
            if one.version is None
            else f"version {short(one.version)}"
        )
        beyond = f"; {one.beyond:,} show more and were not learned" if one.beyond else ""
        line = (
            f"Released: {short(places.name(one.key))}, {named}, since {moment(one.since)} UTC "
            f"({one.runs:,} runs). What flagged {one.learned:,} of them was learned{beyond}:"
        )
        screen.print(line, markup=False)
        for cause in one.change[:MOST_NAMED]:
            screen.print(f"  {_words(cause)}", markup=False)
    for back in update.rollbacks[:MOST_SHOWN]:
        version = "what it was before its last release, which no version number names,"
        if back.version is not None:
            version = f"version {short(back.version)} (from {short(back.instead_of or '')})"
        name = short(places.name(back.key))
        line = f"Rolled back: {name} is back to {version} since {moment(back.since)} UTC."
        screen.print(line, markup=False)


def print_shifts(update: Update, screen: Console) -> None:
    """Prints the shifts in what was learned that nobody has called benign."""
    alerts = alerts_from_shifts(update.shifts, {})
    if alerts:
        screen.print(
            "Shifted in these flows, and learned all the same (`score` shows the traces; keep out of the "
            "input what is no business of yours):",
            markup=False,
        )
    for alert in alerts[:MOST_SHOWN]:
        line = (
            f"  {in_terminal(alert.title, 500)}, since {moment(alert.first_seen)} UTC, {alert.count:,} runs"
        )
        screen.print(line, markup=False)
    _print_more(len(alerts), screen)


def _words(cause: FindingKey) -> str:
    return f"{cause.kind.replace('_', ' ')}, {short(thing_words(cause))}"


def print_feedback(update: Update, screen: Console) -> None:
    """Prints what feedback changed."""
    remarks = update.remarks
    if not remarks.given:
        return
    said = Counter(remark.verdict for remark in remarks.applied)
    forgotten = f", {remarks.forgotten:,} flows taken out of the history" if remarks.forgotten else ""
    screen.print(
        f"Feedback: {said['benign']:,} benign, {said['malicious']:,} malicious, "
        f"{len(remarks.unknown):,} of unknown flows{forgotten}."
    )
    feedback = update.model.feedback
    for title, causes in (
        ("Legitimate from now on", [one.cause for one in feedback.accepted]),
        ("Never learned", list(feedback.refused)),
    ):
        if causes:
            screen.print(f"{title}:")
        places = Places(cause.whose for cause in causes)
        for cause in causes[:MOST_SHOWN]:
            screen.print(f"  {short(places.name(cause.whose))}: {_words(cause)}", markup=False)
        _print_more(len(causes), screen)
    _print_shifts(feedback.shifts, screen)


def _print_shifts(shifts: Sequence[AcceptedShift], screen: Console) -> None:
    """Prints the shifts that are accepted from now on."""
    if shifts:
        screen.print("No shift any more:")
    places = Places(one.key for one in shifts)
    for one in shifts[-MOST_SHOWN:]:
        what = ", ".join(sorted(measure.replace("_", " ") for measure in one.effects))
        screen.print(f"  {short(places.name(one.key))}: {what}, since {moment(one.since)} UTC", markup=False)
    _print_more(len(shifts), screen)


def print_changes(changes: Sequence[FunctionChange], screen: Console) -> None:
    """Prints what was learned about each function, and only the number of those with nothing new."""
    told = [(one, list(_lines(one))) for one in changes]
    news = [(one, lines) for one, lines in told if lines]
    if news:
        screen.print("New in the model:")
    places = Places(one.key for one in changes)
    for one, lines in news[:MOST_SHOWN]:
        screen.print(f"  {short(places.full_name(one.key))}", markup=False)
        for line in lines:
            screen.print(f"    {line}", markup=False)
    _print_more(len(news), screen)
    if len(told) > len(news):
        screen.print(f"Nothing new but more flows: {counted(len(told) - len(news), 'function')}.")


def _lines(one: FunctionChange) -> Iterator[str]:
    if not one.flows_before:
        yield f"a new function, {one.flows:,} flows"
    if one.ready != one.ready_before:
        yield "ready to be judged" if one.ready else "no longer ready to be judged"
    for what in ("versions", "steps", "resources", "triggers"):
        things: list[str] = getattr(one, what)
        if things:
            yield f"{what}: {_named(things)}"
    if one.forgotten:
        yield f"no longer known: {_named(one.forgotten)}"


def _named(things: Sequence[str]) -> str:
    more = f" and {len(things) - MOST_NAMED:,} more" if len(things) > MOST_NAMED else ""
    return ", ".join(short(thing) for thing in things[:MOST_NAMED]) + more


def _print_more(number: int, screen: Console) -> None:
    if number > MOST_SHOWN:
        screen.print(f"  and {number - MOST_SHOWN:,} more (--json lists all)")
