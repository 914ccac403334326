"""Figures 4 and 6 of the paper, from our errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from coldtrail.features.batch import Floats
from coldtrail_paper.dataset import Part
from coldtrail_paper.drawings import ANOMALOUS, BENIGN, Scatter, Series, svg
from coldtrail_paper.outcome import Errors, Outcome
from coldtrail_paper.published import published

_ASIDE = "#8e9aa8"
_SCALE = "The scale is logarithmic; dots that would cover one another are drawn once."


@dataclass(frozen=True)
class Figure:
    """A drawing with its words."""

    number: int
    title: str
    caption: str
    svg: str
    file: str
    folded: bool = False
    """Shown only when asked for: one like it stands before."""


def figure_4(name: str, outcome: Outcome) -> Figure:
    """Validation errors of the longest window and the threshold that DBSCAN gave: dots up to half of it were
    in large clusters."""
    window = published().figure_4_window
    window = window if window in outcome.validation else max(outcome.validation)
    errors = outcome.validation[window]
    kept = errors.error <= errors.limit / 2 * (1 + 1e-6)
    places = np.arange(len(errors.error), dtype=np.float64)
    series = (
        Series("in large clusters", BENIGN, places[kept], errors.error[kept]),
        Series("outliers", _ASIDE, places[~kept], errors.error[~kept]),
    )
    title = f"Validation errors, windows of {window} steps ({name})"
    caption = (
        "Each dot is one window of normal runs that were kept back from training. The red line is the "
        "threshold: twice the highest error inside the DBSCAN clusters that hold over "
        "5 % of the windows (section 5.2.3). The paper's figure has it at "
        f"{published().figure_4_threshold}. {_SCALE}"
    )
    drawing = Scatter(title, "validation window", series, _limits(errors))
    return Figure(4, title, caption, svg(drawing), f"figure-4-window-{window}.svg")


def figures_6(outcomes: Mapping[str, Outcome], test: Part) -> Iterator[Figure]:
    """One for each recipe and window length: those of the first recipe open, the first of all explained."""
    for place, (name, outcome) in enumerate(outcomes.items()):
        for window in outcome.test:
            drawn = _figure_6(name, outcome, test, window)
            explained = place == 0 and window == next(iter(outcome.test))
            yield replace(drawn, folded=place > 0, caption=_EXPLAINED if explained else "")


_EXPLAINED = (
    "Each dot is one window of the test runs: how badly the autoencoder reproduced it. An attack is found "
    "when at least one window of its run lies above the red line, the threshold; the other windows of that "
    f"run may be quite normal. A blue dot above the line is a false alarm. {_SCALE}"
)


def _figure_6(name: str, outcome: Outcome, test: Part, window: int) -> Figure:
    """Errors of all test windows of one length, benign and anomalous ones, under the threshold."""
    errors = outcome.test[window]
    anomalous = test.attack[errors.flow] != ""
    places = np.arange(len(errors.error), dtype=np.float64)
    series = (
        Series("windows of benign runs", BENIGN, places[~anomalous], errors.error[~anomalous]),
        Series("windows of attacked runs", ANOMALOUS, places[anomalous], errors.error[anomalous]),
    )
    title = f"Test errors, windows of {window} steps ({name})"
    drawing = Scatter(title, "test window", series, _limits(errors))
    words = "".join(character if character.isalnum() else "-" for character in name)
    return Figure(6, title, "", svg(drawing), f"figure-6-{words}-window-{window}.svg")


def _limits(errors: Errors) -> tuple[tuple[str, float], ...]:
    """The threshold, or the lowest and the highest where groups have their own."""
    limits: Floats = np.unique(errors.limit)
    if len(limits) == 1:
        return ((f"threshold {limits[0]:.3g}", float(limits[0])),)
    return tuple(
        (f"{which} threshold {value:.3g}", float(value))
        for which, value in (("lowest", limits.min()), ("highest", limits.max()))
    )
