"""A console takeover: somebody else uses a known person's console, at night, from far away."""

from collections.abc import Iterator
from random import Random

from coldtrail_testbed.account.attacks.means import stolen_session
from coldtrail_testbed.account.attacks.model import AccountAttack, Burglar, Target, operation
from coldtrail_testbed.account.attacks.targets import ASSETS, PROFILES
from coldtrail_testbed.account.console import look_around, sign_in
from coldtrail_testbed.account.people import DEVELOPERS
from coldtrail_testbed.telemetry.cloudtrail_identities import unique_id

_NIGHT = (0, 4)
_PAGES = 5
_PAUSE_S = (10.0, 60.0)
_INVOCATIONS = 4


def _take_over(burglar: Burglar, target: Target, generator: Random) -> Iterator[float]:
    account, who = burglar.account, stolen_session(burglar, generator, console=True)
    with burglar.intrusion:
        sign_in(account, who)
    pages = look_around(account, who, generator, _PAGES)
    while True:
        with burglar.intrusion:
            pause = next(pages, None)
        if pause is None:
            break
        yield pause
    user = who.name if who.role != DEVELOPERS else "release-pipeline"
    key = unique_id("AKIA", f"takeover {account.now()}")
    created = {"accessKeyId": key, "status": "Active", "userName": user}
    with burglar.intrusion:
        account.act(who, "iam", "ListAccessKeys", {"userName": user})
        account.act(who, "iam", "CreateAccessKey", {"userName": user}, {"accessKey": created})
    for _ in range(_INVOCATIONS):
        yield generator.uniform(*_PAUSE_S)
        burglar.invoke_as(who, target.function, target.payload or {})


ATTACK = AccountAttack(
    name="console_takeover",
    summary="is invoked from a known person's console, taken over at night: lists, creates an access key",
    targets={"airline": PROFILES, "vod": ASSETS},
    campaign=_take_over,
    decisive=operation("CreateAccessKey"),
    hours=_NIGHT,
)
