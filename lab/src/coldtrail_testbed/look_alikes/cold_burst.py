"""Nobody comes until instances have expired; then many come at once, and the first meet cold starts."""

from coldtrail_testbed.look_alikes.model import LookAlike, Stage, Window

_QUIET_S = 2400
_FACTOR = 10
_BURST_S = 120


def _begin(stage: Stage) -> Window:
    burst = stage.now() + _QUIET_S
    end = burst + _BURST_S
    stage.pause_users(burst)
    stage.later(burst, lambda: stage.hurry(_FACTOR, end))
    functions = tuple(function.name for function in stage.application.functions)
    return Window(burst, end, functions, {"quiet_s": _QUIET_S, "factor": _FACTOR})


# Where users come every few seconds, a sixth of the paper's come in the burst: it is over before a sale.
LOOK_ALIKE = LookAlike("cold_burst", "a burst of cold starts after forty quiet minutes", _begin, after=0.6)
