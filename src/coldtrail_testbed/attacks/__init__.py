"""The attacks of the testbed: to add one, write its file and add its line here."""

from collections.abc import Sequence

from coldtrail_testbed.attacks import (
    changed_order,
    data_leakage,
    extra_action,
    longer_run,
    other_action,
    repeated_operation,
)
from coldtrail_testbed.attacks.model import Attack
from coldtrail_testbed.errors import TestbedError

ATTACKS: dict[str, Attack] = {
    attack.name: attack
    for attack in (
        data_leakage.ATTACK,
        repeated_operation.ATTACK,
        longer_run.ATTACK,
        changed_order.ATTACK,
        other_action.ATTACK,
        extra_action.ATTACK,
    )
}
# The six of the paper, section 6.3.
PAPER = (
    "data_leakage",
    "repeated_operation",
    "longer_run",
    "changed_order",
    "other_action",
    "extra_action",
)


def find_attacks(names: Sequence[str], application: str) -> list[Attack]:
    """The attacks called `names` (or `none`, or `paper`); TestbedError names the known ones otherwise."""
    wanted = PAPER if list(names) == ["paper"] else () if list(names) == ["none"] else names
    known = [name for name, attack in ATTACKS.items() if application in attack.places]
    for name in wanted:
        if name not in known:
            choices = ", ".join(["none", "paper", *known])
            raise TestbedError(f"there is no attack {name!r} on {application}; choose from: {choices}")
    return [ATTACKS[name] for name in dict.fromkeys(wanted)]
