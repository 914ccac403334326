"""Facts of one run, next to what is usual for its function."""

from __future__ import annotations

from collections.abc import Iterator

from coldtrail.alerts.amounts import duration, share
from coldtrail.records.alert import Alert
from coldtrail.records.flow import NOBODY
from coldtrail.records.profile import Profile
from coldtrail.reports.words import one_in, strangeness


def facts(alert: Alert, profile: Profile | None) -> Iterator[tuple[str, str]]:
    """The facts of the run by name, next to what is usual."""
    flow = alert.flow
    yield "Started by", _trigger(flow.trigger or (None if flow.upstream_lost else NOBODY), profile)
    if flow.caller:
        yield "Called by", flow.caller
    took = duration(flow.end_time - flow.start_time)
    yield "Took", f"{took} (usual runs: {_typical(profile)})" if profile else took
    yield "Cold start", _yes(flow.cold_start, profile.cold_share if profile else None)
    yield "Failed", _yes(flow.error, profile.error_share if profile else None)
    if flow.version:
        yield "Version", flow.version
    yield "Where", " ".join(filter(None, (alert.account, alert.region))) or "not in the telemetry"
    yield "Score", score(alert)
    yield "Detectors", ", ".join(alert.verdict.detectors) or "not stated"


def ids(alert: Alert) -> Iterator[tuple[str, str]]:
    """What to search for in other tools, by name."""
    yield "Trace id", alert.verdict.application_flow_id
    yield "Flow id", alert.verdict.function_flow_id
    yield "Alert id", alert.alert_id


def _trigger(trigger: str | None, profile: Profile | None) -> str:
    seen = trigger or "not in the telemetry"
    if profile is None or not profile.triggers:
        return seen
    shares = dict(profile.triggers)
    if trigger in shares:
        return f"{seen} (as are {share(shares[trigger])} of the usual runs)"
    most, part = profile.triggers[0]
    return f"{seen} (usually {most}: {share(part)})"


def _yes(value: bool, usual: float | None) -> str:
    seen = "yes" if value else "no"
    if usual is None:
        return seen
    if usual == 0:
        return "yes (never in the usual runs)" if value else "no (as always)"
    return f"{seen} (yes in {share(usual)} of the usual runs)"


def _typical(profile: Profile) -> str:
    return f"{duration(profile.duration)}, 95 % below {duration(profile.duration_p95)}"


def score(alert: Alert) -> str:
    """How strange the alert's run is, or how seldom chance alone tells such a shift."""
    if not is_shift(alert):
        return strangeness(alert.verdict)
    rarity = one_in(alert.verdict.p_value)
    return "of many runs together" + (f"; by chance alone, {rarity} runs would set it off" if rarity else "")


def is_shift(alert: Alert) -> bool:
    """Whether it tells of many runs, none of which need be strange by itself."""
    return any(reason.kind == "shift" for reason in alert.verdict.reasons)
