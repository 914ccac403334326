"""Verdicts → alerts: one alert for each function and cause, repeats counted, the strangest flow shown."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from coldtrail.alerts.attack import technique_for
from coldtrail.alerts.grouping import GAP, Group, Versions, groups_from
from coldtrail.alerts.slowness import SLOW_SERVICE, gathered
from coldtrail.alerts.wording import details, ending, told_as, words
from coldtrail.records.alert import Alert, Severity, Technique
from coldtrail.records.flow import Flow
from coldtrail.records.verdict import Verdict
from coldtrail.verdicts.causes import Cause

MAX_FLOW_IDS = 100
_OUTSIDE = frozenset((SLOW_SERVICE, GAP))
"""What is told as trouble from outside the functions: no technique of an attack is likely."""


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
    step (`attack.telling_reason`); see `grouping` and `slowness` for what is told together. With
    the `versions` learned, what most runs of another version show is one alert, the change; for that, `pairs`
    must hold its normal runs as well. The order of pairs does not matter.
    """
    return ranked(_alert(group) for group in gathered(groups_from(pairs, versions)))


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
    flow = lead.shown_flow
    starts = sorted(group.sightings)
    told, kind = words(group), _kind(_told_as(group))
    return Alert(
        alert_id=_alert_id(group.cause),
        title=kind.title.format_map(told) + ending(group),
        severity=_severity(group),
        application_name=lead.cause.application_name,
        function_name=lead.cause.function_name,
        account=lead.cause.account,
        region=lead.cause.region,
        first_seen=starts[0][0],
        last_seen=starts[-1][0],
        count=len(starts),
        verdict=lead.verdict,
        flow=flow,
        flow_ids=tuple(flow_id for _, flow_id in starts[:MAX_FLOW_IDS]),
        technique=None if _told_as(group) in _OUTSIDE else technique_for(lead.reason, lead.event_type),
        next_steps=tuple(next_step.format_map(told) for next_step in kind.next_steps),
        details=tuple(details(group)),
        cause=lead.reason,
    )


def _alert_id(cause: Cause) -> str:
    digest = hashlib.sha256(json.dumps(cause).encode())
    return f"ct-{digest.hexdigest()[:16]}"


def _told_as(group: Group) -> str:
    if group.version is not None:
        return "change"
    return group.cause.kind if group.cause.kind in _OUTSIDE else told_as(group.parts[0])


def _severity(group: Group) -> Severity:
    """The highest of the parts, where repeats count unless many parts have one cause outside the attack.

    What a new version does in most of its runs counts one step less, unless its name pretends to be another:
    no release needs that. Of a slow service, the slow calls count. A gap is as severe as gaps are.
    """
    rules = _rules()
    told, levels = _told_as(group), []
    if told == GAP:
        return _kind(GAP).severity
    for part in group.parts:
        kind = told_as(part)
        if told == SLOW_SERVICE and kind != "duration":
            continue
        score = 0.0 if told == "change" else part.verdict.score
        count = 1 if told in ("change", SLOW_SERVICE) else len(group.sightings)
        technique = technique_for(part.reason, part.event_type)
        level = rules.levels.index(severity_of(kind, technique, score, part.verdict.threshold, count))
        levels.append(max(level - 1, 0) if told == "change" and kind != "look_alike" else level)
    return rules.levels[max(levels)]


def _kind(name: str) -> _Kind:
    kinds = _rules().kinds
    return kinds.get(name, kinds["other"])


@cache
def _rules() -> _Rules:
    text = (files("coldtrail.alerts") / "data" / "alerts.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _Rules)
