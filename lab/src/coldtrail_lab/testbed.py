"""`coldtrail testbed`: real handlers, users and attackers on this machine."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coldtrail.cli.options import add_json
from coldtrail.errors import ColdtrailError, ConfigError

if TYPE_CHECKING:
    from coldtrail_testbed.recorder import RunSummary

_EXAMPLE = """\
examples:
  coldtrail testbed list
  coldtrail testbed record --app airline --iterations 800 --seed 1 --attacks paper --output run
  coldtrail testbed record --app vod --attacks drip_leak,mining --look-alikes sale_day --output run
  coldtrail testbed record --app airline --iterations 300 --days 14 --attacks account --output run

An iteration is one user's visit. The output folder holds traces.jsonl.gz (X-Ray, one trace
a line), labels.jsonl (the attacked flows), incidents.jsonl (the attacks) and run.json (how it was made);
--telemetry adds the same run in other formats. Numbers of visits are the paper's where none is given."""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the verbs of the testbed."""
    parser.description = "Run real Lambda handlers, their users and their attackers on this machine."
    parser.epilog = _EXAMPLE
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    _add_record(verbs)
    shown = verbs.add_parser(
        "list",
        help="the applications, attacks, look-alikes and formats",
        description="List the applications, the attacks, the benign look-alikes and the formats.",
        epilog="example:\n  coldtrail testbed list --json",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_json(shown)
    shown.set_defaults(run=_list)


def _add_record(verbs: Any) -> None:
    record = verbs.add_parser(
        "record",
        help="record a run: traces and labels",
        description="Record a run: traces and labels.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = record.add_argument
    add("--app", required=True, metavar="NAME", help="the application: airline or vod")
    add("--iterations", type=int, metavar="N", help="visits of users (default: the paper's, 800 or 3000)")
    add("--seed", type=int, default=1, metavar="N", help="the same seed, the same run (default 1)")
    add("--attacks", default="paper", metavar="NAMES", help="groups or names of attacks (default paper)")
    add("--functions", default="", metavar="NAMES", help="attack these functions only")
    add("--share", type=float, default=0.1, metavar="SHARE", help="of attacked functions' runs (default 0.1)")
    add("--look-alikes", default="none", metavar="NAMES", help="benign changes: none, all, account, or names")
    add(
        "--days",
        type=float,
        metavar="N",
        help="spread the visits over so many days (default: the paper's pace)",
    )
    add("--first-day", type=date.fromisoformat, metavar="DATE", help="as 2026-03-02 (default: by the seed)")
    add("--telemetry", default="xray", metavar="NAMES", help="formats besides X-Ray's: all, or names")
    add("--output", required=True, type=Path, metavar="DIR", help="a new folder")
    add_json(record)
    record.set_defaults(run=_record)


def record_run(
    app: str, iterations: int | None, seed: int, attacks: Sequence[str], folder: Path, **options: Any
) -> RunSummary:
    """The summary of a run recorded with a progress bar; errors of the testbed become Coldtrail's own.

    `options` are those of `coldtrail_testbed.recorder.record`.
    """
    from coldtrail.cli.screen import progress
    from coldtrail_testbed.errors import RunFailedError, TestbedError
    from coldtrail_testbed.recorder import record

    try:
        with progress() as tell:
            return record(
                app,
                iterations,
                seed,
                attacks,
                folder,
                progress=lambda done, total, what: tell(f"recording: {what}", done, total),
                **options,
            )
    except RunFailedError as error:
        raise ColdtrailError(_sentence(str(error))) from None
    except TestbedError as error:
        raise ConfigError(_sentence(str(error))) from None
    except OSError as error:
        raise ColdtrailError(f"{folder}: the run cannot be recorded: {error.strerror}.") from None


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _record(options: argparse.Namespace) -> int:
    """The exit status."""
    from coldtrail.bundle.manifest import check_outside
    from coldtrail.cli.screen import output, print_json
    from coldtrail_lab.recorded import plain_summary, print_summary

    check_outside(options.output)
    summary = record_run(
        options.app,
        options.iterations,
        options.seed,
        _names(options.attacks),
        options.output,
        attack_share=options.share,
        functions=_names(options.functions),
        look_alikes=_names(options.look_alikes),
        telemetry=_names(options.telemetry),
        days=options.days,
        first_day=options.first_day,
    )
    if options.json:
        print_json(plain_summary(summary))
    else:
        print_summary(output(), summary)
    return 0


def _list(options: argparse.Namespace) -> int:
    """The exit status."""
    from coldtrail.cli.screen import output, print_json
    from coldtrail_lab.catalogue import print_catalogue
    from coldtrail_testbed.catalogue import catalogue

    if options.json:
        print_json(catalogue())
    else:
        print_catalogue(output(), catalogue())
    return 0
