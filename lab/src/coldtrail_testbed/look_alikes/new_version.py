"""A new version with an extra step is deployed in the middle of the run."""

from math import inf

from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.look_alikes.model import LookAlike, Stage, Window


def _begin(stage: Stage) -> Window:
    if not stage.application.releases:
        raise TestbedError(f"{stage.application.name} has no new version to deploy")
    function, handler = next(iter(stage.application.releases.items()))
    version = stage.release(function, handler)
    return Window(stage.now(), inf, (function,), {"version": version})


LOOK_ALIKE = LookAlike("new_version", "a new version with an extra step is deployed", _begin)
