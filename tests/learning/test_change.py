"""What is hidden in a release is not the release's own, unless nearly all of its runs show it."""

from __future__ import annotations

from functools import cache

import msgspec
import pytest

from coldtrail.bundle.model import Model
from coldtrail.config import DetectionSettings, Settings
from coldtrail.learning.change import change_of
from coldtrail.learning.gate import Held
from coldtrail.learning.habits import Habits
from coldtrail.learning.train import learn
from coldtrail.learning.update import Update, learn_more
from coldtrail.records.flow import Flow
from coldtrail.records.verdict import Verdict
from coldtrail.testing import START, Call, make_flow, make_history
from tests.alerts.test_alerts import make_pair
from tests.findings import reason, usually
from tests.verbs.telemetry_files import GET, PUBLISH, PUT, STEAL

NEW_STEP: Call = ("PutItem", "DynamoDB", "Orders-audit", 0.01)
SLOW_STEP: Call = ("PutItem", "DynamoDB", "Orders-audit", 20.0)
SHARED: Call = ("GetItem", "DynamoDB", "Stock-prices", 0.01)
RUNS = 50
LATER = START + 20_000
ATTACKS: dict[str, list[Call]] = {
    "loot": [NEW_STEP, STEAL],
    "another function's table": [NEW_STEP, SHARED],
    "a drip of the new step": [NEW_STEP] * 25,
    "a long new step": [SLOW_STEP],
}


def run(number: int, more: list[Call], version: str | None, name: str) -> Flow:
    calls = [GET, PUT, *more, PUBLISH]
    return make_flow(calls, flow_id=f"{name}{number}", start=LATER + 30 * number, version=version)


@cache
def known(version: str | None) -> Model:
    others = [
        make_flow([SHARED, GET], flow_id=f"o{i}", function="Price", start=START + 20 * i, version=version)
        for i in range(100)
    ]
    history = [msgspec.structs.replace(flow, version=version) for flow in make_history(400)]
    return learn([*history, *others], Settings(detection=DetectionSettings(folds=4))).model


def released(old: str | None, new: str | None, attack: list[Call], attacked: set[int]) -> Update:
    flows = [run(i, attack if i in attacked else [NEW_STEP], new, "r") for i in range(RUNS)]
    return learn_more(known(old), flows)


def kept(update: Update) -> set[str]:
    assert update.model.history is not None
    return {flow for _, flow in update.model.history.names.tolist()}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
@pytest.mark.parametrize(("old", "new"), [("1", "2"), (None, None)], ids=["named", "unnamed"])
@pytest.mark.parametrize("attacked", [{0}, {7}, {3, 11, 19, 27, 35}], ids=["first", "once", "tenth"])
def test_what_is_hidden_in_a_release_is_not_learned_and_alarms(
    old: str | None, new: str | None, attack: list[Call], attacked: set[int]
) -> None:
    update = released(old, new, attack, attacked)
    hidden = {f"r{i}" for i in attacked}
    assert kept(update) & {f"r{i}" for i in range(RUNS)} == {f"r{i}" for i in range(RUNS)} - hidden
    (release,) = update.releases
    assert (release.learned, release.beyond) == (RUNS - len(attacked), len(attacked))
    assert {cause.target for cause in release.change} == {"Orders-audit"}
    later = update.model.judge([run(90, attack, new, "a"), run(91, [NEW_STEP], new, "b")])
    assert [one.verdict for one in later] == ["anomalous", "normal"]


@pytest.mark.parametrize(("share", "learned"), [(0.8, False), (1.0, True)])
def test_a_resource_never_met_is_the_change_only_where_nearly_all_runs_touch_it(
    share: float, learned: bool
) -> None:
    update = released("1", "2", [NEW_STEP, STEAL], set(range(round(share * RUNS))))
    assert ("loot" in {cause.target for cause in update.releases[0].change}) is learned
    (verdict,) = update.model.judge([run(90, [NEW_STEP, STEAL], "2", "a")])
    assert verdict.verdict == ("normal" if learned else "anomalous")


def test_a_release_may_bring_more_new_steps_than_a_verdict_names() -> None:
    steps: list[Call] = [("PutItem", "DynamoDB", f"table-{name}", 0.01) for name in "abcdefghijklmno"]
    flows = [run(i, steps, "2", "r") for i in range(RUNS)]
    hidden = run(RUNS, [*steps, STEAL], "2", "a")
    update = learn_more(known("1"), [*flows, hidden])
    (release,) = update.releases
    assert {cause.target for cause in release.change} >= {target for _, _, target, _ in steps}
    assert (release.learned, release.beyond) == (RUNS, 1)
    assert [held.flow.function_flow_id for held in update.left_out] == ["a50"]


@pytest.mark.parametrize(("old", "new"), [("1", "2"), (None, None)], ids=["named", "unnamed"])
def test_a_release_may_write_another_object_each_time(old: str | None, new: str | None) -> None:
    def wrote(number: int, name: str) -> Flow:
        return run(number, [("PutObject", "S3", f"reports-main/in/{number}-{name}.pdf", 0.01)], new, name)

    update = learn_more(known(old), [wrote(n, "report") for n in range(RUNS)])
    (release,) = update.releases
    assert release.learned == RUNS
    later = update.model.judge([wrote(n, "report") for n in range(RUNS, RUNS + 20)])
    assert sum(one.verdict == "anomalous" for one in later) <= 1
    assert update.model.judge([run(0, [STEAL], new, "steal")])[0].verdict == "anomalous"


@pytest.mark.parametrize("number", [15, 50])
def test_a_step_that_all_runs_lack_is_a_release_once_enough_runs_lack_it(number: int) -> None:
    lacking = [
        make_flow([GET, PUBLISH], flow_id=f"l{n}", start=LATER + 30 * n, version=None) for n in range(number)
    ]
    releases = learn_more(known(None), lacking).releases
    assert [one.learned for one in releases] == ([50] if number == 50 else [])


def test_a_step_that_some_runs_lack_is_no_release() -> None:
    flows = [
        make_flow([GET, PUT, PUBLISH] if n % 3 else [GET, PUBLISH], flow_id=f"h{n}", start=LATER + 30 * n)
        for n in range(80)
    ]
    assert learn_more(known(None), flows).releases == []


def test_a_step_dropped_by_a_release_is_its_own_though_not_all_runs_are_told_to_lack_it() -> None:
    held = [Held(run(n, [NEW_STEP], "2", "r"), verdict) for n, verdict in enumerate(_lacking(30, told=10))]
    flows = [one.flow for one in held]
    model = known("1")
    assert model.history is not None
    habits = Habits(model.history, flows[0].key, "2", flows)
    change = change_of(model, held, [one.start_time for one in flows], "2", habits)
    assert "omission" in {cause.kind for cause in change.causes}


BRANCH: Call = ("SendMessage", "SQS", "exports", 0.01)


def branched(number: int, name: str, start: float, new: bool, version: str | None) -> Flow:
    """A run that exports in two of three cases, and since the release writes a line beforehand."""
    more = [] if number % 3 == 0 else [NEW_STEP, BRANCH] if new else [BRANCH]
    calls = [GET, PUT, *more, PUBLISH]
    return make_flow(calls, flow_id=f"{name}{number}", start=start + 30 * number, version=version)


@pytest.mark.parametrize(("old", "new"), [("1", "2"), (None, None)], ids=["named", "unnamed"])
def test_a_new_step_of_a_branch_is_the_release_of_that_branch(old: str | None, new: str | None) -> None:
    history = [branched(n, "h", START, False, old) for n in range(400)]
    model = learn(history, Settings(detection=DetectionSettings(folds=4))).model
    update = learn_more(model, [branched(n, "r", LATER, True, new) for n in range(60)])
    (release,) = update.releases
    assert {cause.target for cause in release.change} == {"Orders-audit"}
    later = update.model.judge([branched(n, "n", LATER + 5_000, True, new) for n in range(60)])
    assert sum(one.verdict == "anomalous" for one in later) <= 1
    assert update.model.judge([run(90, [NEW_STEP, STEAL], new, "a")])[0].verdict == "anomalous"


@pytest.mark.parametrize(("old", "new"), [("1", "2"), (None, None)], ids=["named", "unnamed"])
def test_of_two_equal_steps_a_release_may_drop_one(old: str | None, new: str | None) -> None:
    def told(number: int, times: int, name: str, start: float, version: str | None) -> Flow:
        calls = [GET, PUT, *[PUBLISH] * (times if number % 4 else times - 1)]
        return make_flow(calls, flow_id=f"{name}{number}", start=start + 30 * number, version=version)

    history = [told(n, 2, "h", START, old) for n in range(400)]
    model = learn(history, Settings(detection=DetectionSettings(folds=4))).model
    update = learn_more(model, [told(n, 1, "r", LATER, new) for n in range(60)])
    assert [one.learned for one in update.releases] == [15]
    later = update.model.judge([told(n, 1, "n", LATER + 5_000, new) for n in range(60)])
    assert sum(one.verdict == "anomalous" for one in later) <= 1


def test_a_release_may_drop_all_branches_of_a_choice() -> None:
    def chosen(number: int, name: str, start: float, version: str) -> Flow:
        branch = [[BRANCH], [SHARED], [NEW_STEP]][number % 3] if version == "1" else []
        calls = [GET, *branch, PUT, PUBLISH]
        return make_flow(calls, flow_id=f"{name}{number}", start=start + 30 * number, version=version)

    history = [chosen(n, "h", START, "1") for n in range(400)]
    model = learn(history, Settings(detection=DetectionSettings(folds=4))).model
    update = learn_more(model, [chosen(n, "r", LATER, "2") for n in range(50)])
    assert [(one.learned, one.beyond) for one in update.releases] == [(50, 0)]
    later = update.model.judge([chosen(n, "n", LATER + 5_000, "2") for n in range(60)])
    assert sum(one.verdict == "anomalous" for one in later) <= 1


def _lacking(runs: int, told: int) -> list[Verdict]:
    """Verdicts on runs that lack a step, as some of them are told to."""
    missing = reason("omission", "Publish", "order-events", usually("Query on DynamoDB Gone"))
    new = reason("new_resource", "PutItem", "Orders-audit", event_type="DynamoDB")
    return [
        make_pair(f"r{n}", reasons=(new, missing) if n < told else (new,), function="Order")[0]
        for n in range(runs)
    ]
