"""New versions are learned as what they change, and no further."""

from __future__ import annotations

from functools import cache

import msgspec
import pytest

from coldtrail.bundle.model import Model
from coldtrail.config import DetectionSettings, Settings
from coldtrail.learning.train import learn
from coldtrail.learning.update import Update, learn_more
from coldtrail.records.flow import Flow
from coldtrail.testing import START, Call, make_flow, make_history
from tests.verbs.telemetry_files import GET, PUBLISH, PUT, STEAL, stolen

NEW_STEP: Call = ("PutItem", "DynamoDB", "Confirmations", 0.01)
LATER = START + 20_000


def of_version(flows: list[Flow], version: str | None) -> list[Flow]:
    return [msgspec.structs.replace(flow, version=version) for flow in flows]


def released_runs(number: int, version: str | None, *more: Call, name: str = "r") -> list[Flow]:
    calls = [GET, PUT, NEW_STEP, *more, PUBLISH]
    return [
        make_flow(calls, flow_id=f"{name}{i}", start=LATER + 30 * i, version=version) for i in range(number)
    ]


@cache
def known(version: str | None) -> Model:
    history = of_version(make_history(400), version)
    return learn(history, Settings(detection=DetectionSettings(folds=4))).model


def verdicts(update: Update, flows: list[Flow]) -> set[str]:
    return {verdict.verdict for verdict in update.model.judge(flows)}


@pytest.mark.parametrize(("old", "new"), [("1", "2"), (None, None)], ids=["named", "unnamed"])
def test_a_release_is_learned_fast_and_what_is_beyond_it_is_not(old: str | None, new: str | None) -> None:
    attack = released_runs(2, new, STEAL, name="a")
    update = learn_more(known(old), [*released_runs(50, new), *attack])
    (release,) = update.releases
    assert (release.version, release.runs, release.learned, release.beyond) == (new, 52, 50, 2)
    assert "Confirmations" in {cause.target for cause in release.change}
    assert "loot" not in {cause.target for cause in release.change}
    assert (update.counts.flagged, update.counts.learned_though_flagged) == (2, 50)
    assert verdicts(update, released_runs(5, new, name="n")) == {"normal"}
    assert verdicts(update, attack) == {"anomalous"}
    stolen = make_flow([GET, PUT, STEAL, PUBLISH], flow_id="old attack", version=new)
    assert verdicts(update, [stolen]) == {"anomalous"}
    again = learn_more(update.model, released_runs(80, new, name="m"))
    assert (again.releases, again.counts.flagged) == ([], 0)


def test_what_few_runs_show_is_no_release() -> None:
    attacks = released_runs(20, None)
    usual = [
        msgspec.structs.replace(flow, start_time=flow.start_time + 20_000)
        for flow in make_history(60, seed=7, prefix="u")
    ]
    update = learn_more(known(None), [*attacks, *usual])
    assert update.releases == []
    assert update.counts.flagged >= 20
    assert verdicts(update, attacks) == {"anomalous"}


def test_without_a_version_a_change_takes_ten_runs() -> None:
    assert learn_more(known(None), released_runs(9, None)).releases == []
    (release,) = learn_more(known(None), released_runs(10, None)).releases
    assert release.learned == 10


def test_two_runs_of_an_older_version_are_no_rollback() -> None:
    two = learn_more(known("1"), released_runs(50, "2")).model
    back = [
        make_flow([GET, PUT, PUBLISH], flow_id=f"b{i}", start=LATER + 9000 + i, version="1") for i in (0, 1)
    ]
    assert learn_more(two, back).rollbacks == []


def test_a_known_version_is_no_release_however_strange() -> None:
    update = learn_more(known("1"), released_runs(50, "1"))
    assert (update.releases, update.counts.flagged) == ([], 50)


def test_a_rollback_is_told() -> None:
    two = learn_more(known("1"), released_runs(50, "2")).model
    back = [
        msgspec.structs.replace(flow, start_time=flow.start_time + 40_000)
        for flow in of_version(make_history(30, seed=5, prefix="b"), "1")
    ]
    update = learn_more(two, back)
    (rollback,) = update.rollbacks
    assert (rollback.version, rollback.instead_of, rollback.since) == ("1", "2", back[0].start_time)
    assert update.releases == []
    assert learn_more(known("1"), of_version(make_history(9, seed=5, prefix="c"), "1")).rollbacks == []


def test_runs_without_a_version_are_no_release_where_versions_are_known() -> None:
    model = learn(
        [msgspec.structs.replace(flow, version="1") for flow in make_history(300)], Settings()
    ).model
    flows = [stolen(f"s{number}", START + 20_000 + number) for number in range(12)]
    update = learn_more(model, flows)
    assert (update.releases, update.counts.flagged) == ([], 12)
