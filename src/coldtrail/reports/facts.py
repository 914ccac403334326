"""Facts of one run, next to what is usual for its function."""

from __future__ import annotations

from collections.abc import Iterator

from coldtrail.alerts.wording.amounts import duration, share
from coldtrail.records.alert import Alert
from coldtrail.records.flow import NOBODY, Flow
from coldtrail.records.profile import Profile
from coldtrail.reports.words import one_in, strangeness


def facts(alert: Alert, profile: Profile | None) -> Iterator[tuple[str, str]]:
    """The facts of the run by name, next to what is usual."""
    if alert.flow is not None:
        yield from _of_run(alert.flow, profile)
    where = alert.subject.account, alert.subject.region
    yield "Where", " ".join(filter(None, where)) or "not in the telemetry"
    yield "Score", score(alert)
    yield "Detectors", ", ".join(alert.detectors) or "not stated"


def _of_run(flow: Flow, profile: Profile | None) -> Iterator[tuple[str, str]]:
    yield "Started by", _trigger(flow.trigger or (None if flow.upstream_lost else NOBODY), profile)
    if flow.caller:
        yield "Called by", flow.caller
    took = duration(flow.end_time - flow.start_time)
    yield "Took", f"{took} (usual runs: {_typical(profile)})" if profile else took
    yield "Cold start", _yes(flow.cold_start, profile.cold_share if profile else None)
    yield "Failed", _yes(flow.error, profile.error_share if profile else None)
    if flow.version:
        yield "Version", flow.version


def ids(alert: Alert) -> Iterator[tuple[str, str]]:
    """What to search for in other tools, by name."""
    look_at = alert.look_at
    if look_at.record_id:
        yield "Record id", look_at.record_id
    elif look_at.application_flow_id != look_at.function_flow_id:
        yield "Trace id", look_at.application_flow_id
    if look_at.function_flow_id:
        yield "Flow id", look_at.function_flow_id
    yield "Alert id", alert.id


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
    if alert.score is not None and alert.threshold is not None:
        return strangeness(alert.score, alert.threshold, alert.p_value)
    rarity = one_in(alert.p_value)
    if alert.is_signal:
        return f"about {rarity} usual hours holds something as strange" if rarity else "not known"
    return "of many runs together" + (f"; by chance alone, {rarity} runs would set it off" if rarity else "")
