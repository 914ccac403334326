"""Plays an application without an end: what its telemetry says is told line by line, as soon as it is known.

`python -m coldtrail_testbed.playing` is a process of its own, as a machine has one local cloud a process. It
runs ahead as far as its reader lets it: a pipe that is full holds it up.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from coldtrail_testbed.applications import find_application
from coldtrail_testbed.applications.model import Application
from coldtrail_testbed.attacks import find_attacks
from coldtrail_testbed.attacks.labels import labels_of
from coldtrail_testbed.attacks.plan import AttackPlan
from coldtrail_testbed.cloud.infection import Infection
from coldtrail_testbed.cloud.local_cloud import LocalCloud
from coldtrail_testbed.cloud.traces import Document
from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.facts import Facts, FunctionRun
from coldtrail_testbed.flows import flows_of
from coldtrail_testbed.garbage import seldom_collecting
from coldtrail_testbed.held_facts import HeldFacts
from coldtrail_testbed.look_alikes.model import Window
from coldtrail_testbed.run import Run
from coldtrail_testbed.telemetry.otlp import export_requests
from coldtrail_testbed.telemetry.spans import spans_of

FORMS = ("xray", "otlp")
_MOST_VISITS = 10**6


@dataclass
class Strikes:
    """When each attack begins, and how many runs it strikes; then it is over.

    `begins` are virtual times by the attack's name. An attack that did not come about in a run strikes
    another one.
    """

    functions: dict[str, str]
    """The function of each attack."""
    begins: dict[str, float]
    number: int = 2
    made: Counter[str] = field(default_factory=Counter)

    def choose(self, function: str, now: float) -> str | None:
        """The attack that a run of a function carries."""
        for attack, of in self.functions.items():
            if of == function and now >= self.begins[attack] and self.made[attack] < self.number:
                return attack
        return None


@dataclass(frozen=True)
class Play:
    """What is played: an application from `start` on for `virtual_s`, in one form of traces."""

    application: Application
    plan: AttackPlan
    strikes: Strikes
    form: str
    seed: int
    start: float
    virtual_s: float


def play_of(app: str, form: str, seed: int, start: float, virtual_s: float, begins: dict[str, float]) -> Play:
    """A play; raises TestbedError for an application, an attack or a form that there is not."""
    if form not in FORMS:
        raise TestbedError(f"there is no form {form!r} to play traces in; choose from: {', '.join(FORMS)}")
    application = find_application(app)
    chosen = find_attacks(list(begins), app) if begins else []
    plan = AttackPlan(chosen, app, 0.0, seed, _MOST_VISITS)
    functions = {attack.name: attack.places[app].function for attack in chosen}
    return Play(plan.infect(application), plan, Strikes(functions, begins), form, seed, start, virtual_s)


def lines_of(play: Play) -> Iterator[dict[str, Any]]:
    """What is told, in the order in which it is known.

    `{"now"}` up to when all is told; `{"at", "trace", "send"}` a document that its sender sends at that
    time; `{"at", "attack", "function", "flow", "trace", "end"}` an attacked run, and when it ended.
    """
    told = _Telling(play)
    infection = Infection(
        frozenset(play.strikes.functions.values()), play.strikes.choose, play.plan.memory_mb
    )
    with (
        LocalCloud(play.application, play.seed, play.start, infection=infection) as cloud,
        seldom_collecting(),
    ):
        run = Run(play.application, play.seed, _MOST_VISITS, play.plan, (), cloud)
        run.begin()
        while cloud.step() and cloud.now() < play.start + play.virtual_s:
            told.facts(cloud)
            for trace in cloud.take_traces():
                yield from told.trace(trace, cloud.attacked_flows, run.windows)
            yield {"now": cloud.now()}


class _Telling:
    """Turns traces and facts into lines."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self._held = HeldFacts()
        self._runs: dict[str, FunctionRun] = {}

    def facts(self, cloud: LocalCloud) -> None:
        """Takes what tells of the runs of complete traces, which their spans say too."""
        facts: Facts = self._held.release(cloud.take_facts(), cloud.foundation.agenda.is_pending)
        for run in facts.runs:
            self._runs[run.flow_id] = run

    def trace(
        self, trace: Document, attacked: dict[str, str], windows: dict[str, Window]
    ) -> Iterator[dict[str, Any]]:
        """Who was attacked in a trace, then its documents."""
        flows = list(flows_of(trace))
        ends = {segment["id"]: segment["end_time"] for segment in trace["segments"]}
        attacks = {flow.id: attacked.pop(flow.id) for flow in flows if flow.id in attacked}
        for label in labels_of(flows, attacks, self._play.plan.locate):
            if label.flow.function == self._play.strikes.functions[label.attack]:
                self._play.strikes.made[label.attack] += 1
            yield {
                "at": max(segment["end_time"] for segment in trace["segments"]),
                "attack": label.attack,
                "function": label.flow.function,
                "flow": label.flow.id,
                "trace": trace["id"],
                "end": ends[label.flow.id],
            }
        for at, document in self._documents(trace):
            yield {"at": at, "trace": trace["id"], "send": document}
        for segment in trace["segments"]:
            self._runs.pop(segment["id"], None)

    def _documents(self, trace: Document) -> list[tuple[float, Document]]:
        """What the senders of a trace send, each when its part has ended."""
        if self._play.form == "xray":
            return sorted(
                [
                    (segment["end_time"], {"trace_id": trace["id"], **segment})
                    for segment in trace["segments"]
                ],
                key=lambda one: one[0],
            )
        return export_requests(spans_of(trace, self._runs))


def main(arguments: Sequence[str] | None = None, output: IO[str] | None = None) -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--app", required=True)
    parser.add_argument("--form", choices=FORMS, default="xray")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=float, required=True, help="UTC epoch seconds of the virtual clock")
    parser.add_argument("--virtual-seconds", type=float, required=True)
    parser.add_argument(
        "--attacks", type=json.loads, default={}, help="when each begins, by its name, as JSON"
    )
    given = parser.parse_args(arguments)
    screen = output or sys.stdout
    try:
        play = play_of(given.app, given.form, given.seed, given.start, given.virtual_seconds, given.attacks)
        for line in lines_of(play):
            screen.write(json.dumps(line, separators=(",", ":")) + "\n")
            screen.flush()
    except TestbedError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (BrokenPipeError, KeyboardInterrupt):
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
