"""Order and repeats under stress: functions of every habit, judged with steps added, swapped and left out.

`python -m benchmarks.stress` prints one row a habit: calls made at once, loops, rare branches, retries, and
many small functions. The runs are made up here, and the habits are known to who made the detectors: the
figures tell one version from another, not what a user will see.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from random import Random

from msgspec.structs import replace
from rich import box
from rich.console import Console
from rich.table import Table

from coldtrail.assembly.span_tree import arrange
from coldtrail.config import Settings
from coldtrail.learning.train import learn
from coldtrail.records.flow import Flow
from coldtrail.testing import Call, make_flow

SERVICES = ("GetItem", "Query", "PutItem", "UpdateItem", "Publish", "SendMessage", "GetObject", "PutObject")
ATTACKS = ("left out", "swapped", "added", "repeated")
Habit = Callable[[Random, list[Call]], tuple[list[Call], set[int], bool]]
"""The calls of one run, the places of those that fail, and whether the run fails."""


def main() -> int:
    """The exit status: 0."""
    parser = argparse.ArgumentParser(description="Order and repeats under stress.")
    parser.add_argument("--runs", type=int, default=600, help="learned of each function (default 600)")
    parser.add_argument("--small", type=int, default=60, help="small functions of 65 runs (default 60)")
    options = parser.parse_args()
    table = Table("habit", *ATTACKS, "first reason", "false alarms", box=box.SIMPLE)
    for name, habit in HABITS.items():
        table.add_row(name, *measured(habit, name == "at once", 4, options.runs))
    table.add_row("many small functions", *measured(mixed, False, options.small, 65))
    Console(highlight=False, width=None if os.isatty(1) else 110).print(table)
    return 0


def plain(random: Random, calls: list[Call]) -> tuple[list[Call], set[int], bool]:
    """All calls, one after another."""
    return calls, set(), False


def looping(random: Random, calls: list[Call]) -> tuple[list[Call], set[int], bool]:
    """Two of the calls turn 1 to 8 times."""
    return [*calls[:2], *calls[2:4] * random.randint(1, 8), *calls[4:]], set(), False


def branching(random: Random, calls: list[Call]) -> tuple[list[Call], set[int], bool]:
    """One call in 20 runs only, one in 50."""
    some = [call for i, call in enumerate(calls) if i not in (2, 4)]
    for place, share in ((2, 0.05), (4, 0.02)):
        if random.random() < share:
            some.insert(min(place, len(some)), calls[place])
    return some, set(), False


def retrying(random: Random, calls: list[Call]) -> tuple[list[Call], set[int], bool]:
    """A call in 40 fails and is tried again; one in 200 ends the run."""
    done: list[Call] = []
    failed: set[int] = set()
    for call in calls:
        luck = random.random()
        if luck < 0.03:
            failed.add(len(done))
            done.append(call)
        if luck < 0.005:
            return done, failed, True
        done.append(call)
    return done, failed, False


def mixed(random: Random, calls: list[Call]) -> tuple[list[Call], set[int], bool]:
    """Now and then a retry, a failure or a branch."""
    some, _, _ = branching(random, calls)
    return retrying(random, some)


HABITS: dict[str, Habit] = {
    "one after another": plain,
    "at once": plain,
    "loops": looping,
    "rare branches": branching,
    "retries and failures": retrying,
}


def measured(habit: Habit, at_once: bool, functions: int, runs: int) -> list[str]:
    """The cells of a row."""
    random = Random(f"{habit.__name__} {at_once}")
    usual = {f"F{n}": calls_of(random) for n in range(functions)}
    history = [
        run(random, habit, name, usual[name], at_once, f"h{name}-{n}") for name in usual for n in range(runs)
    ]
    model = learn(history, Settings()).model
    benign = [
        run(random, habit, name, usual[name], at_once, f"b{name}-{n}")
        for name in usual
        for n in range(max(2000 // functions, 20))
    ]
    alarms = sum(one.verdict == "anomalous" for one in model.judge(benign))
    cells, named, found = [], 0, 0
    for attack in ATTACKS:
        flows, injected = attacked(random, habit, usual, at_once, attack)
        verdicts = model.judge(flows)
        hits = [i for i, one in enumerate(verdicts) if one.verdict == "anomalous"]
        found += len(hits)
        named += sum(verdicts[i].reasons[0].event_id in injected[i] for i in hits)
        cells.append(f"{len(hits) / len(flows):.3f}")
    return [*cells, f"{named / max(found, 1):.3f}", f"{alarms / len(benign):.4f}"]


def calls_of(random: Random) -> list[Call]:
    """Seven different calls."""
    chosen = random.sample(SERVICES, 7)
    return [(name, "DynamoDB", f"T{random.randint(1, 5)}", 0.01) for name in chosen]


def attacked(
    random: Random, habit: Habit, usual: dict[str, list[Call]], at_once: bool, attack: str
) -> tuple[list[Flow], list[set[str]]]:
    """Attacked flows, and the events of each that the attack touched."""
    flows, injected = [], []
    for n in range(120):
        name = random.choice(sorted(usual))
        calls, failed, broken = plain(random, usual[name]) if habit is looping else habit(random, usual[name])
        while failed or broken:
            calls, failed, broken = habit(random, usual[name])
        changed, touched = CHANGES[attack](random, calls, at_once)
        flow_id = f"a{attack}-{n}"
        flows.append(made(random, name, changed, set(), False, at_once, flow_id))
        injected.append({f"{flow_id}-{place}" for place in touched} | {f"{flow_id}-o"})
    return flows, injected


Change = tuple[list[Call], list[int]]


def leave_out(random: Random, calls: list[Call], at_once: bool) -> Change:
    """One of the calls that always come; the ones beside the hole are touched."""
    place = random.choice([0, 1, 3, 5] if len(calls) > 5 else [0, 1])
    left = calls[:place] + calls[place + 1 :]
    return left, list(range(len(left))) if at_once else [max(place - 1, 0), min(place, len(left) - 1)]


def swap(random: Random, calls: list[Call], at_once: bool) -> Change:
    """Two neighbours; those made at once have no order, so the last changes with the one before them all."""
    place = 0 if not at_once else len(calls) - 2
    return [*calls[:place], calls[place + 1], calls[place], *calls[place + 2 :]], [place, place + 1]


def add(random: Random, calls: list[Call], at_once: bool) -> Change:
    """A known call where it never comes."""
    place = len(calls) - 1
    return [*calls[:place], calls[0], *calls[place:]], [place, 0]


def repeat(random: Random, calls: list[Call], at_once: bool) -> Change:
    """One call twenty times."""
    return [*calls[:1], *[calls[1]] * 20, *calls[2:]], list(range(1, 21))


CHANGES = dict(zip(ATTACKS, (leave_out, swap, add, repeat), strict=True))


def run(random: Random, habit: Habit, name: str, calls: list[Call], at_once: bool, flow_id: str) -> Flow:
    """A benign run of a function."""
    done, failed, broken = habit(random, calls)
    return made(random, name, done, failed, broken, at_once, flow_id)


def made(
    random: Random,
    name: str,
    calls: list[Call],
    failed: set[int],
    broken: bool,
    at_once: bool,
    flow_id: str,
) -> Flow:
    """A run with these calls, each as long as chance has it; at once: all but the last."""
    timed = [(*call[:3], 0.01 * random.lognormvariate(0.0, 0.3)) for call in calls]
    start = 1_795_000_000.0 + 86400.0 * random.random()
    flow = make_flow(timed, flow_id=flow_id, function=name, start=start, error=broken)
    wrong = {f"{flow_id}-{place}" for place in failed}
    events = [replace(event, error=event.event_id in wrong) for event in flow.events]
    if at_once:
        fan = {f"{flow_id}-{place}" for place in range(len(calls) - 1)}
        for i, event in enumerate(events):
            if event.event_id in fan:
                begin = start + 0.002 * random.random()
                events[i] = replace(event, start_time=begin, end_time=begin + 0.005 + 0.02 * random.random())
            elif event.event_type != "lifecycle":
                events[i] = replace(event, start_time=start + 0.03, end_time=start + 0.04)
    line = arrange(events, flow.start_time, max(event.end_time for event in events))
    return replace(flow, events=line.events, depths=line.depths, self_times=line.self_times)


if __name__ == "__main__":
    raise SystemExit(main())
