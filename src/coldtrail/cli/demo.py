"""`coldtrail demo`: real handlers run, are attacked, and are found out, in under two minutes."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from coldtrail.cli.testbed import MISSING
from coldtrail.errors import ColdtrailError, ConfigError

if TYPE_CHECKING:
    from rich.console import Console

    from coldtrail.learning.evaluate import Evaluation
    from coldtrail.verbs.scoring import ScoreSummary
    from coldtrail.verbs.training import TrainSummary
    from coldtrail_testbed.recorder import RunSummary

APPLICATION = "airline"
ATTACKS = ("data_leakage", "longer_run", "changed_order")
_QUIET_SEED, _ATTACK_SEED = 11, 12
_SETTINGS = """\
# Which application a function belongs to, where its name does not say.
[[applications.rules]]
functions = ".+"
application = "airline"
"""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the options of the verb."""
    parser.description = "See Coldtrail work: real handlers, learning, an attack, and alerts explained."
    parser.epilog = "example:\n  coldtrail demo --output demo-output"
    parser.add_argument(
        "--output", type=Path, default=Path("demo-output"), metavar="DIR", help="default demo-output"
    )
    parser.add_argument("--quiet-visits", type=int, default=60, metavar="N", help="before the attack (60)")
    parser.add_argument("--visits", type=int, default=100, metavar="N", help="while attacked (100)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """The exit status: 0 only if every kind of attack that was made was found."""
    return 0 if demo(options.output, quiet_visits=options.quiet_visits, visits=options.visits) else 1


def demo(output: str | Path = "demo-output", *, quiet_visits: int = 60, visits: int = 100) -> bool:
    """Whether every kind of attack that was made was found; tells what happens on standard output.

    The folder then holds both runs, the bundle, the verdicts and the report.
    """
    try:
        from coldtrail_testbed.errors import TestbedError
        from coldtrail_testbed.recorded import recorded_run
        from coldtrail_testbed.recorder import record
    except ModuleNotFoundError:
        raise ConfigError(MISSING) from None

    from coldtrail.cli.screen import output as new_screen
    from coldtrail.cli.screen import print_losses, progress
    from coldtrail.config import load_settings
    from coldtrail.reports.table import print_alerts
    from coldtrail.verbs.evaluating import evaluate
    from coldtrail.verbs.scoring import score
    from coldtrail.verbs.training import train

    started = time.monotonic()
    folder = Path(output)
    _clear(folder)
    settings = folder / "coldtrail.toml"
    settings.write_text(_SETTINGS, encoding="utf-8")
    screen = new_screen()
    try:
        _step(screen, 1, "Real Lambda handlers of an airline application serve their users.")
        with progress() as tell:
            quiet = record(
                APPLICATION,
                quiet_visits,
                _QUIET_SEED,
                ["none"],
                folder / "quiet",
                progress=lambda done, total, what: tell(f"visits: {what}", done, total),
            )
        _told(screen, quiet)
        _check_whole(quiet)

        _step(screen, 2, "Coldtrail learns how each function behaves, from these traces and a recorded run.")
        trained = train(
            [folder / "quiet", recorded_run(f"{APPLICATION}-benign")],
            folder / "bundle",
            settings=load_settings(settings),
        )
        screen.print(_learned(trained), highlight=False)

        _step(screen, 3, f"The same handlers, some runs compromised: {', '.join(ATTACKS)}.")
        with progress() as tell:
            attacked = record(
                APPLICATION,
                visits,
                _ATTACK_SEED,
                list(ATTACKS),
                folder / "attacked",
                progress=lambda done, total, what: tell(f"visits: {what}", done, total),
            )
        _told(screen, attacked)
        _check_whole(attacked)
    except TestbedError as error:
        raise ColdtrailError(f"The testbed failed: {error}") from None

    _step(screen, 4, "Coldtrail judges the new traces; the labels stay closed.")
    verdicts, report = folder / "verdicts.jsonl", folder / "report.html"
    scored = score(folder / "bundle", [folder / "attacked"], verdicts, report=report)
    print_losses(scored.ledger.sentences())
    print_alerts(scored.alerts, screen, limit=12, explained=3)

    evaluation = evaluate(verdicts, folder / "attacked" / "labels.jsonl")
    _step(screen, 5, "The labels are opened.")
    _print_summary(screen, trained, scored, evaluation, time.monotonic() - started)
    screen.print(f"Report: {report} (open it in a browser)", markup=False)
    return _all_found(evaluation)


def _check_whole(run: RunSummary) -> None:
    """An interrupt ends a recording in good order; it must end the demo as well."""
    if run.interrupted:
        raise KeyboardInterrupt


def _clear(folder: Path) -> None:
    """Makes room for the demo's own files; a folder with anything else in it is refused."""
    import shutil

    own = {"quiet", "attacked", "bundle", "verdicts.jsonl", "report.html", "coldtrail.toml"}
    if folder.exists():
        others = sorted(path.name for path in folder.iterdir() if path.name not in own)
        if others:
            raise ConfigError(
                f"{folder}: holds {others[0]!r}, which is not the demo's; choose another --output."
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True)


def _step(screen: Console, number: int, text: str) -> None:
    screen.print(f"\n[bold]{number}. {text}[/bold]")


def _told(screen: Console, run: RunSummary) -> None:
    screen.print(
        f"   {run.iterations:,} visits, {run.flows:,} function flows of {len(run.functions)} functions "
        f"in {run.seconds:.0f} s."
    )


def _learned(trained: TrainSummary) -> str:
    functions = len(trained.manifest.functions)
    return f"   {trained.training.flows:,} flows of {functions} functions learned in {trained.seconds:.1f} s."


def _all_found(evaluation: Evaluation) -> bool:
    made = [evaluation.attacks.get(attack) for attack in ATTACKS]
    return all(result is not None and result.found > 0 for result in made)


def _print_summary(
    screen: Console,
    trained: TrainSummary,
    scored: ScoreSummary,
    evaluation: Evaluation,
    seconds: float,
) -> None:
    rows: Sequence[tuple[str, str]] = [
        ("Flows learned", f"{trained.training.flows:,}"),
        ("Flows judged", f"{scored.flows:,}"),
        *[
            (f"Attack {name}", f"{result.found} of {result.flows} found")
            for name, result in evaluation.attacks.items()
        ],
        ("False alarms", f"{evaluation.false_positives} ({evaluation.fpr or 0.0:.2%} of benign flows)"),
        ("Not ready", f"{evaluation.not_ready} flows of functions with too little history"),
        ("Seconds", f"{seconds:.0f}"),
    ]
    for name, value in rows:
        screen.print(f"   {name:24} {value}", highlight=False)
