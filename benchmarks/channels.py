"""What three channels find that no other does, on made-up functions that vary by themselves.

`python -m benchmarks.channels` prints a row a channel: attacks of the kind that it is for, found with it and
without it. On the testbed, whose functions take the same steps in nearly every run, other channels find these
attacks as well.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from collections.abc import Callable, Sequence
from random import Random

from msgspec.structs import replace
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.quality.judging import settings_for
from benchmarks.quality.muted import muted
from coldtrail.learning.train import learn
from coldtrail.records.flow import Flow
from coldtrail.records.verdict import Verdict
from coldtrail.testing import Call, make_flow

RUNS, ATTACKED, BENIGN = 400, 200, 2_000
ACTIONS = ("GetItem", "Query", "PutItem", "UpdateItem", "BatchGetItem", "TransactGetItems")
CALLERS = tuple(f"caller-{number}" for number in range(6))


def calls_of(random: Random) -> list[Call]:
    """Three to nine calls of any kind, in any order: nothing about their order is usual."""
    number = random.randint(3, 9)
    seconds = [0.004 * random.lognormvariate(0.0, 0.3) for _ in range(number)]
    return [(random.choice(ACTIONS), "DynamoDB", f"T{random.randint(1, 4)}", one) for one in seconds]


def run(random: Random, name: str, number: int, calls: list[Call]) -> Flow:
    """A run of one of six callers."""
    flow = make_flow(calls, flow_id=f"{name}-{number:06d}", start=1_795_000_000.0 + 20.0 * number)
    return replace(flow, caller=random.choice(CALLERS))


def new_action(random: Random, number: int) -> Flow:
    """A call that the function never made, of a table that it uses."""
    calls = calls_of(random)
    calls[random.randrange(len(calls))] = ("DeleteItem", "DynamoDB", "T1", 0.004)
    return run(random, "action", number, calls)


def new_caller(random: Random, number: int) -> Flow:
    """A caller never met, by way of the usual trigger."""
    return replace(run(random, "caller", number, calls_of(random)), caller="stranger")


def slow_step(random: Random, number: int) -> Flow:
    """A call of four milliseconds that takes over a second, less than waits are now and then elsewhere."""
    calls = calls_of(random)
    name, kind, target, _ = calls[0]
    calls[0] = (name, kind, target, 1.2)
    return run(random, "slow", number, calls)


KINDS: dict[tuple[str, str], Callable[[Random, int], Flow]] = {
    ("novelty", "action"): new_action,
    ("novelty", "caller"): new_caller,
    ("timing", "tail"): slow_step,
}


def sister(random: Random, number: int) -> Flow:
    """A run of another function, whose partner is slow now and then."""
    seconds = 3.0 * random.random() if random.random() < 0.02 else 0.05
    return make_flow(
        [("POST", "remote", "partner.example", seconds)],
        flow_id=f"sister-{number:06d}",
        function="Sister",
        start=1_795_000_000.0 + 20.0 * number,
    )


def main() -> int:
    """The exit status: 0."""
    random = Random(11)
    history = [run(random, "h", number, calls_of(random)) for number in range(RUNS)]
    history += [sister(random, number) for number in range(4 * RUNS)]
    benign = [run(random, "b", RUNS + number, calls_of(random)) for number in range(BENIGN)]
    names = settings_for().detection.detectors
    table = Table("channel", "found with it", "without it", "false alarms", "without it", box=box.SIMPLE)
    whole = learn(history, settings_for()).model
    wolf = alarms(whole.judge(benign))
    for (detector, channel), attack in KINDS.items():
        attacked = [attack(random, RUNS + BENIGN + number) for number in range(ATTACKED)]
        left = [muted(detector, channel) if name == detector else name for name in names]
        rest = learn(history, settings_for(detectors=left)).model
        cells = alarms(whole.judge(attacked)), alarms(rest.judge(attacked)), wolf, alarms(rest.judge(benign))
        table.add_row(f"{detector}: {channel}", *(f"{cell:,}" for cell in cells))
    Console(highlight=False, width=100).print(f"{ATTACKED} attacked and {BENIGN:,} benign runs", table)
    return 0


def alarms(verdicts: Sequence[Verdict]) -> int:
    """How many are anomalous."""
    return sum(one.verdict == "anomalous" for one in verdicts)


if __name__ == "__main__":
    raise SystemExit(main())
