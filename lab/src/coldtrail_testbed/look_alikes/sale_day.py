"""On the day of a sale five times as many users come."""

from coldtrail_testbed.look_alikes.model import LookAlike, Stage, Window

_FACTOR = 5
_DURATION_S = 86_400


def _begin(stage: Stage) -> Window:
    end = stage.now() + _DURATION_S
    stage.hurry(_FACTOR, end)
    functions = tuple(function.name for function in stage.application.functions)
    return Window(stage.now(), end, functions, {"factor": _FACTOR})


LOOK_ALIKE = LookAlike("sale_day", "five times the users for a day", _begin, after=0.8)
