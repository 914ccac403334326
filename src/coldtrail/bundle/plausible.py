"""What no training gives: settings and numbers by which a bundle would judge nothing.

The hashes of a bundle show that it is whole, not who made it. Whoever makes one can make it silent in ways
that nobody can see; those that can be seen are refused.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from msgspec import Struct

from coldtrail.bundle.manifest import Manifest
from coldtrail.config import DetectionSettings, LimitSettings, Settings
from coldtrail.errors import BundleError, ConfigError
from coldtrail.verdicts.calibration import Calibration

UNSIGNED = "not signed: its hashes show that it is whole, not who made it"
"""What is to be said of every bundle until bundles are signed."""
_CLOSE = 1e-6
_HALF = 0.5
"""Of the budget: the largest scores are kept exactly, those of a long history in steps."""
MOST_COUNTED = 25.0
"""As many times a run may count, where its version is new (`learning/newest.py`)."""


class _Least(Struct, frozen=True):
    """Limits below which next to nothing of any telemetry would be judged."""

    max_document_bytes: int = 1_024
    max_name_chars: int = 16
    max_depth: int = 4
    max_events_per_flow: int = 16
    max_open_events: int = 1_000


MOST_LATENESS_S = 86_400.0
"""Traces are over sooner: a longer wait would hold all of a day's runs back."""


def check_plausible(folder: Path, manifest: Manifest, calibration: Calibration | None = None) -> None:
    """Raises `BundleError` where a bundle, as far as it was read, is such as no training gives."""
    try:
        _check_manifest(manifest)
        if calibration is not None:
            _check_calibration(manifest, calibration)
    except ConfigError as error:
        reason = str(error).removesuffix(".")
        raise BundleError(f"{folder}: no training gives such a bundle: {reason}; train again.") from None


def check_judging(settings: Settings, most_flows: int) -> None:
    """Raises `ConfigError` for settings by which nothing would be judged.

    `most_flows` are those learned of the function of which there are most.
    """
    check_limits(settings.limits)
    ready = settings.detection.ready_flows
    if ready > max(most_flows, DetectionSettings().ready_flows):
        raise ConfigError(
            f"detection.ready_flows is {ready:,}, and no function has more than {most_flows:,} learned "
            "flows: none would be judged."
        )


def check_limits(limits: LimitSettings) -> None:
    """Raises `ConfigError` for limits that next to nothing passes."""
    least = _Least()
    for name in least.__struct_fields__:
        if getattr(limits, name) < getattr(least, name):
            raise ConfigError(
                f"limits.{name} is {getattr(limits, name):,}: with less than {getattr(least, name):,}, "
                "hardly any flow would be judged."
            )
    for name in ("lateness_s", "witness_lateness_s"):
        if getattr(limits, name) > MOST_LATENESS_S:
            raise ConfigError(f"limits.{name} is {getattr(limits, name):,.0f}; a day is the longest wait.")


def _check_manifest(manifest: Manifest) -> None:
    flows = [one.flows for one in manifest.functions]
    if not flows or min(flows) < 0 or sum(flows) != manifest.flows:
        raise ConfigError("the flows of its functions are not those of the whole")
    times = manifest.first_start, manifest.last_start
    if not np.isfinite(times).all() or times[0] > times[1]:
        raise ConfigError("it ends before it begins")
    check_judging(manifest.settings, max(flows))


def _check_calibration(manifest: Manifest, calibration: Calibration) -> None:
    if manifest.threshold != calibration.threshold_:
        raise ConfigError("its threshold is not that of its calibration")
    if not calibration.is_budgeted:
        if calibration.threshold_ != 1.0:
            raise ConfigError("its threshold is none that detectors with rules of their own have")
        return
    budget = manifest.settings.detection.budget
    if abs(calibration.least_ + np.log10(budget)) > _CLOSE:
        raise ConfigError("its calibration is of another budget")
    if calibration.combined_.flows > MOST_COUNTED * manifest.flows + 1.0:
        raise ConfigError("its calibration tells of more flows than were learned")
    _check_threshold(calibration, budget)
    _check_tails(calibration)


def _check_threshold(calibration: Calibration, budget: float) -> None:
    """The threshold is the score that a family's share of the budget passes, or the least that alarms."""
    threshold, flows = calibration.threshold_, calibration.combined_.flows
    least = -np.log10(max(budget, 2.0 / (flows + 1.0)))
    passed = float(calibration.p_values(np.array([threshold]))[0])
    highest = max(least, float(calibration.combined_.scores.max(initial=0.0)))
    silent = threshold > highest + _CLOSE or (
        threshold > least + _CLOSE and passed < _HALF * budget * calibration.shares.min()
    )
    lift = calibration.lift_
    lifted = lift.min() < -_CLOSE or lift.max() > threshold - least + _CLOSE
    if silent or lifted or threshold < least - _CLOSE:
        raise ConfigError(f"a budget of {budget:g} gives no threshold of {threshold:.3g}")


def _check_tails(calibration: Calibration) -> None:
    tails = calibration.tails_
    of = np.repeat(np.arange(len(tails.offsets) - 1), np.diff(tails.offsets))
    if (tails.above > tails.numbers[of] * (1.0 + _CLOSE) + _CLOSE).any():
        raise ConfigError("its calibration holds more flows above a score than there are")
