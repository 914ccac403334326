"""Verdicts → alerts: one alert for each function and cause, repeats counted, the strangest flow shown."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct

from coldtrail.attack import technique_for, telling_reason
from coldtrail.phrases import deed, plain, short, step
from coldtrail.records import Alert, Flow, Reason, Technique, Verdict

Severity = Literal["low", "medium", "high", "critical"]
MAX_FLOW_IDS = 100
_HOW_OFTEN = re.compile(r" \([^()]* at this point\)$")


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


class _Cause(NamedTuple):
    """What makes two anomalous flows one alert."""

    application_name: str
    function_name: str
    kind: str
    event_name: str
    target: str


class _Group:
    """The flows of one cause, as they come."""

    def __init__(self) -> None:
        self.strangest: tuple[Verdict, Flow] | None = None
        self.starts: list[tuple[float, str]] = []

    def add(self, verdict: Verdict, flow: Flow) -> None:
        self.starts.append((verdict.start_time, verdict.function_flow_id))
        if self.strangest is None or _strangeness(verdict) < _strangeness(self.strangest[0]):
            self.strangest = (verdict, flow)


def alerts_from(pairs: Iterable[tuple[Verdict, Flow]]) -> list[Alert]:
    """One alert per function and cause of the anomalous verdicts, severest first, then strangest.

    The cause is the kind, event and target of the most telling of the reasons that speak of the first one's
    step (`attack.telling_reason`). The order of pairs does not matter.
    """
    groups: dict[_Cause, _Group] = {}
    for verdict, flow in pairs:
        if verdict.verdict == "anomalous":
            groups.setdefault(_cause(verdict), _Group()).add(verdict, flow)
    alerts = [_alert(cause, group) for cause, group in groups.items()]
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


def _strangeness(verdict: Verdict) -> tuple[float, float, str]:
    return (-verdict.score, verdict.start_time, verdict.function_flow_id)


def _rank(alert: Alert) -> tuple[int, float, float, str]:
    severity = -_rules().levels.index(alert.severity)
    return (severity, -alert.verdict.score, alert.first_seen, alert.alert_id)


def _cause(verdict: Verdict) -> _Cause:
    reason = _reason(verdict)
    return _Cause(
        verdict.application_name, verdict.function_name, reason.kind, reason.event_name, reason.target or ""
    )


def _reason(verdict: Verdict) -> Reason:
    return telling_reason(verdict.reasons) or Reason("other", None, "", None, "", "", 0.0)


def _alert(cause: _Cause, group: _Group) -> Alert:
    assert group.strangest is not None
    verdict, flow = group.strangest
    reason = _reason(verdict)
    starts = sorted(group.starts)
    event_type = next((event.event_type for event in flow.events if event.event_id == reason.event_id), "")
    technique = technique_for(reason, event_type)
    words = _words(verdict, flow, reason, event_type)
    kind = _kind(cause.kind)
    return Alert(
        alert_id=_alert_id(cause),
        title=kind.title.format_map(words),
        severity=severity_of(cause.kind, technique, verdict.score, verdict.threshold, len(starts)),
        application_name=cause.application_name,
        function_name=cause.function_name,
        account=flow.account,
        region=flow.region,
        first_seen=starts[0][0],
        last_seen=starts[-1][0],
        count=len(starts),
        verdict=verdict,
        flow=flow,
        flow_ids=tuple(flow_id for _, flow_id in starts[:MAX_FLOW_IDS]),
        technique=technique,
        next_steps=tuple(next_step.format_map(words) for next_step in kind.next_steps),
    )


def _alert_id(cause: _Cause) -> str:
    digest = hashlib.sha256(json.dumps(cause).encode())
    return f"ct-{digest.hexdigest()[:16]}"


def _words(verdict: Verdict, flow: Flow, reason: Reason, event_type: str) -> dict[str, str]:
    done = step(reason.event_name, reason.target)
    return {
        "function": short(verdict.function_name),
        "deed": deed(reason.event_name, event_type, reason.target),
        "step": done,
        "target": short(reason.target or reason.event_name) or "it",
        "missing": short(_HOW_OFTEN.sub("", reason.expected)) or done,
        "seen": short(reason.seen) or "something",
        "trace": plain(flow.application_flow_id),
        "flow": plain(flow.function_flow_id),
        "caller": short(flow.caller or "an unknown caller"),
    }


def _kind(name: str) -> _Kind:
    kinds = _rules().kinds
    return kinds.get(name, kinds["other"])


@cache
def _rules() -> _Rules:
    text = (files("coldtrail") / "data" / "alerts.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _Rules)
