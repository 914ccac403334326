"""A function with fifty runs of its own, where all others have their full history."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from benchmarks.quality.figures import Rate, pooled
from benchmarks.quality.judging import outcome, taught
from benchmarks.quality.reading import read
from benchmarks.quality.runs import Case
from coldtrail.records.flow import Flow

NEEDS = ("learn", "paper")
FLOWS = 50


class NewFunction(Struct, frozen=True):
    """What is found of the attacks on a function that has run fifty times."""

    found: dict[str, Rate]
    """By function."""
    false: dict[str, Rate]


def measure(case: Case) -> NewFunction:
    """The figures of a case: each attacked function in turn is the new one."""
    learned, judged = read(case.run("learn")), read(case.run("paper"))
    attacked = {flow.function_name for flow in judged.flows if flow.function_flow_id in judged.labels}
    found, false = {}, {}
    for function in sorted(attacked):
        own = [flow for flow in judged.flows if flow.function_name == function]
        result = outcome(taught(shortened(learned.flows, function)), own, judged.labels)
        found[function], false[function] = result.found, result.false
    return NewFunction(found, false)


def shortened(flows: Sequence[Flow], function: str, kept: int = FLOWS) -> list[Flow]:
    """The flows without those of a function, but for its last complete ones."""
    own = [flow for flow in flows if flow.function_name == function and flow.complete][-kept:]
    ids = {flow.function_flow_id for flow in own}
    return [flow for flow in flows if flow.function_name != function or flow.function_flow_id in ids]


def overall(result: NewFunction) -> Rate:
    """The attacked flows found, of all functions."""
    return pooled(result.found.values())
