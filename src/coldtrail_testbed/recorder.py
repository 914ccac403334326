"""Records a run: an application in the local cloud, its users, its attackers, and their telemetry."""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from math import isfinite
from pathlib import Path
from typing import Any

from coldtrail_testbed.applications import find_application
from coldtrail_testbed.applications.model import Application
from coldtrail_testbed.attacks import find_attacks
from coldtrail_testbed.attacks.model import Attack
from coldtrail_testbed.attacks.plan import AttackPlan
from coldtrail_testbed.cloud.local_cloud import Infection, LocalCloud
from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.full_disk import telling_of_full_disk
from coldtrail_testbed.held_facts import HeldFacts
from coldtrail_testbed.interrupts import uninterrupted
from coldtrail_testbed.look_alikes import find_look_alikes
from coldtrail_testbed.look_alikes.model import LookAlike, Window
from coldtrail_testbed.recording import Recording
from coldtrail_testbed.run import Run
from coldtrail_testbed.telemetry import find_writers

# All runs happen in 2026; the seed decides on which day they start.
_FIRST_DAY = datetime(2026, 1, 1, 6, tzinfo=UTC).timestamp()
_DAY_S = 86_400
_VERSIONED = ("moto", "awslambdaric", "aws-xray-sdk", "boto3", "coldtrail")

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class RunSummary:
    """What was recorded; `iterations` is smaller than asked for when the run was interrupted.

    `functions`, `attacks` and `look_alikes` count flows, `attack_calls` the AWS calls that attackers made
    from outside; `telemetry` are the lines of each file besides the traces, times are UTC epoch seconds.
    """

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
    attack_calls: Mapping[str, int] = field(default_factory=dict)
    look_alikes: Mapping[str, int] = field(default_factory=dict)
    telemetry: Mapping[str, int] = field(default_factory=dict)
    first_time: float | None = None
    last_time: float | None = None

    @property
    def virtual_seconds(self) -> float:
        """Virtual time between the start of the first trace and the end of the last."""
        return (self.last_time or 0.0) - (self.first_time or 0.0)


@dataclass(frozen=True)
class _Order:
    """A recording as it was asked for; `telemetry` may hold more than was, because an attack needs it."""

    application: Application
    iterations: int
    seed: int
    plan: AttackPlan
    attacks: tuple[str, ...]
    attack_share: float
    look_alikes: tuple[LookAlike, ...]
    telemetry: tuple[str, ...]
    added_telemetry: tuple[str, ...]


def record(
    app: str,
    iterations: int | None,
    seed: int,
    attacks: Sequence[str],
    output: Path,
    *,
    attack_share: float = 0.1,
    functions: Sequence[str] = (),
    look_alikes: Sequence[str] = (),
    telemetry: Sequence[str] = ("xray",),
    progress: Progress | None = None,
) -> RunSummary:
    """The summary of a run of `iterations` users, recorded into the new folder `output`.

    Without a number there are as many as in the paper. `attacks` are names, or a group such as `none` or
    `paper`; where `functions` are named, only attacks on these are made. `look_alikes` and `telemetry` are
    names too.
    `progress(done, total, text)` is called after each user. An interrupt (Ctrl-C) ends the run early and
    leaves all traces that were complete.
    """
    application = find_application(app)
    order = _order(
        application,
        application.iterations if iterations is None else iterations,
        seed,
        find_attacks(attacks, app, functions),
        attack_share,
        look_alikes,
        telemetry,
    )
    writers = find_writers(order.telemetry)
    started = time.monotonic()
    with Recording(output, order.plan, writers, with_look_alikes=bool(order.look_alikes)) as recording:
        conductor = _Conductor(order, recording, progress)
        conductor.conduct()
        with uninterrupted():
            recording.close()
            summary = _summary(order, conductor, recording, time.monotonic() - started, output)
            recording.finish(_run_facts(order, summary, conductor.windows))
    return summary


def _order(
    application: Application,
    iterations: int,
    seed: int,
    chosen: Sequence[Attack],
    attack_share: float,
    look_alikes: Sequence[str],
    telemetry: Sequence[str],
) -> _Order:
    if iterations < 1:
        raise TestbedError(f"a run needs at least 1 iteration, not {iterations}")
    if not 0 <= attack_share <= 1:
        raise TestbedError(f"the attacked share must lie between 0 and 1, not at {attack_share:g}")
    plan = AttackPlan(chosen, application.name, attack_share, seed, iterations)
    formats = ("xray", *(writer.name for writer in find_writers(telemetry)))
    added = ("cloudtrail",) if plan.shows_in_calls_alone and "cloudtrail" not in formats else ()
    return _Order(
        application=plan.infect(application),
        iterations=iterations,
        seed=seed,
        plan=plan,
        attacks=tuple(attack.name for attack in chosen),
        attack_share=attack_share,
        look_alikes=tuple(find_look_alikes(look_alikes)),
        telemetry=(*formats, *added),
        added_telemetry=added,
    )


class _Conductor:
    """Lets a run happen and hands on what is complete after each of its activities."""

    def __init__(self, order: _Order, recording: Recording, progress: Progress | None) -> None:
        self._order = order
        self._recording = recording
        self._progress = progress
        self._held = HeldFacts()
        self.windows: Mapping[str, Window] = {}
        self.done = 0
        self.interrupted = False

    def conduct(self) -> None:
        """None; the run is over, or interrupted."""
        order = self._order
        start = _FIRST_DAY + order.seed % 365 * _DAY_S
        infection = Infection(order.plan.functions, order.plan.choose)
        try:
            with (
                telling_of_full_disk(Path(tempfile.gettempdir())),
                LocalCloud(order.application, order.seed, start, infection=infection) as cloud,
            ):
                run = Run(
                    order.application, order.seed, order.iterations, order.plan, order.look_alikes, cloud
                )
                self.windows = run.windows
                run.begin()
                while cloud.step():
                    self._hand_on(cloud)
                    self._tell(run.arrivals.gone)
        except KeyboardInterrupt:
            self.interrupted = True

    def _hand_on(self, cloud: LocalCloud) -> None:
        with uninterrupted():
            is_pending = cloud.foundation.agenda.is_pending
            self._recording.add_facts(self._held.release(cloud.take_facts(), is_pending))
            for trace in cloud.take_traces():
                self._recording.add(trace, cloud.attacked_flows, self.windows)

    def _tell(self, gone: int) -> None:
        if gone > self.done:
            self.done = gone
            if self._progress:
                flows = self._recording.functions.total()
                self._progress(gone, self._order.iterations, f"{flows} function flows")


def _summary(
    order: _Order, conductor: _Conductor, recording: Recording, seconds: float, output: Path
) -> RunSummary:
    return RunSummary(
        application=order.application.name,
        iterations=conductor.done,
        seed=order.seed,
        traces=recording.traces,
        flows=recording.functions.total(),
        events=recording.events,
        functions=dict(sorted(recording.functions.items())),
        attacks={attack: recording.attacks[attack] for attack in order.attacks},
        seconds=seconds,
        output=output,
        interrupted=conductor.interrupted,
        attack_calls={attack: recording.attack_calls[attack] for attack in order.plan.campaigns},
        look_alikes={one.name: recording.look_alikes[one.name] for one in order.look_alikes},
        telemetry=recording.lines,
        first_time=recording.first_time if recording.traces else None,
        last_time=recording.last_time if recording.traces else None,
    )


def _run_facts(order: _Order, summary: RunSummary, windows: Mapping[str, Window]) -> dict[str, Any]:
    return {
        "application": summary.application,
        "seed": summary.seed,
        "settings": {
            "iterations": order.iterations,
            "attacks": list(order.attacks),
            "attack_share": order.attack_share,
            "look_alikes": [look_alike.name for look_alike in order.look_alikes],
            "telemetry": list(order.telemetry),
            "telemetry_added_for_attacks": list(order.added_telemetry),
        },
        "versions": {name: _version(name) for name in _VERSIONED},
        "counts": {
            "iterations": summary.iterations,
            "traces": summary.traces,
            "flows": summary.flows,
            "events": summary.events,
            "functions": summary.functions,
            "attacks": summary.attacks,
            "attack_calls": summary.attack_calls,
            "look_alikes": summary.look_alikes,
            "telemetry": summary.telemetry,
        },
        "first_time": summary.first_time,
        "last_time": summary.last_time,
        "look_alike_windows": {name: _window_facts(window) for name, window in windows.items()},
        "interrupted": summary.interrupted,
        "durations": "modelled, not measured on AWS",
    }


def _window_facts(window: Window) -> dict[str, Any]:
    """A window as JSON; one that lasts to the end of the run has no end."""
    return {
        "begin": window.begin,
        "end": window.end if isfinite(window.end) else None,
        "functions": list(window.functions),
        "facts": dict(window.facts),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
