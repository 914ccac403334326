"""Feedback files: remarks of any kind on flows that are there and on flows that are not."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import coldtrail
from benchmarks.fuzz import mutations
from benchmarks.fuzz.ground import Ground
from benchmarks.fuzz.judging import problems_of, verdict_faults


def run(random: Random, ground: Ground, folder: Path) -> list[str]:
    """The problems of one case."""
    lines = []
    for _ in range(random.choice((1, 3, 10))):
        line = _remark(random, ground)
        if random.random() < 0.6:
            line = mutations.changed(random, line)
        data = mutations.dumped(random, line).replace(b"\n", b" ")
        lines.append(mutations.battered(random, data) if random.random() < 0.15 else data)
    said = folder / "said.jsonl"
    said.write_bytes(b"\n".join(lines))
    verb = random.choice((_update, _update, _train, _alone))
    return problems_of(lambda: verb(ground, folder, said), said.stat().st_size + 2**20, may_refuse=True)


def _remark(random: Random, ground: Ground) -> Any:
    if random.random() < 0.25:
        shift = {"application_name": "shop", "function_name": "Order", "measure": "duration"}
        shift |= random.choice(
            ({}, {"since": 1.7e9, "before": 0.1, "after": 0.3}, {"since": -1.0, "after": 1e12})
        )
        return {"shift": random.choice((shift, "ct-0123456789abcdef0123")), "verdict": "benign"}
    number = random.randrange(200)
    flow = random.choice((random.choice(sorted(ground.good_ids)), f"f{number}", f"f{number:05d}", "absent"))
    remark: Any = {"function_flow_id": flow, "verdict": random.choice(("benign", "malicious"))}
    if random.random() < 0.5:
        remark["reason"] = random.choice(
            (0, 7, {"kind": "duration"}, {"kind": "new_resource", "target": "x"})
        )
    return remark


def _judged_by(bundle: Path, ground: Ground, folder: Path) -> list[str]:
    done = coldtrail.score(bundle, ground.good, folder / "out")
    return verdict_faults(folder / "out", ground.good_ids, done.tally, done.verdicts)


def _update(ground: Ground, folder: Path, said: Path) -> list[str]:
    coldtrail.update(ground.bundle, ground.good, folder / "new", feedback=said)
    return _judged_by(folder / "new", ground, folder)


def _alone(ground: Ground, folder: Path, said: Path) -> list[str]:
    coldtrail.update(ground.bundle, None, folder / "new", feedback=said)
    return _judged_by(folder / "new", ground, folder)


def _train(ground: Ground, folder: Path, said: Path) -> list[str]:
    coldtrail.train(ground.history, folder / "new", feedback=said)
    return _judged_by(folder / "new", ground, folder)
