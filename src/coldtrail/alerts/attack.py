"""The MITRE ATT&CK technique that a piece of evidence points to, read from `data/attack.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any

from msgspec import Struct

from coldtrail.alerts.manner import by_nobody
from coldtrail.records.alert import Technique
from coldtrail.records.finding import Finding, Origin, Seconds
from coldtrail.records.verdict import Reason

_SEPARATORS = re.compile(r"[^a-z0-9]+")


class _Rule(Struct, frozen=True):
    kinds: frozenset[str]
    services: frozenset[str] | None
    actions: tuple[str, ...] | None
    of: frozenset[str] | None
    triggers: tuple[str, ...] | None
    nobody: bool
    missing: tuple[str, ...] | None
    technique: Technique
    why: str


def technique_for(reason: Reason, event_type: str) -> Technique | None:
    """The technique that fits the reason and its event's type best, or None where none fits."""
    rule = _rule_for(reason, event_type)
    return rule.technique if rule else None


def rationale_for(reason: Reason, event_type: str) -> str:
    """One sentence that says why the technique fits, empty where none fits."""
    rule = _rule_for(reason, event_type)
    return rule.why if rule else ""


def technique_named(technique_id: str) -> Technique:
    """The technique of an id; raises KeyError for one that `data/attack.toml` does not hold."""
    return _technique(_data(), technique_id)


def telling_reason(reasons: Sequence[Reason]) -> Reason | None:
    """The reason that names the cause: the most telling of those that speak of the first one's step."""
    if not reasons:
        return None
    first, kinds = reasons[0], _data()["most_telling"]
    least = first.contribution * _data()["telling_share"]
    same_step = [first] + [
        reason
        for reason in reasons[1:]
        if (reason.event_name, reason.target) == (first.event_name, first.target)
        and reason.contribution >= least
        and reason.kind in kinds
    ]
    return min(same_step, key=lambda reason: kinds.index(reason.kind) if reason.kind in kinds else len(kinds))


def is_of_services(event_type: str, groups: Sequence[str]) -> bool:
    """Whether an event type is of one of the groups of services that `data/attack.toml` names."""
    return not service_names(event_type).isdisjoint(_members(_data()["services"], groups))


def service_names(event_type: str) -> frozenset[str]:
    """All names by which an event type may be called: `AWS::S3` gives `awss3`, `aws` and `s3`."""
    parts = [part for part in _SEPARATORS.split(event_type.casefold()) if part]
    return frozenset((*parts, "".join(parts)))


def _rule_for(reason: Reason, event_type: str) -> _Rule | None:
    names = service_names(event_type)
    return next((rule for rule in _rules() if _fits(rule, reason, names)), None)


def _fits(rule: _Rule, reason: Reason, services: frozenset[str]) -> bool:
    return (
        reason.kind in rule.kinds
        and (rule.services is None or not rule.services.isdisjoint(services))
        and _is_one_of(reason.event_name, rule.actions)
        and _holds(rule, reason.finding)
    )


def _holds(rule: _Rule, finding: Finding) -> bool:
    """Whether the values are those that a rule asks for."""
    seen = finding.seen
    if rule.of is not None and not (isinstance(seen, Seconds) and seen.of in rule.of):
        return False
    if rule.nobody and not by_nobody(finding):
        return False
    if rule.triggers is not None and not _is_one_of(_trigger(finding), rule.triggers):
        return False
    return rule.missing is None or any(_is_one_of(part, rule.missing) for part in finding.key.thing)


def _trigger(finding: Finding) -> str:
    """What newly started the run, empty where its caller alone is new."""
    seen = finding.seen
    return (seen.trigger or "") if isinstance(seen, Origin) and not seen.by_caller else ""


def _is_one_of(text: str, patterns: tuple[str, ...] | None) -> bool:
    folded = text.casefold()
    return patterns is None or any(fnmatchcase(folded, pattern) for pattern in patterns)


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((files("coldtrail.alerts") / "data" / "attack.toml").read_text(encoding="utf-8"))


@cache
def _rules() -> tuple[_Rule, ...]:
    data = _data()
    return tuple(
        _Rule(
            kinds=frozenset(row["kinds"]),
            services=frozenset(_members(data["services"], row["services"])) if "services" in row else None,
            actions=_members(data["actions"], row["actions"]) if "actions" in row else None,
            of=frozenset(row["of"]) if "of" in row else None,
            triggers=tuple(row["triggers"]) if "triggers" in row else None,
            nobody=row.get("nobody", False),
            missing=tuple(row["missing"]) if "missing" in row else None,
            technique=_technique(data, row["technique"]),
            why=row["why"],
        )
        for row in data["rules"]
    )


def _members(groups: dict[str, list[str]], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(member for name in names for member in groups[name])


def _technique(data: dict[str, Any], technique_id: str) -> Technique:
    row = data["techniques"][technique_id]
    return Technique(row["tactic"], data["tactics"][row["tactic"]], technique_id, row["name"])


MATRIX_VERSION: str = _data()["matrix_version"]
"""The version of the ATT&CK matrix that every technique here belongs to."""
