"""Permission misuse, extra action: one more query of a table that is queried anyway."""

from itertools import takewhile
from secrets import token_urlsafe
from typing import Any

from coldtrail_testbed.attacks.model import Attack, Handler, Place
from coldtrail_testbed.flows import Flow


def _query_once_more_in_confirmation(_ordinary: Handler, event: Any, _context: Any) -> Any:
    from coldtrail_testbed.applications.airline.handlers import confirm_booking
    from coldtrail_testbed.applications.airline.handlers.configuration import read_setting

    try:
        reference_bytes = confirm_booking.check_settings()
    finally:
        read_setting("ConfirmBooking", "failureShare")
    reference = token_urlsafe(reference_bytes)
    return {"bookingReference": confirm_booking.confirm_and_read(event["bookingId"], reference)}


def _query_once_more_in_profiler(_ordinary: Handler, event: Any, context: Any) -> Any:
    from coldtrail_testbed.applications.vod.handlers import profiler
    from coldtrail_testbed.applications.vod.handlers.configuration import read_setting
    from coldtrail_testbed.applications.vod.handlers.reporting import reporting

    @reporting("profiler")
    def profile(event: Any, _context: Any) -> Any:
        try:
            highest, quality = profiler.check_settings()
        finally:
            read_setting("profiler", "failureShare")
        return profiler.profile_asset(event["guid"], highest, quality)

    return profile(event, context)


def _locate(flow: Flow) -> list[str]:
    """The last of the queries at the start: the one beyond the ordinary ones."""
    queries = list(takewhile(lambda call: call.operation == "Query", flow.calls))
    return [query.event_id for query in queries[-1:]]


ATTACK = Attack(
    name="extra_action",
    summary="queries a table once more than usual",
    places={
        "airline": Place("ConfirmBooking", _query_once_more_in_confirmation, _locate),
        "vod": Place("profiler", _query_once_more_in_profiler, _locate),
    },
)
