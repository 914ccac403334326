"""The handler of an infected function: the ordinary one, unless this invocation carries an attack."""

import os
from importlib import import_module
from typing import Any

from coldtrail_testbed.account.attacks import IMPLANTS
from coldtrail_testbed.attacks import ATTACKS
from coldtrail_testbed.attacks.model import Place

_module, _, _name = os.environ["TESTBED_HANDLER"].rpartition(".")
_ordinary = getattr(import_module(_module), _name)


def handler(event: Any, context: Any) -> Any:
    """What the ordinary handler returns, or what the attacked one does."""
    attack = _carried_attack(context)
    if attack is None:
        return _ordinary(event, context)
    known = ATTACKS.get(attack) or IMPLANTS[attack]
    place = known.places[os.environ["TESTBED_APPLICATION"]]
    assert isinstance(place, Place)
    return place.behave(_ordinary, event, context)


def _carried_attack(context: Any) -> str | None:
    client_context = context.client_context
    custom = (client_context.custom if client_context else None) or {}
    attack: str | None = custom.get("attack")
    return attack
