"""How each function normally runs, to lay next to a strange run."""

from __future__ import annotations

import numpy as np

from coldtrail.features.batch import Encoded, Floats, Ints
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.profile import Profile, ProfileRun, ProfileStep

MOST_RUNS = 3
MOST_SAMPLED = 400
"""Runs of one shape that medians are taken from: the latest."""
MOST_STEPS = 60
MOST_TRIGGERS = 5


def profiles(flows: Encoded, vocabulary: Vocabulary) -> list[Profile]:
    """One profile a function, sorted by their functions' keys; flows come in the order of their start."""
    if not len(flows):
        return []
    order = np.argsort(flows.function, kind="stable")
    numbers, starts = np.unique(flows.function[order], return_index=True)
    parts = zip(numbers.tolist(), np.split(order, starts[1:]), strict=True)
    found = [_profile(flows.take(rows), vocabulary, number) for number, rows in parts if number > 0]
    return sorted(found, key=lambda one: one.key)


def _profile(flows: Encoded, vocabulary: Vocabulary, number: int) -> Profile:
    weight = flows.weight
    total = float(weight.sum())
    median, p95 = _quantiles(flows.duration, weight)
    return Profile(
        *vocabulary.functions[number],
        round(total),
        float((weight * flows.cold).sum()) / total,
        float((weight * flows.failed).sum()) / total,
        median,
        p95,
        _triggers(flows, vocabulary),
        tuple(_run(flows.take(rows), vocabulary, total) for rows in _usual(flows)),
    )


def _triggers(flows: Encoded, vocabulary: Vocabulary) -> tuple[tuple[str, float], ...]:
    met = np.bincount(flows.trigger[flows.trigger > 0], flows.weight[flows.trigger > 0])
    frequent = [number for number in np.argsort(-met, kind="stable").tolist() if met[number] > 0]
    total = float(flows.weight.sum())
    return tuple((vocabulary.triggers[n], float(met[n]) / total) for n in frequent[:MOST_TRIGGERS])


def _usual(flows: Encoded) -> list[Ints]:
    """The rows of the most frequent shapes, most frequent first."""
    shapes = flows.shapes
    frequent = sorted(range(len(shapes.count)), key=lambda i: (-shapes.count[i], shapes.first[i]))
    return [np.flatnonzero(shapes.of == shape) for shape in frequent[:MOST_RUNS]]


def _run(flows: Encoded, vocabulary: Vocabulary, of: float) -> ProfileRun:
    number = float(flows.weight.sum())
    sample = flows.take(np.arange(max(len(flows) - MOST_SAMPLED, 0), len(flows)))
    steps = int(sample.lengths[0])
    begins = sample.begin.reshape(len(sample), steps)
    offsets = begins - begins[:, :1]
    spans = sample.span.reshape(len(sample), steps)
    shown = sample.step[:steps][:MOST_STEPS].tolist()
    medians, p95s = quantiles_at(np.sort(spans[:, :MOST_STEPS], axis=0), (0.5, 0.95))
    (middles,) = quantiles_at(np.sort(offsets[:, :MOST_STEPS], axis=0), (0.5,))
    found = []
    for step, offset, median, p95 in zip(shown, middles, medians, p95s, strict=True):
        name, kind, _, target, depth = vocabulary.steps[step]
        found.append(ProfileStep(name, kind, target, depth, offset, median, p95))
    return ProfileRun(number / of, round(number), tuple(found))


def quantiles_at(ordered: Floats, shares: tuple[float, ...]) -> list[list[float]]:
    """The quantiles of each column of ordered values, between two values in proportion, share by share."""
    out = []
    for share in shares:
        place = share * (len(ordered) - 1)
        below, above = ordered[int(place)], ordered[min(int(place) + 1, len(ordered) - 1)]
        out.append((below + (above - below) * (place - int(place))).tolist())
    return out


def _quantiles(values: Floats, weight: Floats) -> tuple[float, float]:
    """The median and the 95th percentile of weighted values."""
    order = np.argsort(values)
    passed = np.cumsum(weight[order]) / weight.sum()
    median, p95 = (float(values[order][np.searchsorted(passed, share - 1e-9)]) for share in (0.5, 0.95))
    return median, p95
