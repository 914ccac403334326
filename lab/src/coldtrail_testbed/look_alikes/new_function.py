"""A function that nobody has seen before is deployed in the middle of the run, and used."""

from math import inf

from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.look_alikes.model import LookAlike, Stage, Window


def _begin(stage: Stage) -> Window:
    if not stage.application.later:
        raise TestbedError(f"{stage.application.name} has no function that comes later")
    names = tuple(function.name for function in stage.application.later)
    for name in names:
        stage.add_function(name)
    return Window(stage.now(), inf, names, {})


LOOK_ALIKE = LookAlike("new_function", "a function appears for the first time", _begin)
