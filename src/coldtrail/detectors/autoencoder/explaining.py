"""Why a window could not be reproduced: the cell that differs most."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coldtrail.detectors.autoencoder.chars2vec import embedding
from coldtrail.detectors.autoencoder.familiarity import seconds_before
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
from coldtrail.records.flow import Event, Flow


class Explained(NamedTuple):
    """The window of one flow that was reproduced worst."""

    cells: Floats
    """(place, column) what each cell adds to the score."""
    made: Floats
    """(place, column) the reconstruction, scaled."""
    given: Floats
    """(place, column) what it should have been, scaled."""
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
    given = inputs[window[0]].astype(np.float64)
    return Explained(squares / (squares.size * part.threshold.value), made, given, window[0])


def evidence_of(worst: Explained, place: Place, flow: Flow, recipe: Recipe, learned: Learned) -> Evidence:
    """What one step of the worst window, or its padding, was made into."""
    where = worst.steps >= len(flow.events) if place.step is None else worst.steps == place.step
    at = int(np.argmax(np.where(where, worst.cells.sum(axis=1), -1.0)))
    columns = len(learned.scale.span)
    raw = worst.made[at, :columns] * learned.scale.span + learned.scale.low
    if place.step is None:
        further = StepKey(_decoded(raw, "event name", recipe, learned), "", None)
        return Evidence("omission", UsualStep(further), Times(len(flow.events)))
    parts: Floats = np.bincount(feature_of(recipe), worst.cells[at]).astype(np.float64)
    feature = features(recipe)[int(np.argmax(parts))]
    if feature == "lateness":
        return _late(float(worst.given[at, -1]), flow.events[place.step])
    if feature == "surprise":
        feature = _strangest_word(parts, flow, place.step, (recipe, learned))
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


def _late(lateness: float, event: Event) -> Evidence:
    """A step that took longer than ever."""
    seen = max(event.end_time - event.start_time, 0.0)
    longest = Feature("duration", seconds_before(seen, lateness))
    return Evidence("duration", longest, Feature("duration", seen))


def _strangest_word(parts: Floats, flow: Flow, step: int, how: tuple[Recipe, Learned]) -> str:
    """The word feature of a step that is never met, or else what was reproduced worst."""
    recipe, learned = how
    names = list(word_columns(recipe))
    seen = [_said(word_columns(recipe)[name], flow, step) for name in names]
    unknown = [word not in known for word, known in zip(seen, learned.words, strict=True)]
    return names[int(np.argmax(parts[: len(names)] + 2.0 * parts.max() * np.array(unknown)))]


def _said(column: int, flow: Flow, step: int) -> str:
    """The word of a step in a column of `Wording.codes`."""
    event = flow.events[step]
    return {
        NAME: event.event_name,
        TYPE: event.event_type,
        PARENT: event.event_parent_name or "",
        TARGET: event.event_target_resource or "",
        FUNCTION: flow.function_name,
    }.get(column, flow.application_name)


def _word(feature: str, raw: Floats, flow: Flow, step: int, how: tuple[Recipe, Learned]) -> Evidence:
    recipe, learned = how
    event = flow.events[step]
    column = word_columns(recipe)[feature]
    seen = _said(column, flow, step)
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
