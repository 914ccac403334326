"""What the testbed has to offer, as plain data."""

from typing import Any

from coldtrail_testbed.account.attacks import ACCOUNT_ATTACKS
from coldtrail_testbed.account.attacks import GROUP as ACCOUNT
from coldtrail_testbed.account.attacks.model import AccountAttack
from coldtrail_testbed.applications import APPLICATIONS
from coldtrail_testbed.applications.model import Application
from coldtrail_testbed.attacks import ATTACKS, GROUPS
from coldtrail_testbed.attacks.model import Attack
from coldtrail_testbed.look_alikes import LOOK_ALIKES
from coldtrail_testbed.look_alikes.model import LookAlike
from coldtrail_testbed.telemetry import WRITERS


def catalogue() -> dict[str, Any]:
    """The applications, the attacks with their groups and places, the look-alikes, the formats."""
    return {
        "applications": [_application(one) for one in APPLICATIONS.values()],
        "attacks": [
            *(_attack(one) for one in ATTACKS.values()),
            *(_account_attack(one) for one in ACCOUNT_ATTACKS.values()),
        ],
        "look_alikes": [_look_alike(one) for one in LOOK_ALIKES.values()],
        "telemetry": ["xray", *WRITERS],
    }


def _application(application: Application) -> dict[str, Any]:
    return {
        "name": application.name,
        "summary": application.summary,
        "iterations": application.iterations,
        "functions": [function.name for function in application.functions],
        "state_machines": [machine.name for machine in application.state_machines],
    }


def _look_alike(look_alike: LookAlike) -> dict[str, Any]:
    group = ACCOUNT if look_alike.of_account else "all"
    return {"name": look_alike.name, "summary": look_alike.summary, "groups": [group]}


def _account_attack(attack: AccountAttack) -> dict[str, Any]:
    targets = {application: target.function for application, target in attack.targets.items()}
    return {"name": attack.name, "summary": attack.summary, "groups": [ACCOUNT], "functions": targets}


def _attack(attack: Attack) -> dict[str, Any]:
    return {
        "name": attack.name,
        "summary": attack.summary,
        "groups": [group for group, names in GROUPS.items() if attack.name in names],
        "functions": {application: place.function for application, place in attack.places.items()},
    }
