"""`coldtrail demo`: real handlers run, are attacked, and are found out, in under two minutes."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from coldtrail.cli.options import add_json
from coldtrail.errors import ConfigError
from coldtrail_lab.testbed import record_run

if TYPE_CHECKING:
    from rich.console import Console

    from coldtrail.learning.evaluate import Evaluation
    from coldtrail.records.case import Case
    from coldtrail.verbs.scoring import ScoreSummary
    from coldtrail.verbs.training import TrainSummary

APPLICATION = "airline"
ATTACKS = ("data_leakage", "longer_run", "changed_order", "lookalike_bucket")
"""They show in traces."""
FROM_OUTSIDE = ("stolen_credentials",)
"""It shows in the audit log alone, and is of the function whose uploads the last of the others diverts."""
_WITNESSES = ("xray", "cloudtrail")
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
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """The exit status: 0 only if every kind of attack that was made was found, and the case that joins two
    witnesses."""
    from coldtrail.cli.screen import output, print_json

    screen = output(on_stderr=options.json)
    outcome = _demonstrated(screen, options.output, options.quiet_visits, options.visits)
    if options.json:
        print_json(_plain(outcome))
    return 0 if _succeeded(outcome) else 1


class _Outcome(NamedTuple):
    trained: TrainSummary
    scored: ScoreSummary
    evaluation: Evaluation
    report: Path
    seconds: float


def demo(output: str | Path = "demo-output", *, quiet_visits: int = 60, visits: int = 100) -> bool:
    """Whether every kind of attack that was made was found; tells what happens on standard output.

    The folder then holds both runs, the bundle, the verdicts and the report.
    """
    from coldtrail.cli.screen import output as new_screen

    return _succeeded(_demonstrated(new_screen(), Path(output), quiet_visits, visits))


def _demonstrated(screen: Console, folder: Path, quiet_visits: int, visits: int) -> _Outcome:
    from coldtrail.cli.screen import print_losses
    from coldtrail.reports.table import print_alerts
    from coldtrail.verbs.evaluating import evaluate
    from coldtrail.verbs.scoring import score

    started = time.monotonic()
    if min(quiet_visits, visits) < 1:
        raise ConfigError("The demo needs visits: --quiet-visits and --visits must be at least 1.")
    clear(folder)

    _step(screen, 1, "Real Lambda handlers of an airline application serve their users.")
    _recorded(screen, quiet_visits, _QUIET_SEED, ["none"], folder / "quiet")

    _step(screen, 2, "Coldtrail learns how each function behaves, from these traces and a recorded run.")
    trained = _trained(folder)
    screen.print(_learned(trained), highlight=False)

    _step(screen, 3, f"The same handlers, some runs compromised: {', '.join((*ATTACKS, *FROM_OUTSIDE))}.")
    _recorded(screen, visits, _ATTACK_SEED, (*ATTACKS, *FROM_OUTSIDE), folder / "attacked")

    _step(screen, 4, "Coldtrail judges the new traces and the audit log; the labels stay closed.")
    verdicts, report = folder / "verdicts.jsonl", folder / "report.html"
    scored = score(folder / "bundle", [folder / "attacked"], verdicts, report=report)
    print_losses(scored.tally.sentences())
    print_alerts(scored.alerts, screen, limit=12, explained=3)

    _step(screen, 5, "The labels are opened.")
    evaluation = evaluate(verdicts, folder / "attacked" / "labels.jsonl")
    outcome = _Outcome(trained, scored, evaluation, report, time.monotonic() - started)
    _print_summary(screen, outcome)
    _print_joined(screen, outcome)
    return outcome


def joined(cases: Sequence[Case]) -> Case | None:
    """The first case that joins what traces show with what the audit log shows of stolen credentials."""
    for case in cases:
        if {"sequence", "credentials"} <= {member.detector for member in case.members}:
            return case
    return None


def _print_joined(screen: Console, outcome: _Outcome) -> None:
    from coldtrail.reports.case_table import print_cases

    case = joined(outcome.scored.cases)
    _step(screen, 6, "One case joins what the traces and what the audit log show of one function.")
    if case is None:
        screen.print("   No case does.", highlight=False)
    else:
        print_cases([case], screen)


def _recorded(screen: Console, visits: int, seed: int, attacks: Sequence[str], folder: Path) -> None:
    run = record_run(APPLICATION, visits, seed, attacks, folder, telemetry=_WITNESSES)
    if run.interrupted:  # what was recorded is in good order, but the demo is over
        raise KeyboardInterrupt
    screen.print(
        f"   {run.iterations:,} visits, {run.flows:,} function flows of {len(run.functions)} functions "
        f"in {run.seconds:.0f} s."
    )


def _trained(folder: Path) -> TrainSummary:
    from coldtrail.config import load_settings
    from coldtrail.verbs.training import train
    from coldtrail_testbed.recorded import recorded_run

    settings = folder / "coldtrail.toml"
    settings.write_text(_SETTINGS, encoding="utf-8")
    history = [folder / "quiet", recorded_run(f"{APPLICATION}-benign")]
    return train(history, folder / "bundle", settings=load_settings(settings))


def clear(folder: Path) -> None:
    """Makes room for the demo's files, and removes those of an earlier one, even one that was killed.

    Raises `ConfigError` for a folder that holds anything else.
    """
    import shutil

    from coldtrail.bundle.manifest import check_outside

    check_outside(folder)
    own = {"quiet", "attacked", "bundle", "bundle.key", "verdicts.jsonl", "report.html", "coldtrail.toml"}
    own |= {".quiet.partial", ".attacked.partial"}
    if folder.exists():
        others = sorted(path.name for path in folder.iterdir() if path.name not in own)
        if others:
            raise ConfigError(
                f"{folder}: holds {others[0]!r}, which is not the demo's; choose another --output."
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True)


def _step(screen: Console, number: int, text: str) -> None:
    screen.print()
    screen.print(f"{number}. {text}", style="bold")


def _learned(trained: TrainSummary) -> str:
    functions = len(trained.manifest.functions)
    return f"   {trained.training.flows:,} flows of {functions} functions learned in {trained.seconds:.1f} s."


def all_found(evaluation: Evaluation) -> bool:
    """Whether at least one run of each kind of attack that was made was found."""
    made = evaluation.attacks.values()
    return bool(made) and all(result.found > 0 for result in made)


def _succeeded(outcome: _Outcome) -> bool:
    return all_found(outcome.evaluation) and joined(outcome.scored.cases) is not None


def _print_summary(screen: Console, outcome: _Outcome) -> None:
    evaluation = outcome.evaluation
    rows: Sequence[tuple[str, str]] = [
        ("Flows learned", f"{outcome.trained.training.flows:,}"),
        ("Flows judged", f"{outcome.scored.flows:,}"),
        *[
            (f"Attack {name}", f"{result.found} of {result.flows} found")
            for name, result in evaluation.attacks.items()
        ],
        ("False alarms", f"{evaluation.false_positives} ({evaluation.fpr or 0.0:.2%} of benign flows)"),
        ("Not ready", f"{evaluation.not_ready} flows of functions with too little history"),
        ("Seconds", f"{outcome.seconds:.0f}"),
    ]
    for name, value in rows:
        screen.print(f"   {name:24} {value}", highlight=False)
    screen.print(f"Report: {outcome.report} (open it in a browser)", markup=False)


def _plain(outcome: _Outcome) -> dict[str, object]:
    from coldtrail.reports.alert_lines import line_of

    return {
        "flows_learned": outcome.trained.training.flows,
        "alerts": [line_of(alert) for alert in outcome.scored.alerts],
        "evaluation": outcome.evaluation,
        "cases": outcome.scored.cases,
        "all_found": _succeeded(outcome),
        "report": str(outcome.report),
        "seconds": round(outcome.seconds, 3),
    }
