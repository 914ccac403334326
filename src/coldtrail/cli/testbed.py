"""`coldtrail testbed`: real handlers, users and attackers on this machine."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from coldtrail.cli.options import add_json
from coldtrail.errors import ColdtrailError, ConfigError

if TYPE_CHECKING:
    from coldtrail_testbed.recorder import RunSummary

_EXAMPLE = """\
example:
  coldtrail testbed record --app airline --iterations 800 --seed 1 --attacks paper --output run

An iteration is one user's visit. The output folder holds traces.jsonl.gz (X-Ray, one trace
a line), labels.jsonl (the attacked flows) and run.json (how it was made)."""

MISSING = 'The testbed is not installed; `pip install "coldtrail[testbed]"` brings it.'


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the verbs of the testbed."""
    parser.description = "Run real Lambda handlers, their users and their attackers on this machine."
    parser.epilog = _EXAMPLE
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    record = verbs.add_parser(
        "record",
        help="record a run: traces and labels",
        description="Record a run: traces and labels.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    record.add_argument("--app", required=True, metavar="NAME", help="the application, such as airline")
    record.add_argument("--iterations", required=True, type=int, metavar="N", help="visits of users")
    record.add_argument("--seed", required=True, type=int, metavar="N", help="the same seed, the same run")
    record.add_argument("--attacks", default="none", metavar="NAMES", help="none, paper, or NAME[,NAME...]")
    record.add_argument("--output", required=True, type=Path, metavar="DIR", help="a new folder")
    record.add_argument(
        "--share", type=float, default=0.1, metavar="SHARE", help="of attacked functions' runs (default 0.1)"
    )
    add_json(record)
    record.set_defaults(run=_record)


def require_testbed() -> None:
    """Nothing; raises `ConfigError` without the extra `testbed`: to be asked before long work."""
    try:
        import coldtrail_testbed.recorder  # noqa: F401
    except ModuleNotFoundError:
        raise ConfigError(MISSING) from None


def record_run(
    app: str, iterations: int, seed: int, attacks: Sequence[str], folder: Path, share: float = 0.1
) -> RunSummary:
    """The summary of a run recorded with a progress bar; errors of the testbed become Coldtrail's own."""
    require_testbed()

    from coldtrail.cli.screen import progress
    from coldtrail_testbed.errors import TestbedError
    from coldtrail_testbed.recorder import record

    try:
        with progress() as tell:
            return record(
                app,
                iterations,
                seed,
                attacks,
                folder,
                attack_share=share,
                progress=lambda done, total, what: tell(f"recording: {what}", done, total),
            )
    except TestbedError as error:
        raise ConfigError(_sentence(str(error))) from None
    except OSError as error:
        raise ColdtrailError(f"{folder}: the run cannot be recorded: {error.strerror}.") from None


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _record(options: argparse.Namespace) -> int:
    """The exit status."""
    from coldtrail.cli.screen import output, print_json

    attacks = options.attacks.split(",")
    summary = record_run(
        options.app, options.iterations, options.seed, attacks, options.output, options.share
    )
    if options.json:
        print_json(_plain(summary))
        return 0
    screen = output()
    ended = " (interrupted)" if summary.interrupted else ""
    screen.print(
        f"Recorded {summary.iterations:,} visits{ended} in {summary.seconds:.1f} s: "
        f"{summary.traces:,} traces, {summary.flows:,} function flows "
        f"of {len(summary.functions)} functions, {summary.events:,} events."
    )
    for kind, number in summary.attacks.items():
        screen.print(f"Attack {kind}: {number:,} flows")
    screen.print(f"Run: {summary.output}", markup=False)
    return 0


def _plain(summary: RunSummary) -> dict[str, object]:
    return {
        "application": summary.application,
        "iterations": summary.iterations,
        "seed": summary.seed,
        "traces": summary.traces,
        "flows": summary.flows,
        "events": summary.events,
        "functions": dict(summary.functions),
        "attacks": dict(summary.attacks),
        "seconds": round(summary.seconds, 3),
        "output": str(summary.output),
        "interrupted": summary.interrupted,
    }
