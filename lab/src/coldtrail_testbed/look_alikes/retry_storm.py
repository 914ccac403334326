"""DynamoDB throttles a quarter of its calls for half an hour: SDK and states retry, some runs fail."""

from coldtrail_testbed.look_alikes.model import LookAlike, Stage, Window

_SERVICE = "dynamodb"
_SHARE = 0.25
_DURATION_S = 1800


def _begin(stage: Stage) -> Window:
    end = stage.now() + _DURATION_S
    stage.throttle(_SERVICE, _SHARE, end)
    return Window(stage.now(), end, _functions_that_call(stage), {"service": _SERVICE, "share": _SHARE})


def _functions_that_call(stage: Stage) -> tuple[str, ...]:
    return tuple(
        function.name
        for function in stage.application.functions
        if any(action.startswith(f"{_SERVICE}:") for grant in function.grants for action in grant.actions)
    )


LOOK_ALIKE = LookAlike(
    "retry_storm", "DynamoDB throttles a quarter of the calls for half an hour", _begin, after=0.4
)
