"""What happened in a run, told as incidents: which attack, when, to whom, and which records tell of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from coldtrail_testbed.cloud.identifiers import function_of
from coldtrail_testbed.facts import Call, Caller
from coldtrail_testbed.telemetry.cloudtrail_events import is_logged
from coldtrail_testbed.telemetry.cloudtrail_identities import user_identity
from coldtrail_testbed.telemetry.cloudtrail_records import cloudtrail_event_id, event_time

Decisive = Callable[[Call], bool]
"""Whether a call is the one after which nobody can take an attack for something else."""


def at_once(_call: Call) -> bool:
    """True: the first call decides."""
    return True


@dataclass(frozen=True)
class Story:
    """An attack as it is told: its name, what it does, and to which function."""

    name: str
    summary: str
    function: str
    decisive: Decisive = at_once


@dataclass
class _Incident:
    """What is known of one attack so far; flows are start, function and id."""

    story: Story
    calls: list[Call] = field(default_factory=list)
    flows: list[tuple[float, str, str]] = field(default_factory=list)


class IncidentBook:
    """Takes attackers' calls and attacked flows, and tells one incident for each attack that occurred.

    An attack begins once in a run. What its own calls are is what `cloudtrail_labels.jsonl` says without a
    flow; the calls of attacked flows stand there too, under the same attack.
    """

    def __init__(self, stories: Sequence[Story]) -> None:
        self._incidents = {story.name: _Incident(story) for story in stories}

    def call(self, call: Call) -> None:
        """None; `call` is an attacker's own, if it carries an attack and CloudTrail logs it."""
        if call.attack in self._incidents and is_logged(call):
            self._incidents[call.attack].calls.append(call)

    def flow(self, attack: str, time: float, function: str, flow_id: str) -> None:
        """None; the flow of `function` that began at `time` is attacked."""
        if attack in self._incidents:
            self._incidents[attack].flows.append((time, function, flow_id))

    def lines(self) -> Iterator[dict[str, Any]]:
        """The incidents as JSON, in the order of their begin."""
        occurred = [one for one in self._incidents.values() if one.calls or one.flows]
        yield from sorted(map(_line, occurred), key=lambda line: (line["begin"], line["attack"]))


def _line(incident: _Incident) -> dict[str, Any]:
    calls = sorted(incident.calls, key=lambda call: call.time)
    flows = sorted(incident.flows)
    found = [(call.time, {"event_id": cloudtrail_event_id(call)}) for call in calls]
    found += [(time, {"function_flow_id": flow_id}) for time, _, flow_id in flows]
    decisive = [
        (call.time, {"event_id": cloudtrail_event_id(call)})
        for call in calls
        if incident.story.decisive(call)
    ]
    return {
        "attack": incident.story.name,
        "summary": incident.story.summary,
        "function_names": _functions(incident, calls),
        "principals": _principals(calls),
        "source_addresses": list(dict.fromkeys(call.caller.address for call in calls)),
        "begin": min(time for time, _ in found),
        "end": max(time for time, _ in found),
        "first": _reference(min(found, key=lambda one: one[0])),
        "decisive": _reference(decisive[0]) if decisive else None,
        "event_ids": [cloudtrail_event_id(call) for call in calls],
        "function_flow_ids": [flow_id for _, _, flow_id in flows],
    }


def _reference(found: tuple[float, dict[str, str]]) -> dict[str, Any]:
    time, record = found
    return {"time": time, **record}


def _functions(incident: _Incident, calls: Sequence[Call]) -> list[str]:
    """The attack's function first, then the others that its calls name or its flows ran in."""
    named = [
        function_of(str(call.parameters["functionName"]))
        for call in calls
        if call.service == "lambda" and "functionName" in call.parameters
    ]
    ran = [function for _, function, _ in incident.flows]
    return list(dict.fromkeys((incident.story.function, *named, *ran)))


def _principals(calls: Sequence[Call]) -> list[dict[str, Any]]:
    """Who made the calls, as CloudTrail names them, with their access keys."""
    keys: dict[tuple[str, str | None], dict[str, None]] = {}
    for call in calls:
        who = _named(call.caller)
        found = keys.setdefault(who, {})
        if call.caller.access_key and call.caller.kind not in ("anyone", "foreign"):
            found[call.caller.access_key] = None
    return [{"type": kind, "arn": arn, "access_key_ids": list(found)} for (kind, arn), found in keys.items()]


def _named(caller: Caller) -> tuple[str, str | None]:
    identity = user_identity(caller, event_time(caller.since or 0.0))
    return identity["type"], identity.get("arn")
