"""Changes of what triggers a function: calls of other services, that name the function by its ARN."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from coldtrail.features.names.masking import RawNames
from coldtrail.formats.cloudtrail.documents import Record
from coldtrail.formats.cloudtrail.parameters import Parameters, mapping, text_of
from coldtrail.records.witnesses import ApiCall, Change

_TRIGGERS = frozenset(
    (
        *(("EventBridge", "PutTargets"), ("SNS", "Subscribe"), ("Logs", "PutSubscriptionFilter")),
        *(("Scheduler", "CreateSchedule"), ("Scheduler", "UpdateSchedule")),
    )
)
_MOST_TARGETS = 25
_FUNCTION = ":function:"


class Triggers:
    """Calls to the changes of triggers that they made."""

    def __init__(self) -> None:
        self._names = RawNames()

    def changes(self, call: ApiCall, record: Record) -> Iterator[Change]:
        """The changes, also those that failed (`error_code`): one a function."""
        if (call.service, call.operation) in _TRIGGERS:
            request = mapping(Parameters.all(record.requestParameters))
            for arn in list(dict.fromkeys(_functions(request)))[:_MOST_TARGETS]:
                yield self._change(call, arn.partition(_FUNCTION)[2].partition(":")[0])

    def _change(self, call: ApiCall, function: str) -> Change:
        return Change(
            call.event_id,
            call.time,
            call.account,
            call.region,
            self._names[function] if function else "",
            call.operation,
            call.digest,
            "triggers",
            request_id=call.request_id,
            access_key=call.access_key,
            principal=call.principal,
            error_code=call.error_code,
        )


def _functions(request: Mapping[str, object]) -> Iterator[str]:
    """The ARNs of functions that a request makes the target of something."""
    targets = request.get("targets")
    parts = [request, mapping(request.get("target")), *(targets if isinstance(targets, list) else ())]
    for part in parts:
        for key in ("arn", "endpoint", "destinationArn"):
            arn = text_of(mapping(part), key)
            if arn is not None and ":lambda:" in arn and _FUNCTION in arn:
                yield arn
