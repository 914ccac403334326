"""Unusual caller: a function is invoked directly, with a leaked user's key."""

from collections.abc import Iterator
from random import Random

from coldtrail_testbed.attacks.locating import the_invocation
from coldtrail_testbed.attacks.model import Attack, Intruder, Intrusion

_INVOCATIONS = 25
_PAUSE_S = (2.0, 20.0)
_SAME = (
    "the function does what it always does: only what stands above it in the trace and the caller in"
    " CloudTrail differ"
)


def _ask_for_profiles(intruder: Intruder, generator: Random) -> Iterator[float]:
    for customer in generator.sample(range(300), _INVOCATIONS):
        intruder.invoke("GetLoyalty", {"pathParameters": {"customerId": f"customer-{customer:04d}"}})
        yield generator.uniform(*_PAUSE_S)


ATTACK = Attack(
    name="unusual_caller",
    summary="is invoked directly by a user whose key has leaked",
    places={"airline": Intrusion("GetLoyalty", _ask_for_profiles, the_invocation, same_as_benign=_SAME)},
)
