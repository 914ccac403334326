"""Extra read: one more call of the kind that the function makes anyway."""

import random
from typing import Any

from coldtrail_testbed.attacks.locating import calls_beyond
from coldtrail_testbed.attacks.model import Attack, Handler, Place

_CUSTOMERS = 300


def _see_another_profile(ordinary: Handler, event: Any, context: Any) -> Any:
    answer = ordinary(event, context)
    victim = f"customer-{random.randrange(_CUSTOMERS):04d}"  # noqa: S311 - not for secrets
    ordinary({**event, "pathParameters": {"customerId": victim}}, context)
    return answer


def _read_asset_again(ordinary: Handler, event: Any, context: Any) -> Any:
    from coldtrail_testbed.applications.vod.handlers import output_validate

    result = ordinary(event, context)
    output_validate.read_asset(event["guid"])
    return result


ATTACK = Attack(
    name="extra_read",
    summary="reads a known table once more",
    places={
        "airline": Place("GetLoyalty", _see_another_profile, calls_beyond(1, "Query")),
        "vod": Place("output-validate", _read_asset_again, calls_beyond(1, "GetItem")),
    },
)
