"""The pipeline moves from a user's key to a role that its runners assume: the same releases by another."""

from collections.abc import Sequence
from math import inf

from coldtrail_testbed.account.people import PIPELINE_ROLE
from coldtrail_testbed.look_alikes.model import LookAlike, Stage, Window

_HOURS = (8.0, 15.0)


def _begin(stage: Stage) -> Window:
    begin = stage.account.at_work(stage.generator, _HOURS)
    functions = stage.generator.sample(stage.account.functions, 2)
    stage.later(begin, lambda: _move(stage, functions))
    return Window(begin, inf, (), {"role": PIPELINE_ROLE})


def _move(stage: Stage, functions: Sequence[str]) -> None:
    stage.account.move_pipeline()
    stage.account.release(functions)


LOOK_ALIKE = LookAlike(
    "pipeline_moved", "the pipeline deploys with a role instead of a user", _begin, after=0.6, of_account=True
)
