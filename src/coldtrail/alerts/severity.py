"""How severe an alert is, and what its kind says: the rules of `data/alerts.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from math import log

import msgspec
from msgspec import Struct

from coldtrail.alerts.attack import technique_for
from coldtrail.alerts.building import StepWords
from coldtrail.alerts.contradictions import SEVERAL
from coldtrail.alerts.groups import GAP, Group
from coldtrail.alerts.manner import told_as
from coldtrail.alerts.slowness import SLOW_SERVICE
from coldtrail.records.alert import Alert, Severity, Technique
from coldtrail.records.contradiction import CONTRADICTION


class Kind(Struct, frozen=True):
    """How alerts of a kind are told."""

    title: str
    severity: Severity
    next_steps: tuple[str | StepWords, ...]


class _Rules(Struct, frozen=True):
    levels: tuple[Severity, ...]
    grave_tactics: frozenset[str]
    far_score: float
    many_count: int
    many_limit: Severity
    kinds: dict[str, Kind]


def kind_named(name: str) -> Kind:
    """The kind of this name, or what stands for all others."""
    kinds = _rules().kinds
    return kinds.get(name, kinds["other"])


def level_of(severity: Severity) -> int:
    """The place of a severity among all, from 0 for the least."""
    return _rules().levels.index(severity)


def severity_of(
    kind: str, technique: Technique | None, score: float, threshold: float, count: int
) -> Severity:
    """The severity by kind, tactic, distance from the threshold and repeats."""
    rules = _rules()
    level = level_of(kind_named(kind).severity)
    level += technique is not None and technique.tactic_id in rules.grave_tactics
    level += threshold > 0 and score >= rules.far_score * threshold
    if count >= rules.many_count and level < level_of(rules.many_limit):
        level += 1
    return rules.levels[min(level, len(rules.levels) - 1)]


def told_as_of(group: Group) -> str:
    """The kind by which a group is told."""
    if group.version is not None:
        return "change"
    if group.cause.kind == CONTRADICTION:
        return CONTRADICTION if group.cause.function else SEVERAL
    return group.cause.kind if group.cause.kind in (SLOW_SERVICE, GAP) else told_as(group.parts[0].reason)


def severity_of_group(group: Group) -> Severity:
    """The highest of the parts, where repeats count unless many parts have one cause outside the attack.

    What a new version does in most of its runs counts one step less, unless its name pretends to be another:
    no release needs that. Of a slow service, the slow calls count. A gap is as severe as gaps are.
    """
    told, levels = told_as_of(group), []
    if told == GAP:
        return kind_named(GAP).severity
    for part in group.parts:
        kind = told_as(part.reason)
        if told == SLOW_SERVICE and kind != "duration":
            continue
        score = 0.0 if told == "change" else part.verdict.score
        count = 1 if told in ("change", SLOW_SERVICE) else len(group.each_once)
        technique = technique_for(part.reason, part.event_type)
        level = level_of(severity_of(kind, technique, score, part.verdict.threshold, count))
        levels.append(max(level - 1, 0) if told == "change" and kind != "look_alike" else level)
    return _rules().levels[max(levels)]


def ranked(alerts: Iterable[Alert]) -> list[Alert]:
    """The alerts, severest first, then strangest."""
    return sorted(alerts, key=_rank)


def _rank(alert: Alert) -> tuple[int, float, float, str]:
    strangeness = -log(alert.p_value) if alert.score is None else alert.score
    return (-level_of(alert.severity), -strangeness, alert.first_seen, alert.id)


@cache
def _rules() -> _Rules:
    text = (files("coldtrail.alerts") / "data" / "alerts.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _Rules)
