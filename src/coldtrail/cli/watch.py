"""`coldtrail watch`."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from coldtrail.cli.options import add_live_config

_EXAMPLE = """\
example:
  coldtrail watch --config coldtrail.toml

Runs until it is told to stop (SIGTERM, Ctrl-C): it reads all [[source]]s, judges what is
complete, keeps what it finds, and tells the [[notify]] channels. Started again, it goes on
where it stopped, however it ended."""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the options of the verb."""
    parser.description = "The live service: reads what your account records, and tells what is strange once."
    parser.epilog = _EXAMPLE
    add_live_config(parser)
    parser.add_argument(
        "--until-done", action="store_true", help="end once the sources have nothing more, as score does"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the verb and returns the exit status."""
    from coldtrail.cli.saying import say
    from coldtrail.cli.screen import print_losses, print_warnings
    from coldtrail.service.logs import Log
    from coldtrail.service.settings import load_live_settings
    from coldtrail.verbs.watching import watch

    settings = load_live_settings(options.config)
    with _told_to_stop() as stopping:
        log = None if options.until_done else Log(sys.stderr)
        summary = watch(settings, stopping, until_done=options.until_done, log=log)
    print_losses(summary.tally.sentences())
    print_warnings(summary.notes)
    counts = summary.tally.counts
    say(
        f"stopped: {counts['documents parsed']:,} documents read, {counts['flows scored']:,} flows judged; "
        f"{summary.alerts:,} alerts are open, in {summary.cases:,} cases."
    )
    return 0


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """What is set once the process is told to end; then, it ends in an orderly way."""
    stopping = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, lambda *_: stopping.set())
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
