"""The default event bus of EventBridge: rules with patterns, and schedules, that invoke functions."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from coldtrail_testbed.applications.model import Schedule
from coldtrail_testbed.cloud.event_bodies import BusEvent, bus_event
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.identifiers import rule_arn
from coldtrail_testbed.cloud.lambda_service import LambdaService
from coldtrail_testbed.cloud.tracing import TraceContext

Match = Callable[[Mapping[str, Any]], Sequence[str]]


class EventBus:
    """Brings events to functions; `match` names the functions whose rules match an event.

    X-Ray follows events that a traced PutEvents sent, and neither schedules nor events of AWS services
    (EventBridge user guide, "EventBridge integration with AWS X-Ray"): those start traces of their own.
    """

    def __init__(self, foundation: Foundation, lambdas: LambdaService, match: Match) -> None:
        self._base = foundation
        self._lambdas = lambdas
        self._match = match

    def deliver(self, function: str, event: BusEvent, caller: TraceContext | None) -> None:
        """None; `function`, whose rule matched, is invoked, in the trace of `caller` if that was traced."""
        self._invoke(function, bus_event(event, self._base.clock.now()), caller)

    def announce(
        self, source: str, detail_type: str, resources: Sequence[str], detail: Mapping[str, Any]
    ) -> None:
        """None; the AWS service `source` (such as `aws.mediaconvert`) sends an event of its own."""
        event = BusEvent(self._base.identifiers.request(), source, detail_type, resources, detail)
        body = bus_event(event, self._base.clock.now())
        for function in self._match(body):
            self._invoke(function, body, None)

    def keep(self, schedules: Sequence[Schedule]) -> None:
        """None; from now on the `schedules` invoke their functions, first at the minute after one period."""
        for schedule in schedules:
            first = math.ceil(self._base.clock.now() / 60) * 60 + schedule.rate_s
            self._base.agenda.every(first, schedule.rate_s, partial(self._tick, schedule))

    def _tick(self, schedule: Schedule) -> None:
        self._invoke(schedule.function, schedule.input or self._scheduled_event(schedule), None)

    def _scheduled_event(self, schedule: Schedule) -> dict[str, Any]:
        identifier, arn = self._base.identifiers.request(), rule_arn(schedule.name)
        event = BusEvent(identifier, "aws.events", "Scheduled Event", [arn], {})
        return bus_event(event, self._base.clock.now())

    def _invoke(self, function: str, body: Mapping[str, Any], caller: TraceContext | None) -> None:
        if function not in self._lambdas.deployments:
            # A function that joins the application later has its rules from the start.
            return
        context = caller or TraceContext(self._base.identifiers.trace(self._base.clock.now()))
        self._lambdas.invoke_later(function, json.dumps(body).encode(), context, "events")
