"""Changes of what triggers a function: calls of other services, that name the function by its ARN."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from coldtrail.features.names.masking import RawNames
from coldtrail.formats.cloudtrail.documents import Record
from coldtrail.formats.cloudtrail.making import change_by
from coldtrail.formats.cloudtrail.parameters import Parameters
from coldtrail.records.witnesses import ApiCall, Change

_TRIGGERS = frozenset(
    (
        *(("EventBridge", "PutTargets"), ("SNS", "Subscribe"), ("Logs", "PutSubscriptionFilter")),
        *(("Scheduler", "CreateSchedule"), ("Scheduler", "UpdateSchedule")),
        *(("Pipes", "CreatePipe"), ("Pipes", "UpdatePipe")),
        *(("S3", "PutBucketNotification"), ("S3", "PutBucketNotificationConfiguration")),
        *(("ApiGateway", "PutIntegration"), ("ApiGateway", "CreateIntegration")),
        *(("ApiGateway", "UpdateIntegration"), ("ElasticLoadBalancing", "RegisterTargets")),
        *(("Cognito", "UpdateUserPool"), ("Cognito", "CreateUserPool")),
        *(("IoT", "CreateTopicRule"), ("IoT", "ReplaceTopicRule")),
    )
)
_MOST_TARGETS = 25
_MOST_LOOKED_AT = 2_000
_MOST_CHARS = 4_096
_FUNCTION = re.compile(r"arn:[a-z-]{1,16}:lambda:[a-z0-9-]{0,32}:\d{0,12}:function:([^:/\s\"]{1,512})")


class Triggers:
    """Calls to the changes of triggers that they made."""

    def __init__(self) -> None:
        self._names = RawNames()

    def changes(self, call: ApiCall, record: Record) -> Iterator[Change]:
        """The changes, also those that failed (`error_code`): one a function."""
        if (call.service, call.operation) in _TRIGGERS:
            found = dict.fromkeys(_functions(Parameters.all(record.requestParameters)))
            for function in list(found)[:_MOST_TARGETS]:
                yield replace(change_by(call, self._names[function], "triggers"), target=call.target)


def _functions(request: object) -> Iterator[str]:
    """The names of functions of which the ARNs stand anywhere in a request."""
    waiting, left = [request], _MOST_LOOKED_AT
    while waiting and left:
        value, left = waiting.pop(), left - 1
        if isinstance(value, str):
            yield from _FUNCTION.findall(value[:_MOST_CHARS])
        elif isinstance(value, dict | list):
            waiting += list(value.values() if isinstance(value, dict) else value)[:left][::-1]
