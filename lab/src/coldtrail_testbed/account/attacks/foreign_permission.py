"""A foreign permission: another account may invoke a function, and does."""

from collections.abc import Iterator
from random import Random

from coldtrail_testbed.account.attacks.means import some_means
from coldtrail_testbed.account.attacks.model import AccountAttack, Burglar, Target, operation
from coldtrail_testbed.account.attacks.statements import permission
from coldtrail_testbed.account.attacks.targets import POINTS, PUBLISHED
from coldtrail_testbed.facts import Caller

FOREIGN_ACCOUNT = "905418037264"
_PAUSE_S = (5.0, 60.0)
_CALLS = 6


def _allow(burglar: Burglar, target: Target, generator: Random) -> Iterator[float]:
    account, who = burglar.account, some_means(burglar, generator)
    with burglar.intrusion:
        account.act(who, "lambda", "GetPolicy", {"functionName": target.function})
    yield generator.uniform(*_PAUSE_S)
    with burglar.intrusion:
        allowed = permission(target.function, "partner-access", "lambda:InvokeFunction", FOREIGN_ACCOUNT)
        account.act(who, "lambda", "AddPermission", *allowed)
    foreign = Caller(
        "foreign",
        "worker",
        burglar.sender.address,
        burglar.sender.user_agent,
        "ASIAFOREIGN4K2Q7XW3M",
        role="batch",
        account=FOREIGN_ACCOUNT,
    )
    for _ in range(_CALLS):
        yield generator.uniform(*_PAUSE_S)
        burglar.invoke_as(foreign, target.function, target.payload or {})


ATTACK = AccountAttack(
    name="foreign_permission",
    summary="may be invoked by another account, and is",
    targets={"airline": POINTS, "vod": PUBLISHED},
    campaign=_allow,
    decisive=operation("AddPermission"),
)
