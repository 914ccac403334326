"""The attacks of the testbed: to add one, write its file and add its line here."""

from collections.abc import Iterator, Sequence

from coldtrail_testbed.attacks import (
    changed_order,
    data_leakage,
    denied_calls,
    drip_leak,
    extra_action,
    extra_read,
    lateral_invoke,
    longer_run,
    lookalike_bucket,
    mining,
    off_hours_burst,
    other_action,
    repeated_operation,
    secret_read,
    skipped_audit,
    slow_shift,
    stolen_credentials,
    unusual_caller,
)
from coldtrail_testbed.attacks.model import Attack
from coldtrail_testbed.errors import TestbedError

_OF_THE_PAPER = (
    data_leakage.ATTACK,
    repeated_operation.ATTACK,
    longer_run.ATTACK,
    changed_order.ATTACK,
    other_action.ATTACK,
    extra_action.ATTACK,
)
_UNPUBLISHED = (
    lookalike_bucket.ATTACK,
    extra_read.ATTACK,
    secret_read.ATTACK,
    denied_calls.ATTACK,
    skipped_audit.ATTACK,
    lateral_invoke.ATTACK,
    unusual_caller.ATTACK,
    slow_shift.ATTACK,
    drip_leak.ATTACK,
    off_hours_burst.ATTACK,
    mining.ATTACK,
    stolen_credentials.ATTACK,
)

ATTACKS: dict[str, Attack] = {attack.name: attack for attack in (*_OF_THE_PAPER, *_UNPUBLISHED)}
# The six of the paper, section 6.3.
PAPER = tuple(attack.name for attack in _OF_THE_PAPER)
# Those of which nobody has published data.
UNPUBLISHED = tuple(attack.name for attack in _UNPUBLISHED)
GROUPS: dict[str, tuple[str, ...]] = {
    "none": (),
    "paper": PAPER,
    "unpublished": UNPUBLISHED,
    "all": tuple(ATTACKS),
    # With those of `account/attacks`.
    "account": (unusual_caller.ATTACK.name, stolen_credentials.ATTACK.name),
}


def find_attacks(
    names: Sequence[str], application: str, functions: Sequence[str] = (), also: Sequence[str] = ()
) -> list[Attack]:
    """The attacks called `names`, which may be groups too; TestbedError names the known ones otherwise.

    A group stands for those of its attacks that `application` knows; `functions` leave only the attacks on
    them, all where none is named. `also` are names that are known elsewhere.
    """
    known = [name for name, attack in ATTACKS.items() if application in attack.places]
    for name in names:
        if name not in GROUPS and name not in known:
            choices = ", ".join([*GROUPS, *known, *also])
            raise TestbedError(f"there is no attack {name!r} on {application}; choose from: {choices}")
    wanted = [attack for name in names for attack in _members(name) if attack in known]
    chosen = [ATTACKS[name] for name in dict.fromkeys(wanted)]
    return _on(functions, chosen, application) if functions else chosen


def _on(functions: Sequence[str], attacks: Sequence[Attack], application: str) -> list[Attack]:
    attacked = dict.fromkeys(attack.places[application].function for attack in attacks)
    for function in functions:
        if function not in attacked:
            known = ", ".join(attacked) or "none"
            raise TestbedError(f"the attacks asked for strike no function {function!r}; they strike: {known}")
    return [attack for attack in attacks if attack.places[application].function in functions]


def _members(name: str) -> Iterator[str]:
    yield from GROUPS.get(name, (name,))
