"""What one training showed: errors of validation and test, thresholds, times; and the alarms that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from coldtrail.features.batch import Bools, Floats, Ints
from coldtrail_paper.stages import Arrays, Result


@dataclass(frozen=True)
class Errors:
    """Reconstruction errors of all windows of one length."""

    error: Floats
    """(window,)"""
    flow: Ints
    """(window,) the flow that each window is of."""
    limit: Floats
    """(window,) the threshold that holds for it."""


@dataclass(frozen=True)
class Outcome:
    """One training and what it made of the test flows; errors by window length."""

    recipe: Mapping[str, Any]
    learned: int
    """Flows that the weights were fitted to."""
    validated: int
    """Flows that the thresholds come from."""
    judged: int
    train_s: float
    test_s: float
    losses: Mapping[int, list[float]]
    """By window length: the loss of each epoch."""
    warnings: list[str]
    validation: Mapping[int, Errors]
    validation_rows: Ints
    """(validation flow,) their places in the training part."""
    test: Mapping[int, Errors]

    def alarms(self) -> Bools:
        """(flow,) whether any window of any length is above its threshold (section 5.2.3)."""
        return strengths(self.test, self.judged) > 1

    def strengths(self) -> Floats:
        """(flow,) the largest error of a flow as a multiple of its threshold."""
        return strengths(self.test, self.judged)

    def result(self) -> Result:
        """As a stage stores it."""
        facts = {
            "recipe": dict(self.recipe),
            "learned": self.learned,
            "validated": self.validated,
            "judged": self.judged,
            "train_s": self.train_s,
            "test_s": self.test_s,
            "losses": {str(window): losses for window, losses in self.losses.items()},
            "warnings": self.warnings,
        }
        arrays: Arrays = {"validation_rows": self.validation_rows}
        for part, held in (("validation", self.validation), ("test", self.test)):
            for window, errors in held.items():
                arrays[f"{part}-{window}-error"] = errors.error.astype(np.float32)
                arrays[f"{part}-{window}-flow"] = errors.flow.astype(np.int32)
                arrays[f"{part}-{window}-limit"] = errors.limit.astype(np.float32)
        return Result(facts, arrays)


def strengths(parts: Mapping[int, Errors], flows: int) -> Floats:
    """(flow,) the largest error of each flow as a multiple of its threshold; 0 for a flow without windows."""
    strongest = np.zeros(flows)
    for errors in parts.values():
        np.maximum.at(strongest, errors.flow, errors.error / np.maximum(errors.limit, 1e-30))
    return strongest


def outcome_of(stored: Result) -> Outcome:
    """The outcome that a stage stored."""
    facts = stored.facts
    return Outcome(
        recipe=facts["recipe"],
        learned=facts["learned"],
        validated=facts["validated"],
        judged=facts["judged"],
        train_s=facts["train_s"],
        test_s=facts["test_s"],
        losses={int(window): losses for window, losses in facts["losses"].items()},
        warnings=facts["warnings"],
        validation=_errors("validation", stored.arrays),
        validation_rows=stored.arrays["validation_rows"].astype(np.int64),
        test=_errors("test", stored.arrays),
    )


def _errors(part: str, arrays: Arrays) -> dict[int, Errors]:
    names = [name.split("-") for name in arrays if name.startswith(f"{part}-") and name.endswith("-error")]
    return {
        int(window): Errors(
            arrays[f"{part}-{window}-error"].astype(np.float64),
            arrays[f"{part}-{window}-flow"].astype(np.int64),
            arrays[f"{part}-{window}-limit"].astype(np.float64),
        )
        for _, window, _ in sorted(names, key=lambda name: int(name[1]))
    }
