"""Off-hours burst: what the application offers to everybody is used at night, quickly and often."""

from collections.abc import Iterator
from random import Random

from coldtrail_testbed.attacks.locating import the_invocation
from coldtrail_testbed.attacks.model import Attack, Intruder, Intrusion

_NIGHT = (1, 5)
_REQUESTS = 60
_PAUSE_S = (0.3, 1.2)
_SAME = "each flow is an ordinary one: only the hour and how many come at once are unusual"


def _harvest_profiles(intruder: Intruder, generator: Random) -> Iterator[float]:
    first = generator.randrange(300 - _REQUESTS)
    for customer in range(first, first + _REQUESTS):
        intruder.request("airline", "GET", f"/loyalty/customer-{customer:04d}")
        yield generator.uniform(*_PAUSE_S)


ATTACK = Attack(
    name="off_hours_burst",
    summary="is used sixty times in a minute at night",
    places={
        "airline": Intrusion(
            "GetLoyalty", _harvest_profiles, the_invocation, hours=_NIGHT, same_as_benign=_SAME
        )
    },
)
