"""Attacks hidden in what is learned: how many of the same kind are still found?

The attack's flows of runs of other seeds are spread over the learned run, one kind of attack at a time.
Learned is all there is, or all but what is rare, or all but what a person struck out of the review list. What
holding back costs is told of a run in which nothing is hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from msgspec import Struct

from benchmarks.quality.figures import Rate
from benchmarks.quality.judging import of, outcome, settings_for
from benchmarks.quality.reading import in_order, moved, read
from benchmarks.quality.reviewing import Reviewed, reviewed
from benchmarks.quality.runs import Case
from coldtrail.bundle.model import Model
from coldtrail.config import MOST_RARE
from coldtrail.learning.train import learn
from coldtrail.records.flow import Flow

NEEDS = ("learn", "paper")
SHARES = (0.001, 0.005, 0.01)
"""Of the learned flows."""
HELD = (0.0, 0.05, MOST_RARE)
"""Shares of a function's runs below which what they show is held back, whose price is told."""


class Poisoned(Struct, frozen=True):
    """One attack hidden at one share."""

    attack: str
    share: float
    hidden: int
    """Flows of the attack among those learned."""
    found: Rate
    """Of that attack's flows."""
    false: Rate
    held: Rate
    """Found when what is rare was held back."""
    reviewed: Rate | None
    """Found when the flows of the review list were struck out first; None where there is no such list."""
    listed: Rate | None
    """Hidden flows that the review list names, or of whose kind it names one."""
    to_review: int
    """Entries of the list."""


class Price(Struct, frozen=True):
    """What holding back costs where nothing is hidden."""

    share: float
    """Of a function's runs, below which what they show is held back."""
    flows: Rate
    """Held back, of all."""
    entries: Rate
    """Of the review list, that are held back."""
    found: Rate
    false: Rate
    alerts: Rate
    """Without any attacked flow, of all."""


class Poisoning(Struct, frozen=True):
    """All attacks and shares of a case."""

    clean: dict[str, Rate]
    """Found with nothing hidden, by attack."""
    results: tuple[Poisoned, ...]
    prices: tuple[Price, ...]


def measure(case: Case) -> Poisoning:
    """The figures of a case."""
    learned, judged = read(case.run("learn")), read(case.run("paper"))
    clean = outcome(_all(learned.flows), judged.flows, judged.labels).attacks
    results = [poisoned(case, attack, share) for attack in clean for share in SHARES]
    return Poisoning(clean, tuple(results), tuple(price(case, share) for share in HELD))


def price(case: Case, share: float) -> Price:
    """The figures of a case in which nothing is hidden."""
    learned, judged = read(case.run("learn")).flows, read(case.run("paper"))
    training = learn(learned, settings_for(hold_rare=share))
    result = outcome(training.model, judged.flows, judged.labels)
    listed = training.holding.judged
    return Price(
        share,
        Rate(training.holding.flows.total(), len(learned)),
        of([one.held for one in listed]),
        result.found,
        result.false,
        result.alerts,
    )


def poisoned(case: Case, attack: str, share: float) -> Poisoned:
    """The figures of one attack hidden at one share."""
    learned, judged = read(case.run("learn")).flows, read(case.run("paper"))
    number = max(round(share * len(learned)), 1)
    hidden = spread(attacked_flows(case, attack), learned, number, Random(f"{case.seed} {attack} {share}"))
    history = in_order([*learned, *hidden])
    model = _all(history)
    result = outcome(model, judged.flows, judged.labels)
    review = reviewed(history, {flow.function_flow_id for flow in hidden}, model.history)
    return Poisoned(
        attack,
        share,
        len(hidden),
        result.attacks[attack],
        result.false,
        outcome(_held(history), judged.flows, judged.labels).attacks[attack],
        _after(review, case, attack),
        None if review is None else review.listed,
        0 if review is None else review.entries,
    )


def _all(history: Sequence[Flow]) -> Model:
    return learn(history, settings_for(hold_rare=0.0)).model


def _held(history: Sequence[Flow]) -> Model:
    return learn(history, settings_for(hold_rare=MOST_RARE)).model


def _after(review: Reviewed | None, case: Case, attack: str) -> Rate | None:
    if review is None:
        return None
    judged = read(case.run("paper"))
    return outcome(review.model, judged.flows, judged.labels).attacks[attack]


def attacked_flows(case: Case, attack: str) -> list[Flow]:
    """The flows of an attack in the runs of the other seeds."""
    runs = [read(other.run("paper")) for other in case.others()] or [read(case.run("release"))]
    return [
        flow
        for run in runs
        for flow in run.flows
        if flow.function_flow_id in run.labels and run.labels[flow.function_flow_id].attack == attack
    ]


def spread(attacked: Sequence[Flow], among: Sequence[Flow], number: int, random: Random) -> list[Flow]:
    """So many of the attacked flows, at drawn times among the others; where there are fewer, they repeat."""
    first, last = among[0].start_time, among[-1].start_time
    chosen = random.sample(list(attacked), min(number, len(attacked)))
    chosen += random.choices(list(attacked), k=number - len(chosen))
    return [
        moved(flow, random.uniform(first, last) - flow.start_time, f"-hidden{place}")
        for place, flow in enumerate(chosen)
    ]
