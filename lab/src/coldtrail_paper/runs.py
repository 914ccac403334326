"""The recorded runs of the experiment: found, or recorded where they are missing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coldtrail.errors import ConfigError
from coldtrail_paper.plan import Plan, RunPlan

TRACES, LABELS, RUN = "traces.jsonl.gz", "labels.jsonl", "run.json"

Record = Callable[[RunPlan, Path], None]
"""Records a run into a new folder."""


@dataclass(frozen=True)
class Run:
    """A recorded run, and what its run.json says of it."""

    plan: RunPlan
    folder: Path
    visits: int
    seed: int
    hours: float
    """Virtual time."""
    versions: Mapping[str, str]
    attack_share: float
    digest: str
    """Of its traces and labels."""


def obtain(plan: Plan, folder: Path, record: Record, *, any_size: bool = False) -> list[Run]:
    """The runs of the plan, those that `folder` lacks being recorded into it.

    `any_size` takes runs of other sizes and seeds than planned too. Raises `ConfigError` for a folder that
    holds something else under a run's name.
    """
    found = []
    for each in plan.runs:
        place = folder / each.name
        if not (place / RUN).is_file():
            record(each, place)
        found.append(_opened(each, place, any_size))
    _distinct(found)
    return found


def missing(plan: Plan, folder: Path) -> list[RunPlan]:
    """The runs that are still to be recorded."""
    return [each for each in plan.runs if not (folder / each.name / RUN).is_file()]


def _opened(plan: RunPlan, folder: Path, any_size: bool) -> Run:
    try:
        facts = json.loads((folder / RUN).read_text(encoding="utf-8"))
        run = _described(plan, folder, facts)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{folder}: this is no recorded run: {type(error).__name__}: {error}.") from None
    attacks = facts["settings"]["attacks"]
    if facts["application"] != plan.application or bool(attacks) != (plan.part == "test"):
        kind = "attacks of the paper" if plan.part == "test" else "no attacks"
        raise ConfigError(f"{folder}: this must be a run of {plan.application} with {kind}.")
    if facts.get("interrupted") and not any_size:
        raise ConfigError(f"{folder}: this recording was interrupted; remove the folder to record it anew.")
    if not any_size and (run.visits, run.seed) != (plan.visits, plan.seed):
        raise ConfigError(
            f"{folder}: this run has {run.visits:,} visits and seed {run.seed} where {plan.visits:,} and "
            f"{plan.seed} are planned; choose another --output, or give the folder as --runs."
        )
    return run


def _described(plan: RunPlan, folder: Path, facts: Mapping[str, Any]) -> Run:
    digest = hashlib.sha256()
    for name in (TRACES, LABELS):
        digest.update((folder / name).read_bytes())
    span = float(facts.get("last_time") or 0.0) - float(facts.get("first_time") or 0.0)
    return Run(
        plan,
        folder,
        int(facts["counts"]["iterations"]),
        int(facts["seed"]),
        span / 3600,
        dict(facts["versions"]),
        float(facts["settings"]["attack_share"]),
        digest.hexdigest(),
    )


def _distinct(runs: list[Run]) -> None:
    seen: dict[str, Run] = {}
    for run in runs:
        if run.digest in seen:
            raise ConfigError(
                f"{run.folder} and {seen[run.digest].folder} are the same run; record one anew."
            )
        seen[run.digest] = run
