"""Slow exfiltration: the function's uploads grow day by day, while its calls stay the same."""

from collections.abc import Iterator
from random import Random

from coldtrail_testbed.account.attacks.model import AccountAttack, Burglar, Target
from coldtrail_testbed.attacks.implants import UNTIL_THE_END, growing_uploads
from coldtrail_testbed.attacks.locating import calls_of
from coldtrail_testbed.attacks.model import Attack, Place

_FIRST_BYTES, _GROWTH = 400, 1.5
_SUMMARY = "uploads more stolen data every day, half as much again, with its ordinary calls"
_PLACES = {
    "airline": Place(
        "CapturePayment",
        growing_uploads(_FIRST_BYTES, _GROWTH),
        calls_of("s3", "PutObject"),
        UNTIL_THE_END,
        same_as_benign="the calls are the ordinary ones: only their bytes grow",
    )
}


def _begin(burglar: Burglar, _target: Target, generator: Random) -> Iterator[float]:
    yield generator.uniform(1.0, 60.0)
    burglar.plant()


ATTACK = AccountAttack(
    name="slow_exfiltration",
    summary=_SUMMARY,
    targets={"airline": Target("CapturePayment")},
    campaign=_begin,
    decisive=lambda _call: False,
    implant=Attack("slow_exfiltration", _SUMMARY, _PLACES),
)
