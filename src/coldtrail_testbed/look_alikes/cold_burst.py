"""Nobody comes until every instance has expired; then many come at once, and all meet cold starts."""

from coldtrail_testbed.look_alikes.model import LookAlike, Stage, Window

_QUIET_S = 2400
_FACTOR = 30
_BURST_S = 300


def _begin(stage: Stage) -> Window:
    burst = stage.now() + _QUIET_S
    end = burst + _BURST_S
    stage.pause_users(burst)
    stage.later(burst, lambda: stage.hurry(_FACTOR, end))
    functions = tuple(function.name for function in stage.application.functions)
    return Window(burst, end, functions, {"quiet_s": _QUIET_S, "factor": _FACTOR})


LOOK_ALIKE = LookAlike("cold_burst", "a burst of cold starts after forty quiet minutes", _begin, after=0.7)
