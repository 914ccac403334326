"""Whether an instance was made ready before the request came that it then served.

With provisioned concurrency, or when Lambda makes instances ready ahead of requests, the cold start that a
run shows lies minutes or days before it. Sources:
https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html,
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib.
"""

from __future__ import annotations

from coldtrail.features.vocabulary import is_start

ROUNDING_S = 0.001
"""Clocks are read in milliseconds."""
LONGEST_WAIT_S = 1.0
"""A run that waited for its instance starts at once when that is ready."""
LONGEST_START_S = 900.0
"""No request waits longer: https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html."""


def is_early(
    name: str, kind: str, times: tuple[float, float], start: float | None, asked: float | None
) -> bool:
    """Whether a step is a cold start that had ended before the request came; `start` is that of the run,
    `asked` when the request came, each None where it is not known."""
    if not is_start(name, kind):
        return False
    begin, end = times
    if asked is not None and end <= asked + ROUNDING_S:
        return True
    return end - begin > LONGEST_START_S or (
        asked is None and start is not None and end < start - LONGEST_WAIT_S
    )
