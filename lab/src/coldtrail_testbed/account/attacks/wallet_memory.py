"""Denial of wallet by memory: a function is configured to be twelve times as large, and uses it."""

from collections.abc import Iterator
from random import Random

from coldtrail_testbed.account.attacks.means import leaked_key
from coldtrail_testbed.account.attacks.model import AccountAttack, Burglar, Target, operation
from coldtrail_testbed.attacks.implants import UNTIL_THE_END, afterwards, computing
from coldtrail_testbed.attacks.locating import the_invocation
from coldtrail_testbed.attacks.model import Attack, Place

_MEMORY_MB, _USED_MB = 3_008, 2_300.0
_PAUSE_S = (5.0, 60.0)
_SUMMARY = "is given 3,008 MB instead of 256, fills them and computes for some seconds"


def _enlarge(burglar: Burglar, target: Target, generator: Random) -> Iterator[float]:
    account, who = burglar.account, leaked_key(burglar)
    with burglar.intrusion:
        account.act(who, "lambda", "GetFunctionConfiguration", {"functionName": target.function})
    yield generator.uniform(*_PAUSE_S)
    with burglar.intrusion:
        account.configure(who, target.function, memory_mb=_MEMORY_MB)
    burglar.plant()


def _place(function: str) -> Place:
    return Place(function, afterwards(computing), the_invocation, UNTIL_THE_END, memory_mb=_USED_MB)


_PLACES = {"airline": _place("ProcessBooking"), "vod": _place("input-validate")}
ATTACK = AccountAttack(
    name="wallet_memory",
    summary=_SUMMARY,
    targets={application: Target(place.function) for application, place in _PLACES.items()},
    campaign=_enlarge,
    decisive=operation("UpdateFunctionConfiguration"),
    implant=Attack("wallet_memory", _SUMMARY, _PLACES),
)
