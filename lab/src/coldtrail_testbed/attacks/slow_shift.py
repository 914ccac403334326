"""Slow shift: everything takes a fifth longer, for hours."""

import time
from typing import Any

from coldtrail_testbed.attacks.locating import the_invocation
from coldtrail_testbed.attacks.model import Attack, Handler, Place, Sustained

_SLOWER_BY = 0.2
_HOURS = 3.0
_SAME = "a fifth more lies within the spread of benign durations: only many flows together show the shift"


def _work_slower(ordinary: Handler, event: Any, context: Any) -> Any:
    begin = time.time()
    try:
        return ordinary(event, context)
    finally:
        time.sleep(_SLOWER_BY * (time.time() - begin))


def _place(function: str) -> Place:
    return Place(function, _work_slower, the_invocation, pace=Sustained(_HOURS), same_as_benign=_SAME)


ATTACK = Attack(
    name="slow_shift",
    summary="takes 20 % longer for three hours on end",
    places={"airline": _place("ProcessBooking"), "vod": _place("sqs-publish")},
)
