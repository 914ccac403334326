"""`coldtrail flows`."""

from __future__ import annotations

import argparse

from coldtrail.cli.options import a_path, add_config, add_format, add_json, settings_of

_EXAMPLE = """\
example:
  coldtrail flows traces/ --output flows.jsonl

Each line is one invocation of a function as it was read: who it is, its steps with their
times and targets, what triggered it, and the formats that told of it."""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the options of the verb."""
    parser.description = "Write what was read: one JSON line a function flow, in the order of their start."
    parser.epilog = _EXAMPLE
    parser.add_argument("path", nargs="+", metavar="PATH", help="files or folders, plain, .gz or .zst, or -")
    parser.add_argument(
        "--output", required=True, type=a_path, metavar="FILE", help="flows, JSON lines; - prints them"
    )
    add_format(parser)
    add_config(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the verb and returns the exit status."""
    from coldtrail.alerts.wording.amounts import counted
    from coldtrail.cli.screen import output, print_json, print_losses, print_warnings, progress
    from coldtrail.store.destinations import is_standard_output
    from coldtrail.verbs.flowing import flows
    from coldtrail.verbs.reading import of_a_quiet_hour

    with progress() as tell:
        found = flows(
            options.path,
            options.output,
            format=options.format,
            settings=settings_of(options),
            progress=tell,
        )
    losses = found.tally.sentences()
    print_losses(losses)
    print_warnings(found.notes)
    aside = is_standard_output(options.output)
    if options.json:
        counts = dict(found.tally.counts)
        told = {"flows": found.flows, "functions": found.functions, "counts": counts, "losses": losses}
        told["gaps"] = found.gaps
        print_json(told, on_stderr=aside)
        return 0
    screen = output(on_stderr=aside)
    if found.flows:
        screen.print(f"{counted(found.flows, 'flow')} of {counted(found.functions, 'function')}.")
    elif found.tally.is_quiet:
        screen.print(of_a_quiet_hour(found.tally))
    else:
        read = found.tally.counts["documents parsed"]
        what = "which hold no function flow; `coldtrail inspect` tells what they hold, and what to do"
        screen.print(f"{counted(read, 'document')} read, repeats included, {what}.")
    for gap in found.gaps:
        screen.print(f"Gap: {gap}", markup=False)
    if not aside:
        screen.print(f"Written: {options.output}", markup=False)
    return 0
