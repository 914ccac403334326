"""Records a run: an application in the local cloud, its users, its attackers, and their telemetry."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from coldtrail_testbed.applications import find_application
from coldtrail_testbed.applications.model import Application
from coldtrail_testbed.attacks import find_attacks
from coldtrail_testbed.attacks.means import with_means
from coldtrail_testbed.attacks.plan import AttackPlan
from coldtrail_testbed.cloud.arrivals import Arrivals
from coldtrail_testbed.cloud.local_cloud import Infection, LocalCloud
from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.interrupts import uninterrupted
from coldtrail_testbed.recording import Recording

# All runs happen in 2026; the seed decides on which day they start.
_FIRST_DAY = datetime(2026, 1, 1, 6, tzinfo=UTC).timestamp()
_DAY_S = 86_400
_VERSIONED = ("moto", "awslambdaric", "aws-xray-sdk", "boto3", "coldtrail")

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class RunSummary:
    """What was recorded; `iterations` is smaller than asked for when the run was interrupted."""

    application: str
    iterations: int
    seed: int
    traces: int
    flows: int
    events: int
    functions: Mapping[str, int]
    attacks: Mapping[str, int]
    seconds: float
    output: Path
    interrupted: bool = False


def record(
    app: str,
    iterations: int,
    seed: int,
    attacks: Sequence[str],
    output: Path,
    *,
    attack_share: float = 0.1,
    progress: Progress | None = None,
) -> RunSummary:
    """The summary of a run of `iterations` users, recorded into the new folder `output`.

    `attacks` is `["none"]`, `["paper"]` or names; `progress(done, total, text)` is called after each user. An
    interrupt (Ctrl-C) ends the run early and leaves what was finished.
    """
    application = find_application(app)
    chosen = find_attacks(attacks, app)
    application = with_means(application, chosen)
    _check_numbers(iterations, attack_share)
    plan = AttackPlan(chosen, app, attack_share, seed)
    started = time.monotonic()
    with Recording(output, plan) as recording:
        done = _run(application, iterations, seed, plan, recording, progress)
        summary = RunSummary(
            application=app,
            iterations=done,
            seed=seed,
            traces=recording.traces,
            flows=recording.functions.total(),
            events=recording.events,
            functions=dict(sorted(recording.functions.items())),
            attacks={attack.name: recording.attacks[attack.name] for attack in chosen},
            seconds=time.monotonic() - started,
            output=output,
            interrupted=done < iterations,
        )
        with uninterrupted():
            recording.finish(_run_facts(summary, iterations, attack_share))
    return summary


def _check_numbers(iterations: int, attack_share: float) -> None:
    if iterations < 1:
        raise TestbedError(f"a run needs at least 1 iteration, not {iterations}")
    if not 0 <= attack_share <= 1:
        raise TestbedError(f"the attacked share must lie between 0 and 1, not at {attack_share:g}")


def _run(
    application: Application,
    iterations: int,
    seed: int,
    plan: AttackPlan,
    recording: Recording,
    progress: Progress | None,
) -> int:
    """The number of users that came and went."""
    done = 0
    start = _FIRST_DAY + seed % 365 * _DAY_S
    try:
        with LocalCloud(application, seed, start, infection=Infection(plan.functions, plan.choose)) as cloud:
            arrivals = Arrivals(application, seed, iterations, cloud.foundation, cloud.open_browser)
            arrivals.begin()
            while cloud.step():
                with uninterrupted():
                    for trace in cloud.take_traces():
                        recording.add(trace, cloud.attacked_flows)
                    came, done = done, arrivals.gone
                if progress and done > came:
                    progress(done, iterations, f"{recording.functions.total()} function flows")
    except KeyboardInterrupt:
        pass
    return done


def _run_facts(summary: RunSummary, iterations: int, attack_share: float) -> dict[str, Any]:
    return {
        "application": summary.application,
        "seed": summary.seed,
        "settings": {
            "iterations": iterations,
            "attacks": list(summary.attacks),
            "attack_share": attack_share,
        },
        "versions": {name: _version(name) for name in _VERSIONED},
        "counts": {
            "iterations": summary.iterations,
            "traces": summary.traces,
            "flows": summary.flows,
            "events": summary.events,
            "functions": summary.functions,
            "attacks": summary.attacks,
        },
        "interrupted": summary.interrupted,
        "durations": "modelled, not measured on AWS",
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
