"""What a run came to: for whoever asked for it, and for its run.json."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from math import isfinite
from pathlib import Path
from typing import Any

from coldtrail_testbed.look_alikes.model import Window
from coldtrail_testbed.run_order import Order

_VERSIONED = ("moto", "awslambdaric", "aws-xray-sdk", "boto3", "coldtrail-lab")


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


def run_facts(order: Order, summary: RunSummary, windows: Mapping[str, Window]) -> dict[str, Any]:
    """What run.json holds: the settings, the versions and the counts of a run."""
    return {
        "application": summary.application,
        "seed": summary.seed,
        "settings": {
            "iterations": order.iterations,
            "attacks": list(order.attacks),
            "attack_share": order.attack_share,
            "days": order.days,
            "account_lives": order.account.lives,
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
