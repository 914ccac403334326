"""Somebody else's service takes 30 % longer for a day."""

from coldtrail_testbed.look_alikes.model import LookAlike, Stage, Window

_FACTOR = 1.3
_DURATION_S = 86_400


def _begin(stage: Stage) -> Window:
    application, end = stage.application, stage.now() + _DURATION_S
    stage.slow_down(application.partner, _FACTOR, end)
    facts: dict[str, str | float] = {"partner": application.partner, "factor": _FACTOR}
    return Window(stage.now(), end, tuple(application.partner_callers), facts)


LOOK_ALIKE = LookAlike("slow_partner", "a partner's API is 30 % slower for a day", _begin, after=0.3)
