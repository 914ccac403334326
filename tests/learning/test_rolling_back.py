"""A release that no version names is taken back."""

from __future__ import annotations

from coldtrail.learning.rolling_back import steps_of_releases
from coldtrail.learning.update import Update, learn_more
from coldtrail.records.flow import Flow
from coldtrail.testing import make_history
from tests.learning.test_releases import LATER, known, released_runs
from tests.verbs.telemetry_files import a_day_later


def released() -> Update:
    return learn_more(known(None), released_runs(50, None))


def old_runs(number: int = 60, prefix: str = "b") -> list[Flow]:
    """Runs of the version before, a day later."""
    return [a_day_later(flow) for flow in make_history(number, seed=3, prefix=prefix)]


def test_old_behaviour_that_comes_back_is_told_once_and_does_not_alarm() -> None:
    update = learn_more(released().model, old_runs())
    (back,) = update.rollbacks
    assert (back.function_name, back.version, back.instead_of) == ("Order", None, None)
    assert back.since >= LATER
    assert (update.counts.flagged, update.releases, update.shifts) == (0, [], [])
    again = learn_more(update.model, [a_day_later(flow) for flow in old_runs(prefix="c")])
    assert again.rollbacks == []


def test_a_release_that_stays_is_not_taken_back() -> None:
    staying = [*old_runs(), *[a_day_later(a_day_later(flow)) for flow in released_runs(20, None, name="s")]]
    assert learn_more(released().model, staying).rollbacks == []
    few = learn_more(released().model, old_runs(10))
    assert few.rollbacks == []


def test_the_steps_of_a_release_are_those_that_most_runs_show_since() -> None:
    model = released().model
    assert model.history is not None
    (steps,) = steps_of_releases(model.history).values()
    assert {model.vocabulary.steps[step][3] for step in steps} == {"Confirmations"}
    plain = known(None).history
    assert plain is not None
    assert steps_of_releases(plain) == {}
