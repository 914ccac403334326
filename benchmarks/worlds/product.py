"""The product as its users run it: through its command, whichever version that is."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct


class Told(Struct):
    """What scoring told."""

    verdicts: dict[str, dict[str, Any]]
    """(flow id)"""
    alerts: list[dict[str, Any]]
    shifts: list[dict[str, Any]]

    def anomalous(self, flow: str) -> bool:
        """Whether a flow alarms."""
        return bool(self.verdicts[flow]["verdict"] == "anomalous")

    def in_alerts(self) -> set[str]:
        """The flows of which an alert tells."""
        return {run["function_flow_id"] for one in self.alerts for run in one["evidence"]}

    def judged(self, flow: str) -> bool:
        """Whether a flow was judged: its function has enough history, and the flow could be read."""
        return flow in self.verdicts and self.verdicts[flow]["verdict"] != "not_ready"


class Product:
    """The command that is measured."""

    def __init__(self, command: Sequence[str], train_options: Sequence[str] = ()) -> None:
        self.command = tuple(command)
        self.train_options = tuple(train_options)

    def train(self, telemetry: Path, bundle: Path, *more: str) -> dict[str, Any]:
        """Learns a history."""
        options = (*self.train_options, *more)
        return self._json("train", "--input", telemetry, "--bundle", bundle, "--json", *options)

    def update(self, bundle: Path, telemetry: Path, output: Path) -> dict[str, Any]:
        """Learns more."""
        return self._json("update", "--bundle", bundle, "--input", telemetry, "--output", output, "--json")

    def score(self, bundle: Path, telemetry: Path, *more: str) -> Told:
        """Judges telemetry."""
        output = telemetry.with_suffix(".verdicts")
        told = self._json(
            "score",
            "--bundle",
            bundle,
            "--input",
            telemetry,
            "--output",
            output,
            "--json",
            "--limit",
            "100000",
            *more,
        )
        with output.open("rb") as lines:
            verdicts = {one["function_flow_id"]: one for one in map(json.loads, lines)}
        return Told(verdicts, told["alerts"], told["shifts"])

    def _json(self, *arguments: str | Path) -> dict[str, Any]:
        line = [*self.command, *map(str, arguments), "--workers", "1"]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(line)}: {done.stderr.strip()}")
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer
