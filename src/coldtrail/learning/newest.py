"""Gives the newest version of each function weight, so that older versions do not outnumber it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from coldtrail.bundle.history import History
from coldtrail.features.batch import Bools, Encoded
from coldtrail.records.identity import FunctionKey

NEWEST_SHARE = 0.1
"""What the newest version of a function weighs at least of its history, when a model is fitted."""
MOST_LIFT = 25.0
"""No flow is lifted to more than so many times its weight."""
LEAST_LIFTED = 20
"""Flows of a newest version from which it is lifted: fewer would be strange to most of themselves."""


def lifted(history: History) -> Encoded:
    """The flows as a model is fitted to them: a function's newest version weighs a tenth of it at least."""
    flows = history.flows
    weight = flows.weight.copy()
    for function, new in newest(history):
        own = np.flatnonzero(flows.function == function)
        rows = own[new[own]]
        share = weight[rows].sum() / weight[own].sum()
        if len(rows) >= LEAST_LIFTED and share < NEWEST_SHARE:
            lift = NEWEST_SHARE / (1.0 - NEWEST_SHARE) * (1.0 - share) / share
            weight[rows] *= min(lift, MOST_LIFT)
    return flows.weighing(weight)


def newest(history: History) -> Iterator[tuple[int, Bools]]:
    """Functions that have changed, with the rows of what runs since (other functions' among them)."""
    flows, words = history.flows, history.vocabulary
    versions = history.versions()
    for key, (version, _) in latest_versions(history).items():
        if len(versions[key]) > 1:
            yield words.functions.numbers[key], flows.version == words.versions.numbers[version]
    for key, since in history.releases.items():
        if key in words.functions.numbers:
            yield words.functions.numbers[key], (flows.start >= since) & (flows.version <= 0)


def latest_versions(history: History) -> dict[FunctionKey, tuple[str, float]]:
    """The version of each function that came last, and the start of its last run."""
    flows, words = history.flows, history.vocabulary
    named = np.flatnonzero(flows.version > 0)
    spans: dict[tuple[int, int], tuple[float, float]] = {}
    columns = (flows.function[named], flows.version[named], flows.start[named])
    for function, version, start in zip(*(column.tolist() for column in columns), strict=True):
        first, _ = spans.get((function, version), (start, start))
        spans[function, version] = first, start
    found: dict[int, tuple[float, int, float]] = {}
    for (function, version), (first, last) in spans.items():
        found[function] = max(found.get(function, (-np.inf, 0, 0.0)), (first, version, last))
    return {words.functions[f]: (words.versions[v], last) for f, (_, v, last) in found.items()}
