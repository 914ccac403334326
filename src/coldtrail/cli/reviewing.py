"""The review list of training: rare behaviour that is held back or worth a look."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Console

from coldtrail.alerts.places import Places
from coldtrail.alerts.showing.plain import short
from coldtrail.alerts.showing.terminal import command_line, in_terminal
from coldtrail.alerts.wording.amounts import span
from coldtrail.learning.review import ReviewEntry
from coldtrail.records.next_step import Command

MOST_SHOWN = 12
MOST_NAMED = 3
SAME_RUNS = 0.8
"""Of the runs that show either of two things: where so many show both, they are one entry."""


def print_review(found: Sequence[ReviewEntry], bundle: str, screen: Console) -> None:
    """Prints what is rare in what was learned, the most suspicious first, and what to do about it."""
    held = [one for one in found if one.held]
    learned = [one for one in found if not one.held]
    _print("Held back until you call it benign (it alarms when it comes again):", held, screen)
    _print("Rare in what was learned, worth a look:", learned, screen)
    if found:
        screen.print(
            "Say what you know of a flow in a file, one line each, and give it to `coldtrail update`:"
        )
        verdict = "benign" if held else "malicious"
        example = json.dumps({"function_flow_id": found[0].function_flow_id, "verdict": verdict})
        screen.print(f"  {example}", soft_wrap=True)
        argv = ("--bundle", bundle, "--feedback", "said.jsonl", "--output", bundle)
        screen.print(command_line(Command(("coldtrail", "update", *argv)), 2), soft_wrap=True)


def _print(title: str, found: Sequence[ReviewEntry], screen: Console) -> None:
    if found:
        screen.print(title)
    entries = _together(found)
    places = Places(one.cause.whose for one in found)
    for entry in entries[:MOST_SHOWN]:
        screen.print(f"  {_line(entry, places)}", markup=False, soft_wrap=True)
    if len(entries) > MOST_SHOWN:
        screen.print(f"  and {len(entries) - MOST_SHOWN:,} more (--json lists all)")


def _together(found: Sequence[ReviewEntry]) -> list[list[ReviewEntry]]:
    """Merges entries that the same runs show, and those that several functions show for the same reason."""
    entries: list[list[ReviewEntry]] = []
    for one in found:
        entry = next((entry for entry in entries if _is_same(entry[0], one)), None)
        if entry is None:
            entries.append([one])
        else:
            entry.append(one)
    return entries


def _is_same(one: ReviewEntry, other: ReviewEntry) -> bool:
    if one.cause.whose != other.cause.whose:
        same = (one.cause.kind, one.cause.thing, one.why) == (other.cause.kind, other.cause.thing, other.why)
        return bool(one.why) and same
    runs, others = set(one.flow_ids), set(other.flow_ids)
    return len(runs & others) >= SAME_RUNS * len(runs | others)


def _line(entry: Sequence[ReviewEntry], places: Places) -> str:
    one = entry[0]
    functions = sorted({places.name(other.cause.whose) for other in entry})
    what = dict.fromkeys(short(other.what) for other in entry if other.cause.whose == one.cause.whose)
    runs = f"{one.runs:,} of {one.of_runs:,} runs"
    if len(functions) > 1:
        runs = f"{sum(other.runs for other in entry):,} runs"
    why = f"; {one.why}" if one.why else ""
    when = span(min(other.first for other in entry), max(other.last for other in entry))
    return (
        f"{_named(functions)}: {_named(list(what))}, {runs}, {when} "
        f"(flow {in_terminal(one.function_flow_id)}, trace {in_terminal(one.application_flow_id)}){why}"
    )


def _named(words: Sequence[str]) -> str:
    more = f" and {len(words) - MOST_NAMED:,} more" if len(words) > MOST_NAMED else ""
    return ", ".join(short(word) for word in words[:MOST_NAMED]) + more
