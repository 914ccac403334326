"""Denial of wallet by rate: what everybody may do is done hundreds of times in some minutes, by day."""

from collections.abc import Iterator
from random import Random

from coldtrail_testbed.account.attacks.model import AccountAttack, Burglar, Target

_CUSTOMERS = 300
_REQUESTS, _UPLOADS = 240, 40
_PAUSE_S = (1.0, 3.0)
_LONG_PAUSE_S = (6.0, 18.0)


def _flood(burglar: Burglar, target: Target, generator: Random) -> Iterator[float]:
    yield from (_upload if target.function == "step-functions" else _ask)(burglar, generator)


def _ask(burglar: Burglar, generator: Random) -> Iterator[float]:
    for _ in range(_REQUESTS):
        burglar.request("airline", "GET", f"/loyalty/customer-{generator.randrange(_CUSTOMERS):04d}")
        yield generator.uniform(*_PAUSE_S)


def _upload(burglar: Burglar, generator: Random) -> Iterator[float]:
    from coldtrail_testbed.applications.vod import names
    from coldtrail_testbed.applications.vod.video import make_video

    for _ in range(_UPLOADS):
        key = f"{names.UPLOADS}clip-{generator.getrandbits(32):08x}.mp4"
        burglar.upload(names.SOURCE_BUCKET, key, make_video(generator, 480, 15, index_first=True))
        yield generator.uniform(*_LONG_PAUSE_S)


ATTACK = AccountAttack(
    name="wallet_rate",
    summary="is used hundreds of times in eight minutes, by day",
    targets={"airline": Target("GetLoyalty"), "vod": Target("step-functions")},
    campaign=_flood,
    decisive=lambda _call: False,
    hours=(9, 16),
    shows_in_calls=False,
)
