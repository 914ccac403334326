"""The home region fails for some hours: the application runs in another one, where it was never seen."""

from coldtrail_testbed.look_alikes.model import LookAlike, Stage, Window

REGION = "us-west-2"
_LASTS_S = 14_400.0


def _begin(stage: Stage) -> Window:
    end = stage.now() + _LASTS_S
    stage.renew_instances()
    stage.later(end, stage.renew_instances)
    functions = tuple(function.name for function in stage.application.functions)
    return Window(stage.now(), end, functions, {"region": REGION})


LOOK_ALIKE = LookAlike(
    "region_failover",
    "the application runs in another region for four hours",
    _begin,
    after=0.7,
    of_account=True,
)
