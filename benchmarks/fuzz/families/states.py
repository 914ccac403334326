"""States that a call goes on from: their bytes and arrays changed, with a hash that fits or does not."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from random import Random

import msgspec
import numpy as np

import coldtrail
from benchmarks.fuzz import mutations
from benchmarks.fuzz.ground import Ground
from benchmarks.fuzz.judging import count_faults, problems_of

STATE = "state"


def run(random: Random, ground: Ground, folder: Path) -> list[str]:
    """The problems of one case."""
    lines = ground.good.read_bytes().splitlines(keepends=True)
    half = len(lines) // 2
    (folder / "first.jsonl").write_bytes(b"".join(lines[:half]))
    (folder / "second.jsonl").write_bytes(b"".join(lines[half:]))
    held = folder / "held"
    coldtrail.score(ground.bundle, folder / "first.jsonl", folder / "out", state=held)
    path = held / STATE
    path.write_bytes(damaged(random, path.read_bytes()))

    def call() -> list[str]:
        done = coldtrail.score(
            ground.bundle, folder / "second.jsonl", folder / "out", alerts=folder / "alerts", state=held
        )
        told = [json.loads(line) for line in (folder / "out").read_bytes().splitlines()]
        finite = all(np.isfinite([line["score"], line["p_value"], line["threshold"]]).all() for line in told)
        again = coldtrail.score(ground.bundle, folder / "second.jsonl", folder / "again", state=held)
        faults = [] if finite else ["a number that is not finite"]
        return faults + count_faults(done.tally) + count_faults(again.tally)

    return problems_of(call, 2**20, may_refuse=True)


def damaged(random: Random, data: bytes) -> bytes:
    """The bytes of a state that was never held."""
    if random.random() < 0.2:
        return mutations.battered(random, data)
    line, _, arrays = data.partition(b"\n")
    head = json.loads(line)
    if random.random() < 0.1:
        return mutations.dumped(random, mutations.changed(random, head)) + b"\n" + arrays
    with np.load(io.BytesIO(arrays), allow_pickle=False) as found:
        state = {name: found[name] for name in found.files}
    for _ in range(random.choice((1, 1, 3))):
        name = random.choice(sorted(state))
        state[name] = _changed(random, state[name])
    out = io.BytesIO()
    np.savez(out, **state)
    head["sha256"] = hashlib.sha256(out.getvalue()).hexdigest()
    return json.dumps(head).encode() + b"\n" + out.getvalue()


def _changed(random: Random, old: mutations.Array) -> mutations.Array:
    """An array that was never held; MessagePack in an array is changed as what it holds."""
    if old.dtype == np.uint8 and random.random() < 0.7:
        try:
            held = msgspec.msgpack.decode(old.tobytes())
            data = msgspec.msgpack.encode(mutations.changed(random, held))
        except (msgspec.DecodeError, UnicodeError, OverflowError, TypeError, RecursionError):
            data = mutations.battered(random, old.tobytes())
        return np.frombuffer(data, np.uint8)
    return mutations.array(random, old)
