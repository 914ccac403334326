"""Commands killed at random moments: what stands afterwards is the old or the new, whole.

`python -m benchmarks.fuzz.kills --kills 200` kills each of `train`, `update` and `score --state` so often,
half of the time at any moment and half of the time while it writes. After each kill it looks at what stands,
and runs the command again: drafts must be gone then, and the result must be as if nobody had killed anything.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import NamedTuple

import coldtrail
from coldtrail.bundle.folder import load
from coldtrail.bundle.manifest import identity, read_manifest
from coldtrail.errors import ColdtrailError
from coldtrail.testing import make_history
from tests.verbs.telemetry_files import write_native

WRITING_S = 0.03
"""How long a killer that waits for a draft may wait on."""
_DRAFT = ".draft-"


class Place(NamedTuple):
    """Where the commands work."""

    home: Path
    work: Path
    """The folder that they write to: all that is in it is theirs."""
    history: Path
    other: Path
    parts: Sequence[Path]
    """Telemetry, one part after the other in time."""


@contextmanager
def place() -> Iterator[Place]:
    """A place, which goes at the end."""
    home = Path(mkdtemp(prefix="kills-"))
    try:
        (home / "work").mkdir()
        flows = make_history(600, seed=4)
        parts = [write_native(home / f"part{n}.jsonl", flows[n * 100 : n * 100 + 100]) for n in range(6)]
        history = write_native(home / "history.jsonl", make_history(400))
        other = write_native(home / "other.jsonl", make_history(350, seed=2))
        yield Place(home, home / "work", history, other, parts)
    finally:
        shutil.rmtree(home, ignore_errors=True)


class Killer:
    """Starts commands and kills them."""

    def __init__(self, seed: int, work: Path) -> None:
        self._random = Random(seed)
        self._work = work
        self._longest = 2.0
        self.seen: Counter[str] = Counter()

    def kill(self, *arguments: str | Path) -> None:
        """Kills the command at some moment, unless it has ended before."""
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "coldtrail", *map(str, arguments)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        if self._random.random() < 0.5:
            self._wait(process, self._random.random() * self._longest)
        else:
            self._await_draft(process)
            self._wait(process, self._random.random() * WRITING_S)
        process.kill()
        _, said = process.communicate()
        self.seen["killed" if process.returncode < 0 else "ended before"] += 1
        if process.returncode == 0:
            self._longest = 0.7 * self._longest + 0.3 * (time.monotonic() - started)
        if process.returncode > 0:
            raise AssertionError(f"status {process.returncode}: {said.decode()[-500:]}")
        self.seen["drafts left"] += len(drafts(self._work))

    def _wait(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return

    def _await_draft(self, process: subprocess.Popen[bytes]) -> None:
        while process.poll() is None and not drafts(self._work):
            time.sleep(0.0005)


def drafts(folder: Path) -> list[Path]:
    """All that commands write before it is whole."""
    return [path for path in folder.rglob("*") if _DRAFT in path.name or ".old-" in path.name]


def training(place: Place, killer: Killer, kills: int) -> None:
    """Kills `train` while it replaces a bundle."""
    bundle = place.work / "bundle"
    known = {}
    for history in (place.history, place.other):
        coldtrail.train(history, bundle)
        known[history] = identity(read_manifest(bundle))
    for number in range(kills):
        history = (place.history, place.other)[number % 2]
        killer.kill("train", "--input", history, "--bundle", bundle)
        _, manifest = load(bundle, with_history=True)
        assert identity(manifest) in known.values(), "a bundle that nobody trained"
        coldtrail.train(history, bundle)
        assert identity(read_manifest(bundle)) == known[history], "another bundle than without a kill"
        _check_clear(place.work, {bundle})


def updating(place: Place, killer: Killer, kills: int) -> None:
    """Kills `update` while it replaces the bundle that it goes on from."""
    bundle, first = place.work / "bundle", place.home / "first"
    coldtrail.train(place.history, first)
    coldtrail.update(first, place.other, place.home / "second")
    before, after = (identity(read_manifest(place.home / name)) for name in ("first", "second"))
    for _ in range(kills):
        shutil.rmtree(bundle, ignore_errors=True)
        shutil.copytree(first, bundle)
        killer.kill("update", "--bundle", bundle, "--input", place.other, "--output", bundle)
        _, manifest = load(bundle, with_history=True)
        assert identity(manifest) in (before, after), "a bundle that nobody learned"
        killer.seen["the new one stood"] += identity(manifest) == after
        again = coldtrail.update(bundle, place.other, bundle)
        if identity(manifest) == before:
            assert identity(read_manifest(bundle)) == after, "another bundle than without a kill"
        assert again.manifest.flows == read_manifest(place.home / "second").flows, (
            "flows lost or learned twice"
        )
        _check_clear(place.work, {bundle})


def scoring(place: Place, killer: Killer, kills: int) -> None:
    """Kills `score --state` between parts that follow each other."""
    bundle = place.home / "judge"
    coldtrail.train(place.history, bundle)
    expected = _undisturbed(place, bundle)
    for number in range(kills):
        part = number % len(place.parts)
        if part == 0:
            shutil.rmtree(place.work / "state", ignore_errors=True)
        files = _files(place.work)
        before = (place.work / "state" / "state").read_bytes() if part else b""
        killer.kill("score", "--bundle", bundle, "--input", place.parts[part], *_options(files))
        state = place.work / "state" / "state"
        now = state.read_bytes() if state.exists() else b""
        for name, path in files.items():
            allowed = [expected[part][name], expected[part - 1][name], None]
            assert (path.read_bytes() if path.exists() else None) in allowed, f"half of {name}"
        if now != before:
            killer.seen["all was written"] += 1
            for name, path in files.items():
                assert path.read_bytes() == expected[part][name], f"the state went on before {name} was told"
        else:
            done = coldtrail.score(bundle, place.parts[part], **_named(files), state=place.work / "state")
            assert done.tally.counts["flows scored"] >= 100, "flows lost"
            for name, path in files.items():
                assert path.read_bytes() == expected[part][name], f"other {name} than without a kill"
        coldtrail.flows(place.parts[0], files["output"])
        files["output"].unlink()
        _check_clear(place.work, {files["alerts"], place.work / "state"})


def _undisturbed(place: Place, bundle: Path) -> list[dict[str, bytes]]:
    """What each part gives where nobody kills."""
    out = []
    for part in place.parts:
        files = _files(place.home)
        coldtrail.score(bundle, part, **_named(files), state=place.home / "state")
        out.append({name: path.read_bytes() for name, path in files.items()})
    return out


def _files(folder: Path) -> dict[str, Path]:
    return {"output": folder / "verdicts.jsonl", "alerts": folder / "alerts.jsonl"}


def _options(files: dict[str, Path]) -> list[str | Path]:
    state = files["output"].parent / "state"
    return ["--output", files["output"], "--alerts", files["alerts"], "--state", state]


def _named(files: dict[str, Path]) -> dict[str, Path]:
    return dict(files)


def _check_clear(work: Path, known: set[Path]) -> None:
    left = [path for path in work.iterdir() if path not in known] + drafts(work)
    assert not left, f"left: {sorted(map(str, left))}"


VERBS: dict[str, Callable[[Place, Killer, int], None]] = {
    "train": training,
    "update": updating,
    "score": scoring,
}


def main() -> int:
    """The exit status: 1 where anything was not as it should be."""
    parser = argparse.ArgumentParser("benchmarks.fuzz.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="of each verb (default 200)")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1_000, help="default: by the clock")
    parser.add_argument("--verb", choices=VERBS, help="this one alone")
    options = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    print(f"seed {options.seed}", flush=True)
    wrong = 0
    for name in [options.verb] if options.verb else VERBS:
        with place() as where:
            killer = Killer(options.seed, where.work)
            try:
                VERBS[name](where, killer, options.kills)
            except (AssertionError, ColdtrailError) as error:
                wrong += 1
                print(f"{name}: {error}")
            seen = ", ".join(f"{number:,} {what}" for what, number in killer.seen.items())
            print(f"{name}: {seen}", flush=True)
    print("nothing was lost" if not wrong else f"{wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
