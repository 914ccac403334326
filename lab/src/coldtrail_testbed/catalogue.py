"""What the testbed has to offer, as plain data."""

from typing import Any

from coldtrail_testbed.applications import APPLICATIONS
from coldtrail_testbed.applications.model import Application
from coldtrail_testbed.attacks import ATTACKS, GROUPS
from coldtrail_testbed.attacks.model import Attack
from coldtrail_testbed.look_alikes import LOOK_ALIKES
from coldtrail_testbed.telemetry import WRITERS


def catalogue() -> dict[str, Any]:
    """The applications, the attacks with their groups and places, the look-alikes, the formats."""
    return {
        "applications": [_application(one) for one in APPLICATIONS.values()],
        "attacks": [_attack(one) for one in ATTACKS.values()],
        "look_alikes": [{"name": one.name, "summary": one.summary} for one in LOOK_ALIKES.values()],
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


def _attack(attack: Attack) -> dict[str, Any]:
    return {
        "name": attack.name,
        "summary": attack.summary,
        "groups": [group for group, names in GROUPS.items() if attack.name in names],
        "functions": {application: place.function for application, place in attack.places.items()},
    }
