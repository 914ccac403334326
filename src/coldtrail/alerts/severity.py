"""How severe an alert is, and what its kind says: the rules of `data/alerts.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from math import log

import msgspec
from msgspec import Struct

from coldtrail.alerts.attack import is_of_services, service_names, technique_for
from coldtrail.alerts.building import StepWords
from coldtrail.alerts.contradictions import SEVERAL
from coldtrail.alerts.effects import Effect, effect_of
from coldtrail.alerts.failover import FAILOVER
from coldtrail.alerts.familiar import may_be_anybodys
from coldtrail.alerts.groups import GAP, Group
from coldtrail.alerts.manner import told_as
from coldtrail.alerts.parts import Part
from coldtrail.alerts.slowness import SLOW_SERVICE
from coldtrail.records.alert import Alert, Severity
from coldtrail.records.contradiction import CONTRADICTION
from coldtrail.records.verdict import Reason


class Kind(Struct, frozen=True):
    """How alerts of a kind are told."""

    title: str
    severity: Severity
    next_steps: tuple[str | StepWords, ...]


class _Rules(Struct, frozen=True):
    levels: tuple[Severity, ...]
    new_kinds: frozenset[str]
    grave_tactics: frozenset[str]
    plain_services: frozenset[str]
    leaving_tactics: frozenset[str]
    place_kinds: frozenset[str]
    destructive_verbs: frozenset[str]
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


def severity_of(kind: str, effect: Effect, count: int = 1, *, is_grave: bool = False) -> Severity:
    """The severity by kind, whether what may be behind it is grave, the size of the effect and repeats."""
    rules = _rules()
    level = level_of(kind_named(kind).severity)
    if effect is Effect.SMALL:
        return rules.levels[0]
    level += is_grave + effect
    if count >= rules.many_count and level < level_of(rules.many_limit):
        level += 1
    return rules.levels[min(level, len(rules.levels) - 1)]


def is_grave(reason: Reason, event_type: str) -> bool:
    """Whether something new touches secrets, roles or records, or a place where data leave the account, or
    destroys records."""
    if is_destructive(reason, event_type):
        return True
    rules, kind, technique = _rules(), told_as(reason), technique_for(reason, event_type)
    if technique is None or kind not in rules.new_kinds:
        return False
    if technique.tactic_id in rules.leaving_tactics:
        return kind in rules.place_kinds and may_be_anybodys(reason.target, event_type)
    is_plain = not rules.plain_services.isdisjoint(service_names(event_type))
    return technique.tactic_id in rules.grave_tactics and not is_plain


def is_destructive(reason: Reason, event_type: str) -> bool:
    """Whether a statement that the function never made before destroys what a database holds."""
    verbs = _rules().destructive_verbs.intersection(reason.event_name.upper().split("; "))
    return told_as(reason) == "new_action" and bool(verbs) and is_of_services(event_type, ("database",))


def told_as_of(group: Group) -> str:
    """The kind by which a group is told."""
    if group.version is not None:
        return "change"
    if group.cause.kind == CONTRADICTION:
        return CONTRADICTION if group.cause.function else SEVERAL
    if group.cause.kind in (SLOW_SERVICE, GAP, FAILOVER):
        return group.cause.kind
    return told_as(group.parts[0].reason)


def severity_of_group(group: Group, count: int | None = None) -> Severity:
    """The highest of the parts, where repeats count unless many parts have one cause outside the attack;
    with a `count`, as if there were no more runs than these.

    What a new version does in most of its runs counts one step less and is medium at most, unless its name
    pretends to be another: no release needs that. Of a slow service, the slow calls count. A gap and a
    failover are as severe as their kinds are.
    """
    told = told_as_of(group)
    if told in (GAP, FAILOVER):
        return kind_named(told).severity
    levels = [_level_of_part(group, part, count) for part in group.parts if _counts(told, part)]
    return _rules().levels[max(levels)]


def _counts(told: str, part: Part) -> bool:
    return told != SLOW_SERVICE or told_as(part.reason) == "duration"


def _level_of_part(group: Group, part: Part, count: int | None) -> int:
    told, kind = told_as_of(group), told_as(part.reason)
    is_change = told == "change"
    bans = 0.0 if is_change else part.verdict.score - part.verdict.threshold
    effect = effect_of(part.reason, part.event_type, bans)
    if is_change or kind == "look_alike" or is_destructive(part.reason, part.event_type):
        effect = max(effect, Effect.PLAIN)
    level = level_of(
        severity_of(
            kind,
            effect,
            1 if is_change or told == SLOW_SERVICE else count or len(group.each_once),
            is_grave=is_grave(part.reason, part.event_type),
        )
    )
    if is_change and kind != "look_alike":
        return min(max(level - 1, 0), level_of("medium"))
    return level


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
