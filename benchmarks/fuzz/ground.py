"""Good telemetry, a bundle that knows it, and a folder for each case: what hostile input is put beside."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any, NamedTuple

from msgspec.structs import replace

import coldtrail
from coldtrail.testing import make_history
from tests.fixtures.telemetry import as_answered, traces
from tests.verbs.telemetry_files import native_events, write_native

GOOD_FLOWS = 12


class Ground(NamedTuple):
    """What every case begins with; nothing of it is changed."""

    home: Path
    bundle: Path
    """Of X-Ray and native flows."""
    other: Path
    """A bundle of other flows."""
    good: Path
    """A file of good native flows."""
    good_ids: frozenset[str]
    history: Path
    """What the bundle was trained on."""


@contextmanager
def ground(parent: Path | None = None) -> Iterator[Ground]:
    """The ground, in a folder that goes at the end."""
    home = Path(mkdtemp(prefix="fuzz-", dir=parent))
    try:
        yield _made(home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _made(home: Path) -> Ground:
    history = write_native(home / "history.jsonl", make_history(160))
    with history.open("ab") as file:
        file.writelines(json.dumps(as_answered(one)).encode() + b"\n" for one in traces(130, seed=3))
    coldtrail.train(history, home / "bundle")
    coldtrail.train(write_native(home / "other.jsonl", make_history(120, seed=9)), home / "other")
    flows = [
        replace(flow, application_flow_id=f"good-{i}")
        for i, flow in enumerate(make_history(GOOD_FLOWS, seed=5, prefix="good"))
    ]
    good = write_native(home / "good.jsonl", flows)
    ids = frozenset(flow.function_flow_id for flow in flows)
    return Ground(home, home / "bundle", home / "other", good, ids, history)


@contextmanager
def folder(ground: Ground) -> Iterator[Path]:
    """An empty folder for one case."""
    path = Path(mkdtemp(prefix="case-", dir=ground.home))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def documents(random: Random, number: int) -> list[Any]:
    """Good documents of all formats, as JSON values, of traces that nothing else speaks of."""
    seed = random.randrange(2**30)
    found: list[Any] = []
    for trace in traces(max(number // 2, 1), seed=seed):
        if random.random() < 0.3:
            found += [part["Document"] for part in trace["Segments"]]
        else:
            found.append(as_answered(trace))
    for flow in make_history(max(number // 8, 1), seed=seed, prefix=f"m{seed}-"):
        found += native_events(replace(flow, application_flow_id=f"m{seed}"))
    random.shuffle(found)
    return found[:number]
