"""The paper's attacks at two budgets, beside the rule that anyone would write first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from benchmarks.peers.seen_set import SeenSet
from benchmarks.quality.figures import Rate
from benchmarks.quality.judging import BUDGET, STRICT, Outcome, of, outcome, settings_for, taught
from benchmarks.quality.reading import read
from benchmarks.quality.runs import Case
from coldtrail.config import settings_from
from coldtrail.errors import ConfigError
from coldtrail.learning.evaluate import Label
from coldtrail.learning.train import learn
from coldtrail.records.flow import Flow

TOO_SMALL = 0.0001
"""A budget that takes 30,000 flows of history."""

NEEDS = ("learn", "paper")


class Paper(Struct, frozen=True):
    """The outcomes of a case."""

    learned: int
    judged: int
    usual: Outcome
    """At the budget of the default settings."""
    strict: Outcome
    seen_set: tuple[Rate, Rate]
    """Attacked flows that alarmed, benign flows that alarmed, by the set of seen sequences."""
    refusal: str
    """What is said of a budget that the history cannot support; empty where it is taken without a word."""
    refused: bool


def measure(case: Case) -> Paper:
    """The figures of a case."""
    learned, judged = read(case.run("learn")), read(case.run("paper"))
    refused, refusal = unsupported(learned.flows)
    return Paper(
        len(learned.flows),
        len(judged.flows),
        outcome(taught(learned.flows, BUDGET), judged.flows, judged.labels),
        outcome(taught(learned.flows, STRICT), judged.flows, judged.labels),
        seen_set(learned.flows, judged.flows, judged.labels),
        refusal,
        refused,
    )


def unsupported(flows: Sequence[Flow]) -> tuple[bool, str]:
    """Whether a budget far too small is refused where a person asks for it, and what is said of it."""
    asked = settings_from({"detection": {"budget": TOO_SMALL}}, "settings")
    try:
        warnings = learn(flows, asked).warnings
    except ConfigError as error:
        return True, str(error)
    return False, next((one for one in warnings if "budget" in one), "")


def seen_set(
    learned: Sequence[Flow], judged: Sequence[Flow], labels: Mapping[str, Label]
) -> tuple[Rate, Rate]:
    """What the set of seen sequences finds and alarms on, in functions that Coldtrail judges too."""
    whole = [flow for flow in learned if flow.complete]
    peer = SeenSet()
    peer.fit(whole)
    limit = peer.threshold_ or 0.0
    ready = ready_functions(whole)
    alarms = [
        flow.function_name in ready and score > limit
        for flow, score in zip(judged, peer.score(judged).tolist(), strict=True)
    ]
    attacked = [flow.function_flow_id in labels for flow in judged]
    pairs = list(zip(alarms, attacked, strict=True))
    return of([a for a, bad in pairs if bad]), of([a for a, bad in pairs if not bad])


def ready_functions(flows: Sequence[Flow]) -> set[str]:
    """The functions with enough history to be judged."""
    names = [flow.function_name for flow in flows]
    enough = settings_for().detection.ready_flows
    return {name for name in set(names) if names.count(name) >= enough}
