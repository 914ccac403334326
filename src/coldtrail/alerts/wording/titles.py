"""The words of an alert: what its title and its next steps may say, and what is told together."""

from __future__ import annotations

from collections.abc import Iterator

from coldtrail.alerts.failover import FAILOVER
from coldtrail.alerts.groups import GAP, Group
from coldtrail.alerts.manner import told_as
from coldtrail.alerts.parts import Part
from coldtrail.alerts.showing.plain import plain, short
from coldtrail.alerts.slowness import SLOW_SERVICE
from coldtrail.alerts.wording.amounts import counted
from coldtrail.alerts.wording.commands import (
    around,
    calls,
    deployed,
    mappings,
    of_function,
    of_resource,
    policy,
    session,
    show_run,
    until,
)
from coldtrail.alerts.wording.conflicts import conflict
from coldtrail.alerts.wording.findings import seen
from coldtrail.alerts.wording.phrases import deed, step, step_words
from coldtrail.features.names.near import resemblance
from coldtrail.records.contradiction import CONTRADICTION
from coldtrail.records.next_step import Command
from coldtrail.records.verdict import Reason
from coldtrail.verdicts.causes import NEW_KINDS

MAX_DETAILS = 12
_OF_MANY = frozenset((SLOW_SERVICE, GAP, FAILOVER))
"""What is told of several functions at once."""
_MANNERS = {"order": "out of order", "count": "repeated", "duration": "slow", "trigger": "a new trigger"}


def names(group: Group) -> dict[str, str]:
    """What stands for each name in braces of `data/alerts.toml` that telemetry chose."""
    lead = group.parts[0]
    flow, reason = lead.shown_flow, lead.reason
    target = reason.target or ""
    return {
        "function": short(flow.function_name),
        "deed": deed(reason.event_name, lead.event_type, reason.target),
        "step": step(reason.event_name, reason.target),
        "action": short(reason.event_name) or "the call",
        "target": short(target or reason.event_name) or "it",
        "missing": _missing(reason),
        "seen": short(seen(reason.finding)) or "something",
        "near": short(reason.near or ""),
        "conflict": short(conflict(reason.finding)),
        "counterpart": short(reason.counterpart or ""),
        "application": short(flow.application_name),
        "resemblance": short(resemblance(target, reason.near)) if reason.near else "",
        "version": short(group.version or ""),
        "service": short((group.cause.target or group.cause.type).rpartition("::")[2]) or "a service",
        "trace": plain(flow.application_flow_id),
        "flow": plain(flow.function_flow_id),
        "caller": short(flow.caller or "an unknown caller"),
    }


def amounts(group: Group) -> dict[str, str]:
    """What stands for the other names in braces there."""
    return {
        "news": _news(group),
        "functions": counted(len({part.cause.function for part in group.parts}), "function"),
    }


def commands(group: Group) -> dict[str, Command | None]:
    """The commands that next steps may end in, by the names that `data/alerts.toml` has for them."""
    lead = group.parts[0]
    flow, reason = lead.shown_flow, lead.reason
    function, region = flow.function_name, flow.region
    minutes, before = around(flow.start_time), until(flow.start_time)
    return {
        "show_run": show_run(flow, reason.event_id),
        "trail_target": of_resource(lead.event_type, reason.target, minutes, region),
        "trail_action": calls(lead.event_type, reason.event_name, minutes, region),
        "trail_function": of_function(function, before, region),
        "trail_session": session(function, minutes, region),
        "deployed": deployed(function, region),
        "policy": policy(function, region),
        "mappings": mappings(function, region),
    }


def ending(group: Group) -> str:
    """What follows the title: how many more are told with it, or that the call failed."""
    lead = group.parts[0]
    if group.version is not None or group.cause.kind in _OF_MANY:
        return ""
    if len(group.parts) > 1 and group.cause.kind != CONTRADICTION:
        return f"; {len(group.parts) - 1} more like it"
    return "; the call failed" if lead.failed and lead.cause.kind in NEW_KINDS else ""


def details(group: Group) -> Iterator[str]:
    """What is told together, a line each."""
    if len(group.parts) > 1 or group.version is not None:
        for place, part in enumerate(group.parts[:MAX_DETAILS]):
            yield f"{_whose(group, part)}{_what(part)}: {_how_often(group, place)}"
    hidden = len(group.parts) - MAX_DETAILS
    if hidden > 0:
        yield f"and {hidden:,} more"
    for part in group.started[:MAX_DETAILS]:
        runs = counted(len(part.sightings), "run")
        yield f"{short(part.cause.function)}: {runs} that these calls started"


def _missing(reason: Reason) -> str:
    known = reason.finding.step if reason.kind == "omission" else None
    return short(step_words(known)) if known else step(reason.event_name, reason.target)


def _news(group: Group) -> str:
    new = sum(part.cause.kind in NEW_KINDS for part in group.parts)
    other = len(group.parts) - new
    told = [counted(new, "new step")] if new else []
    told += [counted(other, "other difference")] if other else []
    return " and ".join(told)


def _whose(group: Group, part: Part) -> str:
    several = group.cause.kind in _OF_MANY or group.cause.kind == CONTRADICTION
    return f"{short(part.cause.function)}: " if several else ""


def _how_often(group: Group, place: int) -> str:
    if group.version is None:
        return counted(len(group.parts[place].sightings), "run")
    return f"{group.shown[place]:,} of the version's {counted(group.runs, 'run')} so far"


def _what(part: Part) -> str:
    reason, kind = part.reason, part.cause.kind
    if kind == CONTRADICTION:
        return conflict(reason.finding)
    if kind == "omission":
        return f"left out {_missing(reason)}"
    if kind in NEW_KINDS:
        return deed(reason.event_name, part.event_type, reason.target)
    if kind == "duration" and reason.finding.seen:
        return short(seen(reason.finding))
    if told_as(reason) == "failed_call":
        return f"{step(reason.event_name, reason.target)} failed"
    return f"{step(reason.event_name, reason.target)} ({_MANNERS.get(kind, 'unusual')})"
