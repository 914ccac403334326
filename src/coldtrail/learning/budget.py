"""The budget of false alarms: what was asked for, as a share of flows, and whether a history can hold it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from coldtrail.alerts.wording.amounts import counted
from coldtrail.bundle.history import History
from coldtrail.config import DetectionSettings, Settings
from coldtrail.errors import ConfigError
from coldtrail.learning.alert_rate import DAY_S, LEAST_ALERTS, MOST
from coldtrail.records.identity import FunctionKey
from coldtrail.verdicts.calibration import flows_needed


def settled(settings: Settings, history: History, learned: Mapping[FunctionKey, int]) -> Settings:
    """The settings with the budget as a share of flows.

    Raises `ConfigError` where a budget that is to be held takes more flows than were learned.
    """
    detection = settings.detection
    flows = sum(learned.values())
    if detection.alerts_a_day:
        _check_days(detection, history)
        return settings
    if detection.false_alarms_a_day:
        detection = msgspec.structs.replace(detection, budget=_share(detection, history, flows))
    needed = flows_needed(detection.budget)
    if detection.hold_budget and flows < needed:
        raise ConfigError(
            f"{counted(flows, 'flow')} cannot hold a budget of {_words(detection)}: it takes {needed:,}. "
            f"Give more telemetry, or ask for a budget of {3.0 / flows:.2g} or more."
        )
    return msgspec.structs.replace(settings, detection=detection)


def with_share(settings: Settings, share: float) -> Settings:
    """The settings with the share of benign flows that may alarm."""
    detection = msgspec.structs.replace(settings.detection, budget=share)
    return msgspec.structs.replace(settings, detection=detection)


def _check_days(detection: DetectionSettings, history: History) -> None:
    """Raises `ConfigError` where a history is too short to count so few alerts a day."""
    days, asked = (history.reference - history.first) / DAY_S, detection.alerts_a_day
    if days <= 0.0:
        raise ConfigError("All flows start at once, so their rate is unknown: ask for a --budget of flows.")
    if detection.hold_budget and asked * days < LEAST_ALERTS:
        needed, least = LEAST_ALERTS / asked, LEAST_ALERTS / days
        raise ConfigError(
            f"{days:.2g} days cannot hold a budget of {asked:g} alerts a day: it takes {needed:.2g} days. "
            f"Give more telemetry, or ask for {least:.2g}/day or more."
        )


def _share(detection: DetectionSettings, history: History, flows: int) -> float:
    days = (history.reference - history.first) / DAY_S
    if days <= 0.0:
        raise ConfigError("All flows start at once, so their rate is unknown: ask for a --budget of flows.")
    share = detection.false_alarms_a_day * days / flows
    if share > MOST:
        raise ConfigError(
            f"{detection.false_alarms_a_day:g} false alarms a day would be {share:.0%} of the flows, "
            f"of which {flows / days:,.0f} come a day; ask for {MOST * flows / days:,.3g} a day at most."
        )
    return share


def _words(detection: DetectionSettings) -> str:
    share = f"{detection.budget:.2g} false alarms a flow"
    if not detection.false_alarms_a_day:
        return share
    return f"{detection.false_alarms_a_day:g} false alarms a day ({share})"
