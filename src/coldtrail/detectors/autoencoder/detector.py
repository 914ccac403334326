"""The paper's detector: flows whose steps LSTM autoencoders cannot reproduce are strange.

Learning needs Keras (`learner`), scoring only numpy (`network`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

import msgspec
import numpy as np

from coldtrail.detectors.autoencoder.explaining import Explained, evidence_of, explained
from coldtrail.detectors.autoencoder.familiarity import Familiarity, arrays
from coldtrail.detectors.autoencoder.inputs import (
    Reading,
    Scale,
    Singles,
    feature_of,
    padded,
    scaled_columns,
    windows,
    word_columns,
)
from coldtrail.detectors.autoencoder.learning import Learned, learn, relearn
from coldtrail.detectors.autoencoder.part import Part, check_weights, errors
from coldtrail.detectors.autoencoder.recipe import DEFAULT, FAITHFUL, Recipe
from coldtrail.detectors.autoencoder.scope import kept_back, scopes
from coldtrail.detectors.autoencoder.threshold import Threshold
from coldtrail.detectors.channel import Channel
from coldtrail.detectors.detector import (
    Contributions,
    Detector,
    Evidence,
    Place,
    State,
    Tell,
    silent,
)
from coldtrail.features.arrays import LEAST, MOST, Array, check, floats, words
from coldtrail.features.batch import Encoded, Floats, Ints
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.finding import Feature
from coldtrail.records.flow import Flow

_Last = tuple[Encoded | None, int, tuple[Learned, tuple[Explained, ...]] | None]


class Autoencoder(Detector):
    """Scores the worst window of a flow for each window size, as a multiple of that size's threshold."""

    arrays = (Array("recipe", np.uint8, ("byte",)), words("scopes"))
    reads_words = True
    alone: ClassVar[bool] = False
    """Whether its thresholds alone decide, whatever the budget."""

    def __init__(self, recipe: Recipe = FAITHFUL, seed: int = 0) -> None:
        self.recipe = recipe
        self.seed = seed
        self.learned_: dict[str, Learned] = {}
        """What was learned in each scope: that of all flows is called by the empty string."""
        self._last: _Last = (None, -1, None)

    @property
    def channels(self) -> tuple[Channel, ...]:
        """One for each window size."""
        return tuple(Channel(f"window_{size}", "ratio", self.alone) for size in self.recipe.windows)

    @property
    def thresholds_(self) -> dict[tuple[str, int], Threshold]:
        """The threshold of each scope and window size, in reconstruction error."""
        return {
            (name, part.size): part.threshold for name, one in self.learned_.items() for part in one.parts
        }

    def kept_back(self, flows: Encoded) -> Ints:
        """The flows that `fit` would not learn from but set the threshold by: the last of each scope."""
        return kept_back(flows, self.recipe)

    def check_available(self) -> None:
        """Raises `ConfigError` without Keras, which learning needs and scoring does not."""
        from coldtrail.detectors.autoencoder.learner import keras

        keras()

    def fit(self, flows: Encoded, weight: float = 1.0, tell: Tell = silent) -> Self:
        """Learns from the first four fifths of the flows, and returns itself (section 5.2.3).

        The weight has no effect here. `tell` is called after each epoch. Raises ConfigError without Keras,
        and where the loss diverges.
        """
        self.learned_ = {}
        self._last = (None, -1, None)
        remarks: list[str] = []
        for name, rows in scopes(flows, self.recipe).items():
            learned, said = learn(flows.take(rows), self.recipe, self.seed, name, tell)
            remarks += said
            if learned is not None:
                self.learned_[name] = learned
        self.remarks_ = tuple(remarks)
        return self

    def update(
        self,
        new: Encoded,
        old: Encoded,
        share: float = 0.1,
        chosen: Ints | None = None,
        epochs: int | None = None,
        tell: Tell = silent,
    ) -> Self:
        """Fine-tunes on new flows, and returns itself (section 5.3).

        `old` is the history it first learned from: a `share` of the training set is drawn from its training
        part (or its flows `chosen` are taken), and the threshold comes from the validation parts of both. The
        scaling stays. Flows of a scope never learned are left out.
        """
        recipe = self.recipe if epochs is None else msgspec.structs.replace(self.recipe, epochs=epochs)
        before = scopes(old, recipe)
        self._last = (None, -1, None)
        remarks: list[str] = []
        for name, rows in scopes(new, recipe).items():
            if name in self.learned_:
                known = before.get(name, np.zeros(0, np.int64))
                picked = None if chosen is None else np.flatnonzero(np.isin(known, chosen))
                pair = new.take(rows), old.take(known)
                learned, said = relearn(self.learned_[name], pair, recipe, self.seed, (share, picked), tell)
                self.learned_[name] = learned
                remarks += said
        self.remarks_ = tuple(remarks)
        return self

    def errors(self, flows: Encoded) -> dict[int, tuple[Floats, Ints]]:
        """For each window size the reconstruction error of each window, and the flow it belongs to.

        Flows of a scope never learned have none.
        """
        found: dict[int, list[tuple[Floats, Ints]]] = {size: [] for size in self.recipe.windows}
        for name, rows in scopes(flows, self.recipe).items():
            if name in self.learned_:
                some = flows.take(rows)
                inputs = self._inputs(self.learned_[name], some)
                for part in self.learned_[name].parts:
                    steps, flow = windows(some, part.size)
                    found[part.size].append((errors(part.network, inputs, steps), rows[flow]))
        empty = np.zeros(0), np.zeros(0, np.int64)
        return {
            size: (np.concatenate([one[0] for one in parts]), np.concatenate([one[1] for one in parts]))
            if parts
            else empty
            for size, parts in found.items()
        }

    def score(self, flows: Encoded) -> Floats:
        """(flow, channel) the largest error of a flow's windows, in multiples of the threshold.

        Flows of a scope never learned score 0.
        """
        out = np.zeros((len(flows), len(self.recipe.windows)))
        for name, rows in scopes(flows, self.recipe).items():
            if name in self.learned_:
                some = flows.take(rows)
                inputs = self._inputs(self.learned_[name], some)
                for channel, part in enumerate(self.learned_[name].parts):
                    steps, flow = windows(some, part.size)
                    ratio = errors(part.network, inputs, steps) / part.threshold.value
                    np.maximum.at(out[:, channel], rows[flow], ratio)
        return out

    def _inputs(self, learned: Learned, flows: Encoded) -> Singles:
        return padded(learned.reading.rows(flows))

    def _explained(self, flows: Encoded, i: int) -> tuple[Learned, tuple[Explained, ...]] | None:
        """The parts of one flow's worst windows; None in a scope never learned. The last one is cached."""
        if self._last[0] is not flows or self._last[1] != i:
            one = flows.take(np.array([i]))
            learned = self.learned_.get(next(iter(scopes(one, self.recipe))))
            found = None
            if learned is not None:
                inputs = self._inputs(learned, one)
                found = learned, tuple(explained(part, one, inputs) for part in learned.parts)
            self._last = flows, i, found
        return self._last[2]

    def explain(self, flows: Encoded) -> Contributions:
        """Each step's part in the error of the worst window; what padding adds is the whole's."""
        steps = np.zeros((len(flows.step), len(self.recipe.windows)))
        whole = np.zeros((len(flows), len(self.recipe.windows)))
        for i in range(len(flows)):
            found = self._explained(flows, i)
            for channel, one in enumerate(found[1] if found else ()):
                shares = one.cells.sum(axis=1)
                inside = one.steps < flows.lengths[i]
                steps[flows.offsets[i] + one.steps[inside], channel] = shares[inside]
                whole[i, channel] = shares[~inside].sum()
        return Contributions(steps, whole)

    def evidences(
        self, flows: Encoded, places: Sequence[Place], told: Sequence[Flow], vocabulary: Vocabulary
    ) -> list[Evidence]:
        """The features that were reproduced worst: what the network made of each, and what was there."""
        return [self._evidence(flows, place, flow) for place, flow in zip(places, told, strict=True)]

    def _evidence(self, flows: Encoded, place: Place, flow: Flow) -> Evidence:
        found = self._explained(flows, place.flow)
        if found is None:
            return Evidence("order", Feature("run", None), Feature("run", None))
        learned, parts = found
        return evidence_of(parts[place.channel], place, flow, self.recipe, learned)

    def state(self) -> State:
        """All that was learned, and the recipe, as arrays."""
        out: State = {
            "recipe": np.frombuffer(msgspec.json.encode(self.recipe), np.uint8),
            "scopes": np.array(list(self.learned_), np.str_),
        }
        for i, learned in enumerate(self.learned_.values()):
            out |= {f"low-{i}": learned.scale.low, f"span-{i}": learned.scale.span}
            out |= {f"words-{i}-{k}": np.array(words, np.str_) for k, words in enumerate(learned.words)}
            if learned.reading.familiarity is not None:
                out |= learned.reading.familiarity.state(f"familiar-{i}-")
            for part in learned.parts:
                out[f"threshold-{i}-{part.size}"] = np.array([part.threshold.value, part.threshold.alone])
                out |= {f"weights-{i}-{part.size}-{k}": one for k, one in enumerate(part.weights)}
        return out

    def restore(self, state: State) -> Self:
        """Takes back what `state` gave, and returns itself; raises ValueError where the arrays do not fit."""
        self.recipe = msgspec.json.decode(state["recipe"].astype(np.uint8).tobytes(), type=Recipe)
        names = [str(name) for name in state["scopes"].tolist()]
        self.learned_ = {name: self._restored(state, i) for i, name in enumerate(names)}
        return self

    def _restored(self, state: State, i: int) -> Learned:
        check(state, self._arrays(i), {})
        scale = Scale(state[f"low-{i}"].astype(np.float64), state[f"span-{i}"].astype(np.float64))
        parts = []
        for size in self.recipe.windows:
            value, alone = state[f"threshold-{i}-{size}"].astype(np.float64).tolist()
            many = sum(name.startswith(f"weights-{i}-{size}-") for name in state)
            weights = tuple(state[f"weights-{i}-{size}-{k}"].astype(np.float32) for k in range(many))
            check_weights(weights, size, len(feature_of(self.recipe)))
            parts.append(Part(size, weights, self.recipe.activation, Threshold(value, bool(alone))))
        kinds = range(len(word_columns(self.recipe)))
        known = tuple(tuple(str(w) for w in state[f"words-{i}-{k}"].tolist()) for k in kinds)
        if not all(known):
            raise ValueError("an autoencoder without words")
        familiarity = Familiarity.restored(state, f"familiar-{i}-") if self.recipe.counted else None
        return Learned(Reading(self.recipe, scale, familiarity), tuple(parts), known)

    def _arrays(self, i: int) -> tuple[Array, ...]:
        """The declared arrays of one scope, without the weights."""
        columns = scaled_columns(self.recipe)
        return (
            *(arrays(f"familiar-{i}-") if self.recipe.counted else ()),
            floats(f"low-{i}", columns, least=-MOST),
            floats(f"span-{i}", columns, least=LEAST),
            *(words(f"words-{i}-{k}") for k in range(len(word_columns(self.recipe)))),
            *(floats(f"threshold-{i}-{size}", 2, least=(LEAST, 0)) for size in self.recipe.windows),
        )


class BudgetedAutoencoder(Autoencoder):
    """The autoencoders by the default recipe, judged by Coldtrail's budget of false alarms."""

    def __init__(self) -> None:
        super().__init__(DEFAULT)


class PaperAutoencoder(Autoencoder):
    """The autoencoders by the paper's recipe and the paper's threshold, whatever the budget."""

    alone = True

    def __init__(self) -> None:
        super().__init__(FAITHFUL)
