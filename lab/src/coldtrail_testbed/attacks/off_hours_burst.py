"""Off-hours burst: what the application offers to everybody is used at night, quickly and often."""

from collections.abc import Iterator
from random import Random

from coldtrail_testbed.attacks.locating import the_invocation
from coldtrail_testbed.attacks.model import Attack, Intruder, Intrusion

# While the users of each application sleep (UTC): `applications/*/users.py` says how few come then.
_AIRLINE_NIGHT, _VOD_NIGHT = (1, 5), (7, 10)
_CUSTOMERS = 300
_REQUESTS, _UPLOADS = 60, 20
_PAUSE_S = (0.3, 1.2)
_SAME = "each flow is an ordinary one: only the hour and how many come at once are unusual"


def _harvest_profiles(intruder: Intruder, generator: Random) -> Iterator[float]:
    first = generator.randrange(_CUSTOMERS - _REQUESTS)
    for customer in range(first, first + _REQUESTS):
        intruder.request("airline", "GET", f"/loyalty/customer-{customer:04d}")
        yield generator.uniform(*_PAUSE_S)


def _flood_with_videos(intruder: Intruder, generator: Random) -> Iterator[float]:
    from coldtrail_testbed.applications.vod import names
    from coldtrail_testbed.applications.vod.video import make_video

    for _ in range(_UPLOADS):
        key = f"{names.UPLOADS}clip-{generator.getrandbits(32):08x}.mp4"
        intruder.upload(names.SOURCE_BUCKET, key, make_video(generator, 480, 15, index_first=True))
        yield generator.uniform(*_PAUSE_S)


ATTACK = Attack(
    name="off_hours_burst",
    summary="is used at night as seldom by day: dozens of times in a minute",
    places={
        "airline": Intrusion(
            "GetLoyalty", _harvest_profiles, the_invocation, hours=_AIRLINE_NIGHT, same_as_benign=_SAME
        ),
        "vod": Intrusion(
            "step-functions", _flood_with_videos, the_invocation, hours=_VOD_NIGHT, same_as_benign=_SAME
        ),
    },
)
