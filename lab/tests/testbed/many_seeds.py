"""Small runs with every attack over many seeds: each obeys the laws, and all together show the attacks.

What an attack looks like is compared with every benign flow of its function in all of these runs.
"""

import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coldtrail_testbed.attacks import ATTACKS, find_attacks
from coldtrail_testbed.attacks.locating import the_invocation
from coldtrail_testbed.attacks.model import Place
from coldtrail_testbed.recorder import record

from .conftest import Run, read_run
from .laws import LAWS
from .telemetry.reading import cloudtrail

Document = dict[str, Any]
Shape = tuple[tuple[str, str, str, str | None, bool], ...]
"""A flow's calls in their order: parent, service, operation, resource, and whether it failed."""

_VISITS = 8
_SHARE = 0.6
# Look-alikes come in every third run. The burst at night makes a run last until the night, with all the timed
# events of a day: it comes in every tenth. As often the same run happens without attacks.
_LOOK_ALIKES_EVERY, _NIGHTS_EVERY, _BENIGN_EVERY = 3, 10, 10


@dataclass(frozen=True)
class Look:
    """How a flow looks: its calls, and how long it took in seconds."""

    shape: Shape
    seconds: float


@dataclass
class Study:
    """What the runs of one application showed; `asked` and `seen` count runs by attack.

    `attacked` are the flows of the attacked functions by attack, `benign` all others by function.
    """

    application: str
    runs: int = 0
    flows: int = 0
    seconds: float = 0.0
    asked: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    labelled: Counter[str] = field(default_factory=Counter)
    attacked: defaultdict[str, list[Look]] = field(default_factory=lambda: defaultdict(list))
    benign: defaultdict[str, set[Shape]] = field(default_factory=lambda: defaultdict(set))
    longest: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def alike(self, attack: str) -> int:
        """How many of its flows make the same calls as some benign flow of the function."""
        benign = self.benign[_place(attack, self.application).function]
        return sum(look.shape in benign for look in self.attacked[attack])

    def slower(self, attack: str) -> int:
        """How many of its flows took longer than every benign flow of the function."""
        longest = self.longest[_place(attack, self.application).function]
        return sum(look.seconds > longest for look in self.attacked[attack])


def study(application: str, seeds: Iterable[int], folder: Path) -> Study:
    """What the runs with these seeds showed; AssertionError where one breaks a law."""
    found = Study(application)
    for seed in seeds:
        if seed % _BENIGN_EVERY == 1:
            _look_at(_record(application, seed, ["none"], folder / f"{application}-{seed}-benign"), found)
        _look_at(_attacked(application, seed, folder / f"{application}-{seed}"), found)
    return found


def _attacked(application: str, seed: int, output: Path) -> Run:
    chosen = [attack.name for attack in find_attacks(["all"], application)]
    if seed % _NIGHTS_EVERY:
        chosen.remove("off_hours_burst")
    return _record(application, seed, chosen, output)


def _record(application: str, seed: int, attacks: list[str], output: Path) -> Run:
    look_alikes = ["all"] if seed % _LOOK_ALIKES_EVERY == 0 else []
    return read_run(
        record(application, _VISITS, seed, attacks, output, attack_share=_SHARE, look_alikes=look_alikes)
    )


def _look_at(run: Run, found: Study) -> None:
    for law in LAWS:
        law(run)
    if run.summary.attacks:
        _labelled_calls_are_in_the_trail(run)
    _take(run, found)
    shutil.rmtree(run.summary.output)


def _labelled_calls_are_in_the_trail(run: Run) -> None:
    output = run.summary.output
    labels = [json.loads(line) for line in (output / "cloudtrail_labels.jsonl").read_text().splitlines()]
    known = {entry["eventID"] for entry in cloudtrail(output)}
    assert labels
    assert [label for label in labels if label["event_id"] not in known] == []


def _take(run: Run, found: Study) -> None:
    summary = run.summary
    found.runs += 1
    found.flows += summary.flows
    found.seconds += summary.seconds
    found.asked.update(summary.attacks.keys())
    found.labelled.update(summary.attacks)
    found.seen.update(
        name for name, flows in summary.attacks.items() if flows or summary.attack_calls.get(name)
    )
    attacks = {label["function_flow_id"]: label["attack"] for label in run.labels}
    for segment in run.segments("AWS::Lambda::Function"):
        attack, function = attacks.get(segment["id"]), segment["name"]
        seconds = segment["end_time"] - segment["start_time"]
        if attack is None:
            found.benign[function].add(_shape(segment))
            found.longest[function] = max(found.longest[function], seconds)
        elif function == _place(attack, found.application).function:
            found.attacked[attack].append(Look(_shape(segment), seconds))


def _place(attack: str, application: str) -> Any:
    return ATTACKS[attack].places[application]


def _shape(segment: Document) -> Shape:
    calls = sorted(_calls(segment), key=lambda found: float(found[1]["start_time"]))
    return tuple(_told(parent, call) for parent, call in calls)


def _calls(part: Document) -> Iterator[tuple[str, Document]]:
    """The calls inside of `part`, each with the name of what it hangs on."""
    for child in part.get("subsegments", ()):
        if "namespace" in child:
            yield part["name"], child
        yield from _calls(child)


def _told(parent: str, call: Document) -> tuple[str, str, str, str | None, bool]:
    aws = call.get("aws", {})
    operation = aws.get("operation") or call["http"]["request"]["method"]
    resource = next(iter(aws.get("resource_names", ())), aws.get("function_name"))
    return parent, call["name"], operation, resource, bool(call.get("error") or call.get("fault"))


def is_only_slower(attack: str, application: str) -> bool:
    """Whether nothing but time tells the attack's flows from benign ones."""
    place = _place(attack, application)
    return isinstance(place, Place) and place.locate is the_invocation and not place.same_as_benign


def is_same_by_nature(attack: str, application: str) -> bool:
    """Whether the attack says itself that a benign flow can look the same."""
    return bool(_place(attack, application).same_as_benign)


def table(found: Study) -> str:
    """One line an attack, as the documentation holds it."""
    size = f"{found.application}: {found.runs} runs, {found.flows:,} flows"
    lines = [f"| {size} | in runs | flows | as a benign one |", "|---|---|---|---|"]
    for attack, asked in found.asked.items():
        flows, alike = len(found.attacked[attack]), found.alike(attack)
        share = f"{alike} ({alike / flows:.1%})" if flows else "none"
        lines.append(f"| `{attack}` | {found.seen[attack]} of {asked} | {flows} | {share} |")
    return "\n".join(lines)
