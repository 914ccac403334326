"""`coldtrail inspect`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from coldtrail.cli.options import add_config, add_format, add_json, settings_of
from coldtrail.records.tally import UNKNOWN

if TYPE_CHECKING:
    from rich.table import Table

    from coldtrail.verbs.inspecting import Inspection, SeenFormat

_EXAMPLE = """\
example:
  coldtrail inspect traces/ --flows

Telemetry of all formats may lie in one folder. Each function gets a score of coverage, from
0 to 100, and what would raise it, with the command; the commands are only shown."""
_FEW_FLOWS, _MOST_PLACES, _MOST_UNRECORDED = 60, 5, 12
_LONG_ID = 36
"""Characters of a UUID."""
_WIDE = 120
"""Columns that give accounts and regions room of their own."""
_LONGEST = 1_000
"""A longer list of names is cut in its middle, in characters."""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the options of the verb."""
    parser.description = "What is in this telemetry: formats, functions, flows, gaps, sampling, coverage."
    parser.epilog = _EXAMPLE
    parser.add_argument("path", nargs="+", metavar="PATH", help="files or folders, plain, .gz or .zst, or -")
    parser.add_argument("--flows", action="store_true", help="list every invocation (few are always listed)")
    add_format(parser)
    add_config(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the verb and returns the exit status."""
    from coldtrail.cli.beside import told_beside, what_is_lacking
    from coldtrail.cli.coverage import print_coverage, print_place
    from coldtrail.cli.screen import output, print_json, print_losses, progress
    from coldtrail.verbs.inspecting import inspect

    with progress() as tell:
        found = inspect(options.path, format=options.format, settings=settings_of(options), progress=tell)
    if options.json:
        print_json(found)
        return 0
    print_losses([*_where_refused(found), *found.other_losses])
    screen = output()
    if found.quiet:
        screen.print(found.quiet, markup=False)
        return 0
    screen.print(_head(found))
    for line in _left_out(found):
        screen.print(line, markup=False)
    print_place(screen, found)
    for line in told_beside(found.beside):
        screen.print(line, markup=False)
    is_wide = screen.width >= _WIDE
    if found.flows:
        screen.print(_functions(found, is_wide))
    if 0 < found.flows <= _FEW_FLOWS or (options.flows and found.flows):
        screen.print(_flows(found, is_wide))
        if len(found.invocations) < found.flows:
            screen.print(f"The first {len(found.invocations):,} invocations are listed.")
    elif found.flows:
        screen.print(f"{found.flows:,} invocations; --flows lists them.")
    for gap in _gaps(found):
        screen.print(f"Gap: {gap}", markup=False)
    if found.flows:
        screen.print(f"Sampling: {found.sampling}{_uncounted(found)}")
    print_coverage(screen, found)
    lacking = what_is_lacking(found)
    if lacking:
        screen.print(lacking)
    return 0


def _uncounted(found: Inspection) -> str:
    """What cannot be told of sampling, where nobody counts what ran."""
    from coldtrail.alerts.wording.amounts import counted

    nobody = [one for one in found.coverage if one.flows and one.invocations is None]
    if not nobody:
        return ""
    counts = len(nobody) < len(found.coverage)
    whose = f" of {counted(len(nobody), 'function')} that nobody counts" if counts else ""
    return f" How much was sampled away{whose} cannot be told: metrics or reports would count it."


def _head(found: Inspection) -> str:
    """What was read, and what it gives, in numbers that add up."""
    from coldtrail.alerts.wording.amounts import counted

    formats = ", ".join(_format(name, one) for name, one in found.formats.items())
    read = f"{counted(found.documents, 'document')} ({formats})"
    if not found.flows:
        return f"{read}: no run of a function."
    flows, functions = counted(found.flows, "function flow"), counted(len(found.functions), "function")
    events = counted(found.events, "event")
    traces = f"{counted(found.traces, 'trace')}, " if found.traces else ""
    return f"{read}: {traces}{flows} of {functions}, {events}."


def _format(name: str, one: SeenFormat) -> str:
    """`12 xray`, and what else became of documents of the format."""
    kinds = ((one.refused, "refused"), (one.repeated, "repeated"))
    more = [f"{number:,} {what}" for number, what in kinds if number]
    if name == UNKNOWN:
        return f"{' and '.join(more)} as no known format"
    return " and ".join([f"{one.read:,} {name}", *more])


def _gaps(found: Inspection) -> Iterator[str]:
    """What is missing; what to do about functions without a record stands among what is to do."""
    from coldtrail.alerts.showing.plain import short
    from coldtrail.alerts.wording.amounts import in_words
    from coldtrail.verbs.untraced import REMEDY

    yield from (gap for gap in found.gaps if REMEDY not in gap)
    names = [f"{short(name)} ({short(often)})" for name, often in found.unrecorded.items()]
    if names:
        yield f"invoked without a record of their own: {in_words(names, _MOST_UNRECORDED)}."


def _where_refused(found: Inspection) -> Iterator[str]:
    """The first place of each reason, which `_left_out` tells."""
    for why, place in list(found.first_refused.items())[:_MOST_PLACES]:
        more = found.refused[why] - 1
        yield f"{place}: refused, as told below{f' (and {more:,} more for this reason)' if more else ''}."


def _left_out(found: Inspection) -> list[str]:
    """What was not read: refused documents by the reason, and files by their suffix."""
    from coldtrail.alerts.wording.amounts import counted

    lines = [f"Refused: {counted(number, 'document')}: {why}" for why, number in found.refused.items()]
    if found.passed_over:
        files = counted(sum(found.passed_over.values()), "file")
        by_suffix = ", ".join(f"{number:,} {suffix}" for suffix, number in found.passed_over.items())
        lines.append(f"Passed over: {files}, no telemetry by their names ({by_suffix}).")
    return lines


def _functions(found: Inspection, is_wide: bool) -> Table:
    from rich import box
    from rich.table import Table

    from coldtrail.alerts.places import Places
    from coldtrail.alerts.showing.terminal import cell

    places = Places(one.key for one in found.functions)
    table = Table(box=box.SIMPLE)
    for name in places.columns if is_wide else ():
        table.add_column(name, overflow="fold")
    table.add_column("Application", overflow="fold")
    table.add_column("Function", overflow="fold", min_width=16)
    for name in ("Flows", "Events", "Cold", "Errors"):
        table.add_column(name, justify="right")
    table.add_column("Triggered by", overflow="fold")
    for one in found.functions:
        numbers = (one.flows, one.events, one.cold_starts, one.errors)
        table.add_row(
            *map(cell, places.cells(one.key) if is_wide else ()),
            cell(one.application_name),
            cell(one.function_name if is_wide else places.name(one.key)),
            *(f"{number:,}" for number in numbers),
            cell(", ".join(one.triggers), longest=_LONGEST),
        )
    return table


def _flows(found: Inspection, is_wide: bool) -> Table:
    from rich import box
    from rich.table import Table

    from coldtrail.alerts.places import Places
    from coldtrail.alerts.showing.terminal import cell
    from coldtrail.alerts.wording.amounts import duration, moment
    from coldtrail.alerts.wording.phrases import collapsed

    places = Places(one.key for one in found.functions)
    table = Table(box=box.SIMPLE)
    table.add_column("Flow", overflow="fold", max_width=_LONG_ID)
    for name in places.columns if is_wide else ():
        table.add_column(name, overflow="fold")
    table.add_column("Function", overflow="fold", min_width=16)
    table.add_column("Start (UTC)", no_wrap=True)
    table.add_column("Took", justify="right", no_wrap=True)
    table.add_column("Events", overflow="fold", min_width=28)
    for one in found.invocations:
        marks = [mark for mark, on in (("cold", one.cold_start), ("error", one.error)) if on]
        if not one.traced:
            marks.append(f"{' and '.join(one.witnesses)} alone")
        elif not one.complete:
            marks.append("outside any run" if one.outside else "open or cut")
        noted = f" [{', '.join(marks)}]" if marks else ""
        table.add_row(
            cell(one.function_flow_id),
            *map(cell, places.cells(one.key) if is_wide else ()),
            cell(one.function_name if is_wide else places.name(one.key)),
            moment(one.start_time),
            duration(one.duration),
            cell(" ".join(collapsed(one.events)) + noted, longest=_LONGEST),
        )
    return table
