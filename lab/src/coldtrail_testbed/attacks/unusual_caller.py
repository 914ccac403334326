"""Unusual caller: a function is invoked directly, with a leaked user's key."""

from collections.abc import Iterator
from random import Random
from uuid import UUID

from coldtrail_testbed.attacks.locating import the_invocation
from coldtrail_testbed.attacks.model import Attack, Intruder, Intrusion

_INVOCATIONS = 25
_PAUSE_S = (2.0, 20.0)
_CUSTOMERS = 300
_SAME = (
    "the function does what it always does: only what stands above it in the trace and the caller in"
    " CloudTrail differ"
)


def _ask_for_profiles(intruder: Intruder, generator: Random) -> Iterator[float]:
    for customer in generator.sample(range(_CUSTOMERS), _INVOCATIONS):
        intruder.invoke("GetLoyalty", {"pathParameters": {"customerId": f"customer-{customer:04d}"}})
        yield generator.uniform(*_PAUSE_S)


def _forge_assets(intruder: Intruder, generator: Random) -> Iterator[float]:
    for _ in range(_INVOCATIONS):
        guid = str(UUID(int=generator.getrandbits(128), version=4))
        intruder.invoke("dynamo", {"guid": guid, "workflowStatus": "Complete"})
        yield generator.uniform(*_PAUSE_S)


ATTACK = Attack(
    name="unusual_caller",
    summary="is invoked directly by a user whose key has leaked",
    places={
        "airline": Intrusion("GetLoyalty", _ask_for_profiles, the_invocation, same_as_benign=_SAME),
        "vod": Intrusion("dynamo", _forge_assets, the_invocation, same_as_benign=_SAME),
    },
)
