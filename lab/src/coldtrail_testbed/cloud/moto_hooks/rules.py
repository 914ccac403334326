"""EventBridge: which rules match an event, and what their functions get."""

from collections.abc import Callable, Mapping
from typing import Any

from moto.events.models import Rule, events_backends

from coldtrail_testbed.cloud.event_bodies import BusEvent
from coldtrail_testbed.cloud.identifiers import ACCOUNT, REGION, function_of
from coldtrail_testbed.cloud.moto_hooks.events import CloudEvents
from coldtrail_testbed.cloud.moto_hooks.replacing import Replace


def install(replace: Replace, events: CloudEvents) -> None:
    """None; events that callers put reach the functions of matching rules."""
    replace(Rule, "send_to_targets", _send_to_targets(events))


def matching_functions(event: Mapping[str, Any]) -> list[str]:
    """The functions whose rules on the default event bus match `event`; schedules match nothing."""
    rules = events_backends[ACCOUNT][REGION].event_buses["default"].rules.values()
    return [function for rule in rules if _matches(rule, event) for function in _targets(rule)]


def _matches(rule: Any, event: Mapping[str, Any]) -> bool:
    """Moto lets a rule without a pattern match everything."""
    return bool(
        rule.state == "ENABLED" and rule.event_pattern.dump() and rule.event_pattern.matches_event(event)
    )


def _targets(rule: Any) -> list[str]:
    return [function_of(target["Arn"]) for target in rule.targets]


def _send_to_targets(events: CloudEvents) -> Callable[..., None]:
    """Moto knows no functions as targets of rules."""

    def send_to_targets(rule: Any, event: Mapping[str, Any], transform_input: bool = True) -> None:
        if _matches(rule, event):
            for function in _targets(rule):
                kind, resources = event["detail-type"], event["resources"]
                sent = BusEvent(event["id"], event["source"], kind, resources, event["detail"])
                events.event_matched(function, sent)

    return send_to_targets
