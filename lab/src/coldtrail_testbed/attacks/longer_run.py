"""Denial of wallet, longer run: the function sleeps four to five seconds before its normal work."""

import random
import time
from typing import Any

from coldtrail_testbed.attacks.locating import the_invocation
from coldtrail_testbed.attacks.model import Attack, Handler, Place

_SLEEP_S = (4.0, 5.0)


def _sleep_first(ordinary: Handler, event: Any, context: Any) -> Any:
    time.sleep(random.uniform(*_SLEEP_S))  # noqa: S311 - not for secrets
    return ordinary(event, context)


ATTACK = Attack(
    name="longer_run",
    summary="sleeps 4 to 5 s before the normal work",
    places={
        "airline": Place("CollectPayment", _sleep_first, the_invocation),
        "vod": Place("encode", _sleep_first, the_invocation),
    },
)
