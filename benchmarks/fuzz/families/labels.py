"""Labels and verdict lines for `evaluate`."""

from __future__ import annotations

import json
import math
from pathlib import Path
from random import Random
from typing import Any

import msgspec

import coldtrail
from benchmarks.fuzz import mutations
from benchmarks.fuzz.ground import Ground
from benchmarks.fuzz.judging import problems_of


def run(random: Random, ground: Ground, folder: Path) -> list[str]:
    """The problems of one case."""
    coldtrail.score(ground.bundle, ground.good, folder / "verdicts")
    verdicts = [json.loads(line) for line in (folder / "verdicts").read_bytes().splitlines()]
    labels: list[Any] = [
        {"function_flow_id": one, "attack": "leak", "event_ids": ["e1"]}
        for one in sorted(ground.good_ids)[:4]
    ]
    some = random.choice((verdicts, labels, labels))
    some[0] = mutations.changed(random, some[0])
    for name, lines in (("verdicts", verdicts), ("labels", labels)):
        data = b"\n".join(mutations.dumped(random, line).replace(b"\n", b" ") for line in lines)
        data = mutations.battered(random, data) if random.random() < 0.2 else data
        (folder / name).write_bytes(data)

    def call() -> list[str]:
        found = msgspec.to_builtins(coldtrail.evaluate(folder / "verdicts", folder / "labels"))
        numbers = [one for one in _leaves(found) if isinstance(one, float)]
        return [] if all(map(math.isfinite, numbers)) else [f"a figure that is not finite: {found}"]

    return problems_of(call, 2**16, may_refuse=True)


def _leaves(thing: Any) -> list[Any]:
    if isinstance(thing, dict):
        return [leaf for one in thing.values() for leaf in _leaves(one)]
    if isinstance(thing, list):
        return [leaf for one in thing for leaf in _leaves(one)]
    return [thing]
