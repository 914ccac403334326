"""Extra read: one more call of the kind that the function makes anyway, for somebody else's data."""

import random
from typing import Any

from coldtrail_testbed.attacks.locating import calls_beyond
from coldtrail_testbed.attacks.model import Attack, Handler, Place


def _see_another_profile(ordinary: Handler, event: Any, context: Any) -> Any:
    answer = ordinary(event, context)
    victim = f"customer-{random.randrange(300):04d}"  # noqa: S311 - not for secrets
    ordinary({**event, "pathParameters": {"customerId": victim}}, context)
    return answer


ATTACK = Attack(
    name="extra_read",
    summary="reads a known table once more, for somebody else's data",
    places={"airline": Place("GetLoyalty", _see_another_profile, calls_beyond(1, "Query"))},
)
