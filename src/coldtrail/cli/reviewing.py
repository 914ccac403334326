"""What training shows a person of what is rare: what is held back, and what is worth a look."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from coldtrail.amounts import counted, moment
from coldtrail.learning.review import Finding
from coldtrail.phrases import plain, short

MOST_SHOWN = 12


def print_review(found: Sequence[Finding], bundle: str, screen: Console) -> None:
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
        example = f'{{"function_flow_id": "{plain(found[0].function_flow_id)}", "verdict": "{verdict}"}}'
        screen.print(f"  {example}", markup=False)
        command = f"coldtrail update --bundle {bundle} --feedback said.jsonl --output {bundle}"
        screen.print(f"  {command}", markup=False)


def _print(title: str, found: Sequence[Finding], screen: Console) -> None:
    if found:
        screen.print(title)
    for one in found[:MOST_SHOWN]:
        screen.print(f"  {_line(one)}", markup=False)
    if len(found) > MOST_SHOWN:
        screen.print(
            f"  and {counted(len(found) - MOST_SHOWN, 'more entry', 'more entries')} (--json lists all)"
        )


def _line(one: Finding) -> str:
    when = moment(one.first) if one.runs == 1 else f"{moment(one.first)} to {moment(one.last)}"
    why = f"; {one.why}" if one.why else ""
    return (
        f"{short(one.cause.function_name)}: {short(one.what)}, {one.runs:,} of {one.of_runs:,} runs, "
        f"{when} UTC (flow {plain(one.function_flow_id)}, trace {plain(one.application_flow_id)}){why}"
    )
