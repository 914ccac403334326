"""Tables 2 to 7 of the paper, with its figures and ours side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from coldtrail_paper.experiment import Experiment, HeldOut
from coldtrail_paper.metrics import Figures, each_attack, figures, recall_at
from coldtrail_paper.plan import HELD_OUT
from coldtrail_paper.published import Result, published

Row = tuple[str, ...]

NAMES = {"airline": "Airline", "vod": "VOD"}
ATTACKS = {
    "data_leakage": "data leakage",
    "repeated_operation": "denial of wallet: repeated operation",
    "longer_run": "denial of wallet: longer run",
    "changed_order": "permission misuse: changed order",
    "other_action": "permission misuse: other action",
    "extra_action": "permission misuse: additional action",
}
PAPER = "paper"
NONE = "-"


@dataclass(frozen=True)
class Table:
    """A table of words; `text_columns` of them, from the left, are names, the others figures."""

    number: int
    title: str
    head: Row
    rows: tuple[Row, ...]
    note: str = ""
    text_columns: int = 1


def tables(experiment: Experiment) -> tuple[Table, ...]:
    """All tables."""
    return (
        attack_counts(experiment),
        sizes(experiment),
        overall(experiment),
        attacks(experiment),
        times(experiment),
        update(experiment),
    )


def attack_counts(experiment: Experiment) -> Table:
    """Table 2."""
    printed = published().attacks
    test = experiment.data.test
    made = {app: Counter(test.attack[test.rows_of(app)].tolist()) for app in printed}
    rows = [
        (words, *(cell for app in printed for cell in (f"{printed[app][name]:,}", f"{made[app][name]:,}")))
        for name, words in ATTACKS.items()
    ]
    totals = [(sum(printed[app].values()), sum(made[app][name] for name in ATTACKS)) for app in printed]
    rows.append(("all", *(f"{count:,}" for pair in totals for count in pair)))
    head = ("attack", *(f"{NAMES[app]}, {whose}" for app in printed for whose in (PAPER, "ours")))
    return Table(2, published().titles[2], head, tuple(rows))


def sizes(experiment: Experiment) -> Table:
    """Table 3: an instance is one run of a function."""
    train, test = experiment.data.train, experiment.data.test
    validation = set(next(iter(experiment.outcomes.values())).validation_rows.tolist())
    rows = []
    for app, row in published().sizes.items():
        learned = train.rows_of(app)
        checked = sum(place in validation for place in learned.tolist())
        judged = test.rows_of(app)
        ours = (len(learned) - checked, checked, len(judged), int((test.attack[judged] != "").sum()))
        printed = (row.train, row.validation, row.test, row.anomalies)
        pairs = zip(printed, ours, strict=True)
        rows.append((NAMES[app], *(f"{count:,}" for pair in pairs for count in pair)))
    parts = ("train", "validation", "test", "anomalies")
    head = ("application", *(f"{part}, {whose}" for part in parts for whose in (PAPER, "ours")))
    return Table(3, published().titles[3], head, tuple(rows))


def overall(experiment: Experiment) -> Table:
    """Table 4, with a row for each application of ours."""
    test = experiment.data.test
    rows: list[Row] = [("Airline + VOD", PAPER, *_printed(published().overall), NONE, NONE)]
    every = np.arange(len(test))
    parts = {f"{NAMES[app]} alone": test.rows_of(app) for app in experiment.data.applications}
    for words, chosen in {"Airline + VOD": every, **parts}.items():
        for name, outcome in experiment.outcomes.items():
            alarm, strength = outcome.alarms()[chosen], outcome.strengths()[chosen]
            malicious = test.attack[chosen] != ""
            found = figures(alarm, malicious, strength)
            ranked = recall_at(published().overall.fpr, malicious, strength)
            rows.append((words, name, *_measured(found), _figure(found.pr_auc), _figure(ranked)))
    head = ("application", "whose", *_FIGURES, "PR-AUC", "recall at FPR .003")
    note = (
        "The last two columns, which the paper does not have, tell how well runs are ranked, whatever the "
        "threshold: for the very last, the labels themselves set it."
    )
    return Table(4, published().titles[4], head, tuple(rows), note, 2)


def attacks(experiment: Experiment) -> Table:
    """Table 5: each attack against the benign runs of the function that it strikes."""
    rows: list[Row] = []
    for app, printed in published().each_attack.items():
        part = experiment.data.test
        chosen = part.rows_of(app)
        measured = [
            (name, each_attack(outcome.alarms()[chosen], part.attack[chosen], part.function[chosen]))
            for name, outcome in experiment.outcomes.items()
        ]
        for attack in [*printed, *sorted(set(ATTACKS) - set(printed))]:
            rows += _attack_rows(f"{NAMES[app]}: {ATTACKS[attack]}", printed.get(attack), attack, measured)
    head = ("attack", "whose", *_FIGURES, "found")
    note = (
        "Each attack is set against the benign runs of the function that it strikes. Attacks on the same "
        "function share its false alarms."
    )
    return Table(5, published().titles[5], head, tuple(rows), note, 2)


def _attack_rows(
    words: str, printed: Result | None, attack: str, measured: Sequence[tuple[str, dict[str, Figures]]]
) -> Iterator[Row]:
    ours = [(name, found[attack]) for name, found in measured if attack in found]
    if printed is not None:
        yield (words, PAPER, *_printed(printed), NONE)
        if not ours:
            yield (words, "ours", *[NONE] * len(_FIGURES), "none made")
    for name, one in ours:
        yield (words, name, *_measured(one), f"{one.found} of {one.malicious}")


def times(experiment: Experiment) -> Table:
    """Table 6: `training` holds what the thresholds took, `testing` the making of windows."""
    rows = []
    for phase, row in published().phases.items():
        rows.append((phase, PAPER, f"{row.instances:,}", f"{row.seconds:,.1f}", f"{row.each * 1000:.3g}"))
        for name, number, seconds in experiment.times(phase):
            each = f"{seconds / number * 1000:.3g}" if number else NONE
            rows.append((phase, name, f"{number:,}", f"{seconds:,.1f}", each))
    head = ("phase", "whose", "instances", "seconds", "milliseconds each")
    note = f"The paper measured on a {published().machine}; ours ran on {experiment.machine}."
    return Table(6, published().titles[6], head, tuple(rows), note, 2)


def update(experiment: Experiment) -> Table:
    """Table 7, with one row more: the model before its update, on all functions."""
    rows: list[Row] = []
    words = {"without": "all functions but one", "updated": "all functions, after the update"}
    for part, printed in published().update.items():
        rows.append((words[part], PAPER, *_printed(printed), NONE))
        for name, held_out in experiment.updates.items():
            rows.append((words[part], name, *_measured(getattr(held_out, part)), _own(held_out, part)))
    for name, held_out in experiment.updates.items():
        row = "all functions, before the update (not in the paper)"
        rows.append((row, name, *_measured(held_out.before), _own(held_out, "before")))
    application, function = HELD_OUT
    note = (
        f"The function held out is {function} of {NAMES[application]}. The last column is of its own runs "
        "alone."
    )
    head = ("functions", "whose", *_FIGURES, f"{function}: recall, FPR")
    return Table(7, published().titles[7], head, tuple(rows), note, 2)


def _own(held_out: HeldOut, part: str) -> str:
    own: Figures | None = getattr(held_out, f"{part}_own", None)
    return NONE if own is None else f"{_figure(own.recall)}, {_figure(own.fpr)}"


_FIGURES = ("precision", "recall", "F1", "FPR", "FNR")


def _printed(row: Result) -> Row:
    return tuple(_figure(value) for value in (row.precision, row.recall, row.f1, row.fpr, row.fnr))


def _measured(found: Figures) -> Row:
    return tuple(_figure(value) for value in (found.precision, found.recall, found.f1, found.fpr, found.fnr))


def _figure(value: float | None) -> str:
    return NONE if value is None else f"{value:.3f}"
