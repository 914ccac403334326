"""Coverage-guided fuzzing of all parsers and of reading files, by atheris (`make fuzz-coverage` installs it).

`python -m benchmarks.fuzz.coverage --seconds 3600` says what it found; each kind of fault is kept once, as a
file that `python -m benchmarks.fuzz.coverage --again FILE` tries once more, without atheris.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from importlib import import_module
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

MOST_BYTES = 1 << 14
_HANG_S = 60
_MOST_MIB = 4_096
_TOLD_S = 300.0
_SLOWER = 4.0
"""By which watching which code runs makes it slower, or a little more; `--again` goes by the true time."""
_ELSEWHERE = 0.1
"""How often an input is handed to any other target."""


class Hour:
    """What atheris calls: tries inputs until the time is over, and keeps one of each kind of fault."""

    def __init__(self, targets: Any, seconds: float, kept: Path) -> None:
        self._targets = targets
        self._seconds, self._kept = seconds, kept
        self._began = self._told = time.monotonic()
        self._tried = 0
        self.faults: Counter[str] = Counter()

    def __call__(self, data: bytes) -> None:
        """Tries one input; ends the process when the time is over, for libFuzzer never returns."""
        fault = self._targets.fault_of(data)
        self._tried += 1
        if fault is not None:
            self.faults[fault.kind] += 1
            if self.faults[fault.kind] == 1:
                path = self._kept / fault.kind
                path.write_bytes(data)
                print(f"\n{fault.target}: {path}\n{fault.told}", flush=True)
        now = time.monotonic()
        if now - self._told > _TOLD_S or now - self._began > self._seconds:
            self._told = now
            self.tell(now - self._began)
        if now - self._began > self._seconds:
            os._exit(1 if self.faults else 0)

    def tell(self, seconds: float) -> None:
        """Prints how far it has come."""
        read, refused = self._targets.read, self._targets.refused
        print(f"{seconds:,.0f} s: {self._tried:,} inputs, {len(self.faults)} kinds of faults", flush=True)
        for name in sorted(read | refused):
            print(f"  {name:18} {read[name]:10,} times read, {refused[name]:10,} refused", flush=True)
        for kind, count in self.faults.most_common():
            print(f"  {kind}: {count:,}", flush=True)


def main() -> int:
    """The exit status."""
    options = _parser().parse_args()
    with TemporaryDirectory(prefix="fuzz-") as folder:
        if options.again is not None:
            return _again(options.again, Path(folder))
        _fuzz(options, Path(folder))
    return 0


def _again(path: Path, folder: Path) -> int:
    targets = import_module("benchmarks.fuzz.targets").Targets(folder)
    fault = targets.fault_of(path.read_bytes())
    print(f"{fault.target}: {fault.told}" if fault else "No fault.")
    return 1 if fault else 0


def _fuzz(options: argparse.Namespace, folder: Path) -> None:
    import atheris

    with atheris.instrument_imports(include=["coldtrail"]):
        tried = import_module("benchmarks.fuzz.targets")
        targets = tried.Targets(folder, _SLOWER)
    begin = import_module("benchmarks.fuzz.seeds")
    changes = import_module("benchmarks.fuzz.mutations")

    def mutated(data: bytes, most: int, seed: int) -> bytes:
        """Half of the time as libFuzzer does it, half with JSON changed as JSON; now and then elsewhere."""
        random = Random(seed)
        if random.random() < _ELSEWHERE:
            data = tried.elsewhere(random, data)
        try:
            value = json.loads(data[1:]) if random.random() < 0.5 else None
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict | list):
            return bytes(atheris.Mutate(data, most))
        return (data[:1] + changes.dumped(random, changes.changed(random, value)))[:most]

    options.keep.mkdir(parents=True, exist_ok=True)
    corpus = options.corpus or folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    seeds = list(begin.seeds())
    for number, seed in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(seed[:MOST_BYTES])
    (folder / "words").write_text("\n".join(begin.words(seeds)))
    print(f"{len(seeds):,} inputs to begin with; faults are kept in {options.keep}", flush=True)
    given = [sys.argv[0], str(corpus), f"-dict={folder / 'words'}", f"-max_len={MOST_BYTES}"]
    given += [f"-timeout={_HANG_S}", f"-rss_limit_mb={_MOST_MIB}", f"-artifact_prefix={options.keep}/"]
    given += [f"-seed={options.seed}", "-print_final_stats=1"]
    atheris.Setup(given, Hour(targets, options.seconds, options.keep), custom_mutator=mutated)
    atheris.Fuzz()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("benchmarks.fuzz.coverage", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3_600.0, help="how long (default: an hour)")
    parser.add_argument("--seed", type=int, default=1, help="of libFuzzer's randomness")
    parser.add_argument("--corpus", type=Path, help="a folder that keeps what reached new code")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-output"), help="the folder for faults")
    parser.add_argument("--again", type=Path, help="try the input in this file once more")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
