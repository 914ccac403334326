"""The applications of the testbed: to add one, write its folder and add its line here."""

from coldtrail_testbed.applications import airline, vod
from coldtrail_testbed.applications.model import Application
from coldtrail_testbed.errors import TestbedError

APPLICATIONS: dict[str, Application] = {
    "airline": airline.APPLICATION,
    "vod": vod.APPLICATION,
}


def find_application(name: str) -> Application:
    """The application `name`; TestbedError names the known ones when there is no such application."""
    if name not in APPLICATIONS:
        known = ", ".join(sorted(APPLICATIONS))
        raise TestbedError(f"there is no application {name!r}; choose one of: {known}")
    return APPLICATIONS[name]
