"""Permission misuse, extra action: one more query of a table that is queried anyway."""

from typing import Any

from coldtrail_testbed.attacks.model import Attack, Handler, Place
from coldtrail_testbed.flows import Flow


def _query_once_more(ordinary: Handler, event: Any, context: Any) -> Any:
    from coldtrail_testbed.applications.airline.handlers.configuration import read_setting

    read_setting("ConfirmBooking", "failureShare")
    return ordinary(event, context)


def _locate(flow: Flow) -> list[str]:
    return [call.event_id for call in flow.calls[:1] if call.operation == "Query"]


ATTACK = Attack(
    name="extra_action",
    summary="queries a table once more than usual",
    places={"airline": Place("ConfirmBooking", _query_once_more, _locate)},
)
