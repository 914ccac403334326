"""Backdoored code: a function gets a new package, which does its work and copies what it is given."""

from collections.abc import Iterator
from random import Random

from coldtrail_testbed.account.attacks.means import some_means
from coldtrail_testbed.account.attacks.model import AccountAttack, Burglar, Target, operation
from coldtrail_testbed.applications.model import Grant
from coldtrail_testbed.attacks.implants import UNTIL_THE_END, afterwards, sending_to
from coldtrail_testbed.attacks.locating import calls_on
from coldtrail_testbed.attacks.model import Attack, Place
from coldtrail_testbed.cloud.identifiers import bucket_arn

_PAUSE_S = (5.0, 60.0)
_BUCKET = "cdn-static-7f3a91"
_SUMMARY = "gets new code, which does its work and copies what it is given to a bucket of somebody else's"


def _deploy(burglar: Burglar, target: Target, generator: Random) -> Iterator[float]:
    account, who = burglar.account, some_means(burglar, generator)
    with burglar.intrusion:
        account.act(who, "sts", "GetCallerIdentity")
    yield generator.uniform(*_PAUSE_S)
    with burglar.intrusion:
        account.act(who, "lambda", "ListFunctions")
        account.act(who, "lambda", "GetFunction", {"functionName": target.function})
    yield generator.uniform(*_PAUSE_S)
    with burglar.intrusion:
        account.deploy(who, target.function, f"backdoor {generator.getrandbits(64):016x}")
    burglar.plant()


def _place(function: str) -> Place:
    grant = Grant(("s3:PutObject",), f"{bucket_arn(_BUCKET)}/*")
    behave = afterwards(sending_to(_BUCKET))
    return Place(function, behave, calls_on(_BUCKET), UNTIL_THE_END, grants=[grant], buckets=[_BUCKET])


_PLACES = {"airline": _place("ChargePayment"), "vod": _place("encode")}
ATTACK = AccountAttack(
    name="backdoor_code",
    summary=_SUMMARY,
    targets={application: Target(place.function) for application, place in _PLACES.items()},
    campaign=_deploy,
    decisive=operation("UpdateFunctionCode"),
    implant=Attack("backdoor_code", _SUMMARY, _PLACES),
)
