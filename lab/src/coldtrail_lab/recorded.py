"""What is said of a recorded run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from coldtrail_testbed.recorder import RunSummary


def plain_summary(summary: RunSummary) -> dict[str, Any]:
    """The summary as JSON tells it."""
    return {
        "application": summary.application,
        "iterations": summary.iterations,
        "seed": summary.seed,
        "traces": summary.traces,
        "flows": summary.flows,
        "events": summary.events,
        "functions": dict(summary.functions),
        "attacks": dict(summary.attacks),
        "attack_calls": dict(summary.attack_calls),
        "look_alikes": dict(summary.look_alikes),
        "telemetry": dict(summary.telemetry),
        "virtual_seconds": round(summary.virtual_seconds, 3),
        "seconds": round(summary.seconds, 3),
        "output": str(summary.output),
        "interrupted": summary.interrupted,
    }


def print_summary(screen: Console, summary: RunSummary) -> None:
    """Prints what was recorded: one sentence, then a table a kind of count."""
    screen.print(_sentence(summary))
    _print_counts(screen, "function", "flows", summary.functions)
    _print_counts(screen, "attack", "flows", summary.attacks)
    _print_counts(screen, "attack from outside", "calls", summary.attack_calls)
    _print_counts(screen, "benign look-alike", "flows", summary.look_alikes)
    _print_counts(screen, "file", "lines", summary.telemetry)
    screen.print(f"Run: {summary.output}", markup=False)


def _sentence(summary: RunSummary) -> str:
    ended = " (interrupted)" if summary.interrupted else ""
    hours = summary.virtual_seconds / 3600
    return (
        f"Recorded {summary.iterations:,} visits{ended} in {summary.seconds:.1f} s, {hours:.1f} hours of "
        f"virtual time: {summary.traces:,} traces, {summary.flows:,} function flows of "
        f"{len(summary.functions)} functions, {summary.events:,} events."
    )


def _print_counts(screen: Console, kind: str, what: str, counts: Mapping[str, int]) -> None:
    if not counts:
        return
    table = Table(kind, box=box.SIMPLE_HEAD)
    table.add_column(what, justify="right")
    for name, number in counts.items():
        table.add_row(name, f"{number:,}")
    screen.print(table)
