"""Verdicts → alerts: one alert for each function and cause, repeats counted, the strangest flow shown."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from coldtrail.attack import technique_for
from coldtrail.causes import HOW_OFTEN, Cause, Part
from coldtrail.grouping import Group, Versions, groups_from
from coldtrail.near_names import resemblance
from coldtrail.phrases import deed, plain, short, step
from coldtrail.queries import calls, deployed, show_trace, trail
from coldtrail.records import Alert, Flow, Severity, Technique, Verdict

MAX_FLOW_IDS = 100
MAX_DETAILS = 12


class _Kind(Struct, frozen=True):
    title: str
    severity: Severity
    next_steps: tuple[str, ...]


class _Rules(Struct, frozen=True):
    levels: tuple[Severity, ...]
    grave_tactics: frozenset[str]
    far_score: float
    many_count: int
    many_limit: Severity
    kinds: dict[str, _Kind]


def alerts_from(pairs: Iterable[tuple[Verdict, Flow]], versions: Versions | None = None) -> list[Alert]:
    """One alert per function and cause of the anomalous verdicts, severest first, then strangest.

    The cause is the kind, event and target of the most telling of the reasons that speak of the first one's
    step (`attack.telling_reason`); see `grouping` for what is told together. With the `versions` learned,
    what most runs of another version show is one alert, the change; for that, `pairs` must hold its normal
    runs as well. The order of pairs does not matter.
    """
    return ranked(_alert(group) for group in groups_from(pairs, versions))


def ranked(alerts: Iterable[Alert]) -> list[Alert]:
    """The alerts, severest first, then strangest."""
    return sorted(alerts, key=_rank)


def severity_of(
    kind: str, technique: Technique | None, score: float, threshold: float, count: int
) -> Severity:
    """The severity by the rules of `data/alerts.toml`: kind, tactic, distance from the threshold, repeats."""
    rules = _rules()
    level = rules.levels.index(_kind(kind).severity)
    level += technique is not None and technique.tactic_id in rules.grave_tactics
    level += threshold > 0 and score >= rules.far_score * threshold
    if count >= rules.many_count and level < rules.levels.index(rules.many_limit):
        level += 1
    return rules.levels[min(level, len(rules.levels) - 1)]


def _rank(alert: Alert) -> tuple[int, float, float, str]:
    severity = -_rules().levels.index(alert.severity)
    return (severity, -alert.verdict.score, alert.first_seen, alert.alert_id)


def _alert(group: Group) -> Alert:
    lead = group.parts[0]
    verdict, flow = lead.verdict, lead.shown_flow
    starts = sorted(group.sightings)
    words = _words(lead, flow) | {"version": short(group.version or ""), "news": _news(group)}
    kind = _change() if group.version is not None else _kind(_kind_name(lead))
    failed = "; the call failed" if lead.failed and lead.cause.kind.startswith("new_") else ""
    more = f"; {len(group.parts) - 1} more like it" if group.version is None and len(group.parts) > 1 else ""
    return Alert(
        alert_id=_alert_id(group.cause),
        title=kind.title.format_map(words) + (more or failed),
        severity=_severity(group),
        application_name=group.cause.application_name,
        function_name=group.cause.function_name,
        account=flow.account,
        region=flow.region,
        first_seen=starts[0][0],
        last_seen=starts[-1][0],
        count=len(starts),
        verdict=verdict,
        flow=flow,
        flow_ids=tuple(flow_id for _, flow_id in starts[:MAX_FLOW_IDS]),
        technique=technique_for(lead.reason, lead.event_type),
        next_steps=tuple(next_step.format_map(words) for next_step in kind.next_steps),
        details=tuple(_details(group)),
        cause=lead.reason,
    )


def _alert_id(cause: Cause) -> str:
    digest = hashlib.sha256(json.dumps(cause).encode())
    return f"ct-{digest.hexdigest()[:16]}"


def _severity(group: Group) -> Severity:
    """The highest of the parts; what a new version does in most of its runs counts one step less.

    Unless its name pretends to be another: no release needs that.
    """
    rules = _rules()
    levels = []
    for part in group.parts:
        technique = technique_for(part.reason, part.event_type)
        score, count = (part.verdict.score, len(group.sightings)) if group.version is None else (0.0, 1)
        kind = _kind_name(part)
        level = rules.levels.index(severity_of(kind, technique, score, part.verdict.threshold, count))
        levels.append(max(level - 1, 0) if group.version is not None and kind != "look_alike" else level)
    return rules.levels[max(levels)]


def _kind_name(part: Part) -> str:
    """The kind by which an alert is told: that of its cause, unless there is more to say of its target."""
    if part.reason.near:
        return "look_alike"
    return "shared_resource" if part.reason.elsewhere else part.cause.kind


def _news(group: Group) -> str:
    new = sum(part.cause.kind.startswith("new_") for part in group.parts)
    other = len(group.parts) - new
    told = [f"{new} new step{'s' if new > 1 else ''}"] if new else []
    told += [f"{other} other difference{'s' if other > 1 else ''}"] if other else []
    return " and ".join(told)


def _details(group: Group) -> Iterator[str]:
    """What is told together, a line each."""
    if group.version is not None:
        for part, number in list(zip(group.parts, group.shown, strict=True))[:MAX_DETAILS]:
            yield f"{_what(part)}: {number:,} of the version's {_runs(group.runs)} so far"
    elif len(group.parts) > 1:
        for part in group.parts[:MAX_DETAILS]:
            yield f"{_what(part)}: {_runs(len(part.sightings))}"
    hidden = len(group.parts) - MAX_DETAILS
    if hidden > 0:
        yield f"and {hidden:,} more"
    for part in group.started[:MAX_DETAILS]:
        function, started = short(part.cause.function_name), _runs(len(part.sightings))
        yield f"{function}: {started} that these calls started, by {short(part.cause.target)}"


def _what(part: Part) -> str:
    reason = part.reason
    if part.cause.kind == "omission":
        return f"left out {short(part.cause.target)}"
    if part.cause.kind in ("new_resource", "new_action", "new_event"):
        return deed(reason.event_name, part.event_type, reason.target)
    names = {"order": "out of order", "count": "repeated", "duration": "slow", "trigger": "a new trigger"}
    return f"{step(reason.event_name, reason.target)} ({names.get(part.cause.kind, 'unusual')})"


def _runs(number: int) -> str:
    return "1 run" if number == 1 else f"{number:,} runs"


def _words(part: Part, flow: Flow) -> dict[str, str]:
    reason = part.reason
    done = step(reason.event_name, reason.target)
    target = reason.target or ""
    trace, at = flow.application_flow_id, flow.start_time
    return {
        "function": short(flow.function_name),
        "deed": deed(reason.event_name, part.event_type, reason.target),
        "step": done,
        "action": short(reason.event_name) or "the call",
        "target": short(target or reason.event_name) or "it",
        "missing": short(HOW_OFTEN.sub("", reason.expected)) or done,
        "seen": short(reason.seen) or "something",
        "near": short(reason.near or ""),
        "resemblance": short(resemblance(target, reason.near)) if reason.near else "",
        "trace": plain(trace),
        "flow": plain(flow.function_flow_id),
        "caller": short(flow.caller or "an unknown caller"),
        "show_trace": show_trace(trace),
        "trail_target": trail("ResourceName", target or reason.event_name, at),
        "trail_action": calls(part.event_type, reason.event_name, at),
        "trail_function": trail("ResourceName", flow.function_name, at),
        "trail_session": trail("Username", flow.function_name, at),
        "deployed": deployed(flow.function_name, flow.region),
    }


def _change() -> _Kind:
    return _rules().kinds["change"]


def _kind(name: str) -> _Kind:
    kinds = _rules().kinds
    return kinds.get(name, kinds["other"])


@cache
def _rules() -> _Rules:
    text = (files("coldtrail") / "data" / "alerts.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _Rules)
