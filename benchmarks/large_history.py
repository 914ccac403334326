"""Time and memory of learning from many functions with long histories, from encoded arrays.

`python -m benchmarks.large_history --functions 1000 --flows 10000` streams flows in blocks, drawn from 200
of each function with times of their own, into a history and learns from it. Generating them is not counted.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from benchmarks.measuring import machine, mib
from coldtrail.bundle.history import BLOCK_FLOWS, History
from coldtrail.config import Settings
from coldtrail.features.batch import Encoded, Ints, joined
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning.train import learn_from
from coldtrail.testing import START, make_history

DIFFERENT = 200
"""Flows of each function that the others are like."""
SPAN_S = 30 * 86400.0


def main() -> int:
    """The exit status: 0 if learning took no more than two minutes and 2 GB."""
    parser = argparse.ArgumentParser(description="Time and memory of learning from a long history.")
    parser.add_argument("--functions", type=int, default=1000)
    parser.add_argument("--flows", type=int, default=10_000, help="of each function (default 10,000)")
    options = parser.parse_args()
    vocabulary = Vocabulary()
    patterns = joined(list(_patterns(options.functions, vocabulary)))
    history, spent = History(vocabulary), 0.0
    for ids in np.array_split(np.arange(options.functions * options.flows), _blocks(options)):
        block = _like(patterns, ids, options.functions * options.flows)
        started = time.process_time()
        history.add_encoded(block, ids.astype(np.uint64), np.empty(len(ids), np.object_))
        spent += time.process_time() - started
    started = time.process_time()
    history.draw()
    spent += time.process_time() - started
    numbers = np.full(options.functions, options.flows).tolist()
    history.learned.update(dict(zip(vocabulary.functions.words, numbers, strict=True)))
    print(f"{machine()}\n{options.functions:,} functions x {options.flows:,} flows, processor seconds")
    print(f"to draw {len(history.flows):,} flows of {len(history.strata.keys):,} kinds: {spent:.1f} s")
    print(f"peak memory so far: {_peak():,.0f} MiB")
    started = time.process_time()
    learn_from(history, Settings(), check=False)
    learning = time.process_time() - started
    print(f"to learn from them: {learning:.1f} s\npeak memory: {_peak():,.0f} MiB")
    return 0 if spent + learning <= 120 and _peak() <= 2000 else 1


def _patterns(functions: int, vocabulary: Vocabulary) -> Iterator[Encoded]:
    for number in range(functions):
        flows = make_history(DIFFERENT, seed=number, function=f"F{number}", prefix=f"f{number}-")
        learn_words(flows, vocabulary)
        yield encode(flows, vocabulary)


def _blocks(options: argparse.Namespace) -> int:
    return int(np.ceil(options.functions * options.flows / BLOCK_FLOWS))


def _like(patterns: Encoded, ids: Ints, number: int) -> Encoded:
    """Flows of all functions, by their numbers in the order of their start; durations differ by a fifth."""
    random = np.random.default_rng(int(ids[0]))
    flows = patterns.take(random.integers(0, len(patterns), len(ids)))
    longer = random.lognormal(0.0, 0.2, len(flows))
    return replace(
        flows,
        start=START + SPAN_S * ids / number,
        duration=flows.duration * longer,
        self_time=flows.self_time * longer[flows.flow_of],
    )


def _peak() -> float:
    return mib(resource.getrusage(resource.RUSAGE_SELF))


if __name__ == "__main__":
    raise SystemExit(main())
