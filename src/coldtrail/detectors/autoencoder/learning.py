"""Trains autoencoders on flows: what they learn from, in which order, and their threshold."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from coldtrail.detectors.autoencoder.familiarity import Familiarity
from coldtrail.detectors.autoencoder.inputs import (
    Reading,
    Scale,
    Singles,
    Windows,
    distinct,
    feature_of,
    padded,
    vectors,
    windows,
    word_columns,
)
from coldtrail.detectors.autoencoder.network import Network
from coldtrail.detectors.autoencoder.part import Part, errors
from coldtrail.detectors.autoencoder.recipe import MOST_REPEATS, RARE_SHARE, Recipe
from coldtrail.detectors.autoencoder.scope import LEAST_FLOWS, split
from coldtrail.detectors.autoencoder.threshold import threshold
from coldtrail.detectors.detector import Tell
from coldtrail.features.batch import Encoded, Floats, Ints

if TYPE_CHECKING:
    from coldtrail.detectors.autoencoder.learner import Lesson


class Learned(NamedTuple):
    """What was learned in one scope."""

    reading: Reading
    parts: tuple[Part, ...]
    """One for each window size, in the order of the recipe."""
    words: tuple[tuple[str, ...], ...]
    """The known words of each word feature."""

    @property
    def scale(self) -> Scale:
        """That of its vectors."""
        return self.reading.scale


class _Set(NamedTuple):
    """Windows of one size over concatenated flows."""

    rows: Singles
    steps: Ints
    weights: Floats


class _How(NamedTuple):
    """The settings that all window sizes of a scope share."""

    recipe: Recipe
    reading: Reading
    seed: int
    tell: Tell


def learn(
    flows: Encoded, recipe: Recipe, seed: int, name: str, tell: Tell
) -> tuple[Learned | None, list[str]]:
    """The autoencoders of a scope, and remarks; nothing where its flows are too few."""
    whose = f" for {name}" if name else ""
    if len(flows) < LEAST_FLOWS:
        few = f"it takes {LEAST_FLOWS} flows, and there are {len(flows)}"
        return None, [f"The autoencoder learned nothing{whose}: {few}."]
    early, late = (flows.take(rows) for rows in split(flows, recipe))
    raw = vectors(flows.wording, recipe)
    if not len(raw):
        return None, [f"The autoencoder learned nothing{whose}: no flow has a single step."]
    reading = Reading(recipe, Scale.of(raw), Familiarity.of(early) if recipe.counted else None)
    from coldtrail.detectors.autoencoder.learner import first_weights

    columns = len(feature_of(recipe))
    begin = {size: first_weights(size, columns, recipe, seed) for size in recipe.windows}
    parts = _each(begin, [early], [late], _How(recipe, reading, seed, tell))
    remarks = _constant(raw, flows, whose) + _alone(parts, whose)
    return Learned(reading, parts, _words(flows, recipe)), remarks


def relearn(
    learned: Learned,
    pair: tuple[Encoded, Encoded],
    recipe: Recipe,
    seed: int,
    old_share: tuple[float, Ints | None],
    tell: Tell,
) -> tuple[Learned, list[str]]:
    """The autoencoders of a scope, fine-tuned on the first of (new, old) flows and a share of the second."""
    new, old = pair
    early, late = (new.take(rows) for rows in split(new, recipe))
    old_early, old_late = split(old, recipe)
    share, chosen = old_share
    if chosen is None:
        wanted = round(len(early) * share / max(1.0 - share, 1e-9))
        random = np.random.default_rng(seed)
        chosen = np.sort(random.permutation(old_early)[: min(wanted, len(old_early))])
    begin = {part.size: list(part.weights) for part in learned.parts}
    taught, checked = [early, old.take(chosen)], [late, old.take(old_late)]
    known_before = learned.reading.familiarity
    familiarity = None if known_before is None else known_before.with_more(early)
    reading = Reading(recipe, learned.scale, familiarity)
    parts = _each(begin, taught, checked, _How(recipe, reading, seed, tell))
    known = _words(new, recipe)
    words = tuple(tuple(dict.fromkeys((*a, *b))) for a, b in zip(learned.words, known, strict=True))
    return Learned(reading, parts, words), _alone(parts, "")


def _each(
    begin: dict[int, list[Singles]],
    taught: list[Encoded],
    checked: list[Encoded],
    how: _How,
) -> tuple[Part, ...]:
    """The trained autoencoder of each size, the largest first, as many at once as there are processors."""
    from coldtrail.detectors.autoencoder.learner import prepare

    lessons = {size: _lesson(size, taught, how) for size in begin}
    for size, lesson in lessons.items():
        prepare(size, lesson.rows.shape[1], how.recipe)
    stop = Event()
    with ThreadPoolExecutor(max_workers=min(len(begin), os.cpu_count() or 1)) as pool:
        waiting = {
            size: pool.submit(_learned, begin[size], lessons[size], how, stop.is_set)
            for size in sorted(begin, reverse=True)
        }
        try:
            return tuple(_judged(size, *waiting[size].result(), checked, how) for size in begin)
        finally:
            stop.set()


def _lesson(size: int, taught: list[Encoded], how: _How) -> Lesson:
    from coldtrail.detectors.autoencoder.learner import Lesson

    rows, steps, weights = _together(taught, size, how.reading, counted=True)
    if how.recipe.merged:
        first, of = distinct(rows, steps)
        steps, weights = steps[first], np.bincount(of, weights, len(first)).astype(np.float64)
    how.tell(f"windows of {size}: {len(steps):,} to learn from")
    return Lesson(rows, steps, weights / weights.mean())


def _learned(
    begin: list[Singles], lesson: Lesson, how: _How, stopped: Callable[[], bool]
) -> tuple[list[Singles], list[float]]:
    """The trained weights, and the loss of each epoch."""
    from coldtrail.detectors.autoencoder.learner import train

    size, epochs = lesson.windows.shape[1], how.recipe.epochs
    losses: list[float] = []

    def hear(epoch: int, loss: float) -> None:
        losses.append(loss)
        how.tell(f"windows of {size}: epoch {epoch} of {epochs}, loss {loss:.2g}")

    return train(lesson, how.recipe, begin, how.seed, hear, stopped), losses


def _judged(
    size: int, trained: list[Singles], losses: list[float], checked: list[Encoded], how: _How
) -> Part:
    recipe = how.recipe
    rows, steps, _ = _together(checked, size, how.reading, counted=False)
    found = errors(Network(trained, recipe.activation), rows, steps)
    return Part(size, tuple(trained), recipe.activation, threshold(found, recipe.threshold), tuple(losses))


def _together(flows: list[Encoded], size: int, reading: Reading, *, counted: bool) -> _Set:
    rows: list[Singles] = []
    steps: list[Ints] = []
    weights: list[Floats] = []
    count = sum(len(one.step) for one in flows)
    before = 0
    for one in flows:
        if not len(one):
            continue
        rows.append(reading.rows(one, counted=counted))
        found: Windows = windows(one, size)
        steps.append(np.where(found.steps == len(one.step), count, found.steps + before))
        weights.append(_repeats(one, reading.recipe)[found.flow])
        before += len(one.step)
    return _Set(padded(np.concatenate(rows)), np.concatenate(steps), np.concatenate(weights))


def _repeats(flows: Encoded, recipe: Recipe) -> Floats:
    """(flow,) how often each flow counts: as often as it stands for others, and where the recipe says so
    more often if it is of a rare kind."""
    if not recipe.oversample:
        return flows.weight
    shapes = flows.shapes
    wanted = RARE_SHARE * flows.weight.sum() / shapes.count
    repeats: Floats = np.clip(wanted, 1.0, MOST_REPEATS)[shapes.of] * flows.weight
    return repeats


def _words(flows: Encoded, recipe: Recipe) -> tuple[tuple[str, ...], ...]:
    wording = flows.wording
    return tuple(
        tuple(sorted({wording.words[code] for code in np.unique(wording.codes[:, column]).tolist()}))
        for column in word_columns(recipe).values()
    )


def _constant(raw: Floats, flows: Encoded, whose: str) -> list[str]:
    if len(np.unique(raw, axis=0)) == 1:
        return [f"All steps{whose} that the autoencoder learned are the same: it knows nothing else."]
    if len(flows.wording.words) and len(np.unique(flows.wording.codes, axis=0)) == 1:
        return [f"All steps{whose} that the autoencoder learned are of one kind: only their times differ."]
    return []


def _alone(parts: tuple[Part, ...], whose: str) -> list[str]:
    sizes = [str(part.size) for part in parts if part.threshold.alone]
    if not sizes:
        return []
    named = " and ".join([", ".join(sizes[:-1]), sizes[-1]] if sizes[1:] else sizes)
    return [
        f"One single window sets the autoencoder's threshold{whose} for windows of {named}: "
        "whatever is less strange than twice that passes."
    ]
