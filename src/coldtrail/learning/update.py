"""A model and new flows to a model that knows both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec import Struct

from coldtrail.detecting import Tell, silent
from coldtrail.errors import BundleError, ConfigError
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.history import History
from coldtrail.learning.known import FunctionChange, changes, known
from coldtrail.learning.sifting import Held, Sieve
from coldtrail.learning.train import Training, learn_from, needs_words
from coldtrail.model import Model
from coldtrail.records import Flow


class Counts(Struct, frozen=True, kw_only=True):
    """What became of the new flows: the parts add up to what was read."""

    read: int
    learned: int
    already_known: int
    """In the history before."""
    still_open: int
    """Left out, since their record was not closed yet."""
    flagged: int
    """Left out, since the model before took them for anomalous."""
    learned_though_flagged: int = 0
    """Of those learned."""
    learned_unjudged: int = 0
    """Of those learned, of functions with too little history to judge them."""


@dataclass(frozen=True)
class Update:
    """A model that learned more, and what that changed."""

    training: Training
    counts: Counts
    left_out: list[Held]
    """The flagged flows that were not learned."""
    changes: list[FunctionChange]
    threshold_before: float

    @property
    def model(self) -> Model:
        """The model that learned more."""
        return self.training.model


def check_history(model: Model) -> History:
    """The history that a model goes on from; raises `ConfigError` or `BundleError` where it cannot."""
    if needs_words(model.settings.detection):
        raise ConfigError(
            "A bundle with an autoencoder cannot be updated, since a network is not learned piece by piece; "
            "train again on all telemetry."
        )
    if model.history is None:
        raise BundleError("The bundle holds no history to go on from; train again.")
    return model.history


def learn_more(
    model: Model,
    flows: Iterable[Flow],
    *,
    learn_flagged: bool = False,
    other_application: bool = False,
    tell: Tell = silent,
    seed: int = 0,
) -> Update:
    """A model that knows the flows as well; the given one is not to be used any more.

    Flows are judged by the given model first: what it flags is not learned, unless `learn_flagged`. Raises
    `ConfigError` where the flows are of functions none of which the model knows, unless `other_application`.
    """
    history = check_history(model)
    before = known(history)
    threshold = model.calibration.threshold_
    model.history = None
    history.vocabulary = Vocabulary.from_json(model.vocabulary.to_json())
    sieve = Sieve(model)
    tell("judging")
    history.add(sieve.let_through(flows))
    if not other_application:
        _check_application(sieve, before.flows.keys())
    passed = sieve.met.total() - sieve.still_open - len(sieve.held)
    wanted = sieve.held if learn_flagged else []
    left_out = [] if learn_flagged else sieve.held
    history.add(held.flow for held in wanted)
    learned = history.learned.total() - sum(before.flows.values())
    counts = Counts(
        read=sieve.met.total(),
        learned=learned,
        already_known=passed + len(wanted) - learned,
        still_open=sieve.still_open,
        flagged=len(left_out),
        learned_though_flagged=len(wanted),
        learned_unjudged=sieve.not_judged,
    )
    training = learn_from(history, model.settings, tell, seed, check=False)
    differences = changes(before, known(history), model.settings.detection.ready_flows)
    return Update(training, counts, left_out, differences, threshold)


def _check_application(sieve: Sieve, functions: Iterable[tuple[str, str]]) -> None:
    if sieve.met and sieve.met.keys().isdisjoint(functions):
        new = ", ".join(sorted({application for application, _ in sieve.met})[:3])
        raise ConfigError(
            f"The bundle knows none of the {len(sieve.met):,} functions in the input (application {new}); "
            "give the bundle of that application, or --other-application to learn it as well."
        )
