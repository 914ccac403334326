"""The attacks on the account around an application: to add one, write its file and add its line here."""

from collections.abc import Sequence

from coldtrail_testbed.account.attacks import (
    backdoor_code,
    backdoor_extension,
    backdoor_layer,
    console_takeover,
    foreign_permission,
    opened_url,
    slow_exfiltration,
    wallet_memory,
    wallet_rate,
)
from coldtrail_testbed.account.attacks.model import AccountAttack
from coldtrail_testbed.attacks.model import Attack
from coldtrail_testbed.errors import TestbedError

GROUP = "account"
ACCOUNT_ATTACKS: dict[str, AccountAttack] = {
    attack.name: attack
    for attack in (
        console_takeover.ATTACK,
        backdoor_code.ATTACK,
        backdoor_layer.ATTACK,
        backdoor_extension.ATTACK,
        opened_url.ATTACK,
        foreign_permission.ATTACK,
        slow_exfiltration.ATTACK,
        wallet_rate.ATTACK,
        wallet_memory.ATTACK,
    )
}
IMPLANTS: dict[str, Attack] = {
    name: attack.implant for name, attack in ACCOUNT_ATTACKS.items() if attack.implant is not None
}


def account_attacks(names: Sequence[str], application: str) -> tuple[list[AccountAttack], list[str]]:
    """Those of `names` that are attacks on the account, and the other names.

    The group `account` stands for all that `application` knows, and for some of the others too. Raises
    TestbedError where a named one is not known there.
    """
    chosen: dict[str, AccountAttack] = {}
    others = []
    for name in names:
        if name == GROUP:
            known = {one: attack for one, attack in ACCOUNT_ATTACKS.items() if application in attack.targets}
            chosen |= known
            others.append(name)
        elif name not in ACCOUNT_ATTACKS:
            others.append(name)
        elif application not in ACCOUNT_ATTACKS[name].targets:
            raise TestbedError(f"there is no attack {name!r} on {application}")
        else:
            chosen[name] = ACCOUNT_ATTACKS[name]
    return list(chosen.values()), others
