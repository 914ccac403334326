"""Why a window could not be reproduced: the cell that differs most."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coldtrail.detectors.autoencoder.chars2vec import embedding
from coldtrail.detectors.autoencoder.inputs import (
    NUMBERS,
    Singles,
    feature_of,
    features,
    seconds,
    windows,
    word_columns,
)
from coldtrail.detectors.autoencoder.learning import Learned
from coldtrail.detectors.autoencoder.part import WORST, Part
from coldtrail.detectors.autoencoder.recipe import Recipe
from coldtrail.detectors.detector import Evidence, Place
from coldtrail.features.batch import Encoded, Floats, Ints
from coldtrail.features.wording import FUNCTION, NAME, PARENT, TARGET, TYPE
from coldtrail.records.finding import Feature, StepKey, Times, UsualStep
from coldtrail.records.flow import Flow


class Explained(NamedTuple):
    """The window of one flow that was reproduced worst."""

    cells: Floats
    """(place, column) what each cell adds to the score."""
    made: Floats
    """(place, column) the reconstruction, scaled."""
    steps: Ints
    """(place,) positions in the flow; the flow's length where the window is padded."""


def explained(part: Part, flow: Encoded, inputs: Singles) -> Explained:
    """The worst window of the only flow of a batch, whose vectors are given scaled and padded."""
    steps = windows(flow, part.size).steps
    means = [part.squares(inputs, steps[k : k + 4096]).mean(axis=(1, 2)) for k in range(0, len(steps), 4096)]
    worst = int(np.argmax(np.concatenate(means)))
    window = steps[worst : worst + 1]
    squares = part.squares(inputs, window)[0]
    reconstructed = part.network.reconstruct(inputs[window])[0].astype(np.float64)
    made = np.nan_to_num(reconstructed, posinf=WORST, neginf=-WORST)
    return Explained(squares / (squares.size * part.threshold.value), made, window[0])


def evidence_of(worst: Explained, place: Place, flow: Flow, recipe: Recipe, learned: Learned) -> Evidence:
    """What one step of the worst window, or its padding, was made into."""
    where = worst.steps >= len(flow.events) if place.step is None else worst.steps == place.step
    at = int(np.argmax(np.where(where, worst.cells.sum(axis=1), -1.0)))
    raw = worst.made[at] * learned.scale.span + learned.scale.low
    if place.step is None:
        further = StepKey(_decoded(raw, "event name", recipe, learned), "", None)
        return Evidence("omission", UsualStep(further), Times(len(flow.events)))
    parts = np.bincount(feature_of(recipe), worst.cells[at])
    feature = features(recipe)[int(np.argmax(parts))]
    if feature in NUMBERS:
        return _number(feature, raw, flow, place.step, recipe)
    return _word(feature, raw, flow, place.step, (recipe, learned))


def _number(feature: str, raw: Floats, flow: Flow, step: int, recipe: Recipe) -> Evidence:
    value = float(raw[len(raw) - len(NUMBERS) + NUMBERS.index(feature)])
    event = flow.events[step]
    if feature == "depth":
        expected, seen = float(max(round(value), 1)), float(flow.depths[step])
        return Evidence("order", Feature(feature, expected), Feature(feature, seen))
    since = event.start_time if feature == "duration" else min(one.start_time for one in flow.events)
    until = event.end_time if feature == "duration" else event.start_time
    seen = max(until - since, 0.0)
    return Evidence("duration", Feature(feature, seconds(value, recipe)), Feature(feature, seen))


def _word(feature: str, raw: Floats, flow: Flow, step: int, how: tuple[Recipe, Learned]) -> Evidence:
    recipe, learned = how
    event = flow.events[step]
    column = word_columns(recipe)[feature]
    seen = {
        NAME: event.event_name,
        TYPE: event.event_type,
        PARENT: event.event_parent_name or "",
        TARGET: event.event_target_resource or "",
        FUNCTION: flow.function_name,
    }.get(column, flow.application_name)
    known = learned.words[list(word_columns(recipe)).index(feature)]
    expected = Feature(feature, _decoded(raw, feature, recipe, learned) or None)
    if seen in known:
        return Evidence("order", expected, Feature(feature, seen or None))
    kind = "new_resource" if column == TARGET else "new_event"
    return Evidence(kind, expected, Feature(feature, seen or None, event.error))


def _decoded(raw: Floats, feature: str, recipe: Recipe, learned: Learned) -> str:
    """The known word nearest to what the network made; empty for an absent one."""
    k = list(word_columns(recipe)).index(feature)
    known = learned.words[k]
    made = raw[k * recipe.dimensions : (k + 1) * recipe.dimensions]
    distance = embedding(recipe.embedding)(known)[:, : recipe.dimensions] - made
    return known[int(np.argmin((distance**2).sum(axis=1)))]
