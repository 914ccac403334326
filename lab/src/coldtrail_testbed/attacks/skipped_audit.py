"""Skipped audit: the function does its work and leaves out the entry that would tell of it."""

import json
from typing import Any

from coldtrail_testbed.attacks.model import Attack, Handler, Locate, Place
from coldtrail_testbed.flows import Flow


def _capture_without_audit(ordinary: Handler, event: Any, context: Any) -> Any:
    """The payment's answer; nothing is in the audit bucket. Timed events are served as ever."""
    from coldtrail_testbed.applications.airline.handlers import capture_payment
    from coldtrail_testbed.applications.airline.handlers.provider import read_mode

    if "body" not in event:
        return ordinary(event, context)
    read_mode()
    charge_id = json.loads(event["body"])["chargeId"]
    return capture_payment.answer(charge_id, capture_payment.capture(charge_id))


def _archive_without_audit(_ordinary: Handler, event: Any, context: Any) -> Any:
    from coldtrail_testbed.applications.vod.handlers import archive_source
    from coldtrail_testbed.applications.vod.handlers.reporting import reporting
    from coldtrail_testbed.applications.vod.handlers.tracing import subsegment

    @reporting("archive-source")
    def archive(event: Any, _context: Any) -> Any:
        tag = archive_source.archive_tag()
        with subsegment("## archive_source"):
            archive_source.tag_source(event, tag)
        return event

    return archive(event, context)


def _hole_after(before: str, missing: str) -> Locate:
    """The last call `before` the hole, where the call that was left out is `missing`: the hole has no id.

    A run that failed would have ended before its audit entry anyway: nothing was left out.
    """

    def locate(flow: Flow) -> list[str]:
        operations = [call.operation for call in flow.calls]
        if flow.failed or before not in operations or missing in operations:
            return []
        return [[call.event_id for call in flow.calls if call.operation == before][-1]]

    return locate


ATTACK = Attack(
    name="skipped_audit",
    summary="leaves out the audit entry",
    places={
        "airline": Place("CapturePayment", _capture_without_audit, _hole_after("UpdateItem", "PutObject")),
        "vod": Place("archive-source", _archive_without_audit, _hole_after("PutObjectTagging", "UpdateItem")),
    },
)
