"""Makes a model that knows the flows of another one, and new ones as well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import inf

from msgspec import Struct

from coldtrail.bundle.history import History
from coldtrail.bundle.model import Model
from coldtrail.detectors.detector import Tell, silent
from coldtrail.errors import BundleError, ConfigError
from coldtrail.learning.accepting import accept, not_accepted, rebased
from coldtrail.learning.anchoring import anchored, levels_of
from coldtrail.learning.drifted import drifted
from coldtrail.learning.excusing import excused_many, excusing_much
from coldtrail.learning.gate import Gate, Held
from coldtrail.learning.holding import knowing
from coldtrail.learning.known import FunctionChange, changes, known
from coldtrail.learning.newest import latest_versions
from coldtrail.learning.releases import Release, Rollback, released, rollbacks
from coldtrail.learning.remarks import Remarks, excused, refuse, vouch
from coldtrail.learning.rolling_back import steps_of_releases, unnamed_rollbacks
from coldtrail.learning.train import Training, check_available, learn_from
from coldtrail.records.columns import AnyFlow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.shift import Shift
from coldtrail.verdicts.feedback import AnyRemark, Feedback


class Counts(Struct, frozen=True, kw_only=True):
    """What became of the new flows; the counts add up to what was read."""

    read: int
    learned: int
    already_known: int
    """In the history before."""
    known_by_sample: int = 0
    """Of these, taken for known since their likes in the sample were: a history does not keep every flow."""
    still_open: int
    """Left out, since their record was not closed yet."""
    told_otherwise: int = 0
    """Left out, since another kind of witness tells them than their function was learned from."""
    flagged: int
    """Left out, since the model before took them for anomalous."""
    attacks: int
    """Left out, since people called them, or flows of the same cause, attacks."""
    excused: int
    """Left out, since only feedback says that they are legitimate: what is rare stays rare."""
    ahead: int = 0
    """Left out, since they are dated long after today and all others."""
    learned_though_flagged: int = 0
    """Of those learned."""
    learned_unjudged: int = 0
    """Of those learned or known already, of functions with too little history to judge them."""


@dataclass(frozen=True)
class Update:
    """A model that learned more, and what that changed."""

    training: Training
    counts: Counts
    left_out: list[Held]
    """The flagged flows that were not learned."""
    changes: list[FunctionChange]
    threshold_before: float
    remarks: Remarks
    releases: list[Release]
    rollbacks: list[Rollback]
    shifts: list[Shift]
    """Over the new flows, but for those that people call benign; the flows were learned all the same."""

    @property
    def model(self) -> Model:
        """The model that learned more."""
        return self.training.model


def check_history(model: Model) -> History:
    """The history that a model goes on from; raises `ConfigError` or `BundleError` where it cannot."""
    check_available(model.settings.detection)
    if model.history is None:
        raise BundleError("The bundle holds no history to go on from; train again.")
    return model.history


def learn_more(
    model: Model,
    flows: Iterable[AnyFlow],
    *,
    remarks: Sequence[AnyRemark] = (),
    learn_flagged: bool = False,
    learn_releases: bool = True,
    other_application: bool = False,
    tell: Tell = silent,
    seed: int = 0,
) -> Update:
    """A model that knows the flows as well; the given one stays as it is.

    Flows are judged by the given model first. What it flags is not learned, but for what most runs of a new
    version show (`learn_releases`), or with `learn_flagged`. Raises `ConfigError` where the flows are of
    functions none of which the model knows, unless `other_application`.
    """
    history = check_history(model).copy()
    before, threshold = known(history), model.calibration.threshold_
    latest = latest_versions(history)
    given = Remarks(remarks)
    new_steps = steps_of_releases(history)
    gate = Gate(model, given)
    tell("judging")
    learned = _add(history, gate.let_through(flows))
    if not other_application:
        _check_application(gate, before.flows.keys())
    feedback = refuse(given, model.feedback, history)
    gate.judging.advance(inf)
    found = gate.judging.found
    feedback = accept(given, feedback, found, model.vocabulary)
    back = rollbacks(latest, model, gate.runs)
    back += unnamed_rollbacks(new_steps, gate.judging.stopped(), model.vocabulary)
    shifts = not_accepted(found, feedback, model, back)
    wanted, releases, left_out = _parted(gate, history, feedback, given, learn_flagged, learn_releases)
    history.releases |= {one.key: one.since for one in releases if one.version is None}
    learned += _add(history, (held.flow for held in wanted))
    told_to = {held.flow.function_flow_id for held in wanted}
    feedback = vouch(given, knowing(history, feedback, told_to, 0.0 if learn_flagged else 0.5), history)
    counts = _counts(gate, history, learned, len(wanted), len(left_out), learn_flagged)
    differences = changes(before, known(history), model.settings.detection.ready_flows)
    whole = None if remarks or feedback != model.feedback else model
    training = learn_from(history, model.settings, tell, seed, check=False, feedback=feedback, before=whole)
    runs = {model.vocabulary.functions.numbers.get(key, 0): number for key, number in gate.met.items()}
    learned_more = rebased(excused(training.model, given))
    learned_more = anchored(learned_more, model, levels_of(gate.judging.lasting(), runs))
    told = (
        *drifted(learned_more),
        *training.warnings,
        *excusing_much(learned_more.feedback, learned_more.learned),
        *excused_many(counts.excused, counts.read),
    )
    training = replace(training, model=learned_more, warnings=told)
    return Update(training, counts, left_out, differences, threshold, given, releases, back, shifts)


def _add(history: History, flows: Iterable[AnyFlow]) -> int:
    """How many of the flows were new to the history."""
    before = history.learned.total()
    return history.add(flows).learned.total() - before


def _parted(
    gate: Gate,
    history: History,
    feedback: Feedback,
    given: Remarks,
    learn_flagged: bool,
    learn_releases: bool,
) -> tuple[list[Held], list[Release], list[Held]]:
    """Of the flagged flows those to learn, the releases that they are of, and the others.

    What shows an attack's cause is neither. Rarities that people call legitimate are not learned either:
    what is like them would seem less strange.
    """
    calm = [held for held in gate.held if not feedback.forbids(held.flow, held.verdict)]
    gate.attacks += len(gate.held) - len(calm)
    nothing: tuple[list[Release], list[Held], list[Held]] = [], [], calm
    releases, wanted, rest = released(gate.model, calm, gate.runs, history) if learn_releases else nothing
    if learn_flagged:
        return wanted + rest + gate.excused, releases, []
    benign = given.ids("benign")
    gate.excused += [held for held in rest if held.flow.function_flow_id in benign]
    return wanted, releases, [held for held in rest if held.flow.function_flow_id not in benign]


def _counts(
    gate: Gate, history: History, learned: int, wanted: int, left_out: int, learn_flagged: bool
) -> Counts:
    read = gate.met.total()
    excused = 0 if learn_flagged else len(gate.excused)
    kept_out = gate.still_open + gate.told_otherwise
    return Counts(
        read=read,
        learned=learned,
        already_known=read - learned - kept_out - left_out - gate.attacks - excused - history.ahead,
        known_by_sample=history.known_by_sample,
        still_open=gate.still_open,
        told_otherwise=gate.told_otherwise,
        flagged=left_out,
        attacks=gate.attacks,
        excused=excused,
        ahead=history.ahead,
        learned_though_flagged=wanted,
        learned_unjudged=gate.not_judged,
    )


def _check_application(gate: Gate, functions: Iterable[FunctionKey]) -> None:
    if gate.met and gate.met.keys().isdisjoint(functions):
        new = ", ".join(sorted({key.application for key in gate.met})[:3])
        raise ConfigError(
            f"The bundle knows none of the {len(gate.met):,} functions in the input (application {new}); "
            "give the bundle of that application, or --other-application to learn it as well."
        )
