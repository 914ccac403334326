"""Figures 4 and 6 of the paper, from our errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coldtrail.features.encode import Floats
from coldtrail.reproduction.dataset import Part
from coldtrail.reproduction.drawings import ANOMALOUS, BENIGN, Scatter, Series, svg
from coldtrail.reproduction.outcome import Errors, Outcome
from coldtrail.reproduction.published import published

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
    title = f"Validation errors of the autoencoder with window {window} ({name})"
    caption = (
        "The red line is the threshold: twice the highest error inside the DBSCAN clusters that hold over "
        "5 % of the windows (section 5.2.3). The paper's figure has it at "
        f"{published().figure_4_threshold}. {_SCALE}"
    )
    drawing = Scatter(title, "validation window", series, _limits(errors))
    return Figure(4, title, caption, svg(drawing), f"figure-4-window-{window}.svg")


def figure_6(name: str, outcome: Outcome, test: Part, window: int) -> Figure:
    """Errors of all test windows of one length, benign and anomalous ones, under the threshold."""
    errors = outcome.test[window]
    anomalous = test.attack[errors.flow] != ""
    places = np.arange(len(errors.error), dtype=np.float64)
    series = (
        Series("windows of benign runs", BENIGN, places[~anomalous], errors.error[~anomalous]),
        Series("windows of attacked runs", ANOMALOUS, places[anomalous], errors.error[anomalous]),
    )
    title = f"Test errors of the autoencoder with window {window} ({name})"
    caption = (
        "A window of an attacked run need not hold the attack itself: only one window above the line is "
        f"needed. {_SCALE}"
    )
    drawing = Scatter(title, "test window", series, _limits(errors))
    words = "".join(character if character.isalnum() else "-" for character in name)
    return Figure(6, title, caption, svg(drawing), f"figure-6-{words}-window-{window}.svg")


def _limits(errors: Errors) -> tuple[tuple[str, float], ...]:
    """The threshold, or the lowest and the highest where groups have their own."""
    limits: Floats = np.unique(errors.limit)
    if len(limits) == 1:
        return ((f"threshold {limits[0]:.3g}", float(limits[0])),)
    return tuple(
        (f"{which} threshold {value:.3g}", float(value))
        for which, value in (("lowest", limits.min()), ("highest", limits.max()))
    )
