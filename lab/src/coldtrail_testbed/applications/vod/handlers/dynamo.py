"""dynamo: writes the state of a workflow to the asset."""

import time
from typing import Any

from coldtrail_testbed.applications.vod.handlers import assets
from coldtrail_testbed.applications.vod.handlers.configuration import read_setting, throttle
from coldtrail_testbed.applications.vod.handlers.reporting import reporting
from coldtrail_testbed.applications.vod.handlers.tracing import subsegment

_DAY_S = 86_400


def check_settings() -> int:
    """The days for which an asset is kept; raises when this attempt is throttled."""
    failure_share = read_setting("dynamo", "failureShare")
    lifetime_days = int(read_setting("dynamo", "lifetimeDays"))
    throttle(failure_share)
    return lifetime_days


def update_asset(event: dict[str, Any], lifetime_days: int) -> None:
    """None; the asset has all fields of `event`, and the time at which it expires."""
    fields = {name: value for name, value in event.items() if name != "guid"}
    expires = int(time.time()) + lifetime_days * _DAY_S
    assets.update_asset(event["guid"], {**fields, "expires": expires})


@reporting("dynamo")
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The event, unchanged."""
    lifetime_days = check_settings()
    with subsegment("## dynamo"):
        update_asset(event, lifetime_days)
    return event
