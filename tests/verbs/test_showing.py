"""The verb `bundle show`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from coldtrail.bundle.folder import load, save
from coldtrail.bundle.manifest import MANIFEST, read_manifest
from coldtrail.config import BaselineSettings, DetectionSettings, Settings
from coldtrail.errors import BundleError, ConfigError
from coldtrail.records.finding import FindingKey
from coldtrail.registry import SIGNAL_DETECTORS
from coldtrail.testing import START, make_flow, make_history
from coldtrail.verbs.showing import BundleView, show_bundle
from coldtrail.verbs.training import train
from coldtrail.verdicts.feedback import Accepted, Feedback
from tests.verbs.telemetry_files import USUAL, stolen, write_native

DAY = 86_400.0


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of a ready function and of one that is still learning, over 5,980 seconds."""
    folder = tmp_path_factory.mktemp("two")
    flows = make_history(300) + make_history(12, seed=2, function="Refund", prefix="r")
    train(write_native(folder / "history.jsonl", flows), folder / "bundle")
    return folder / "bundle"


def test_each_function_is_told_with_its_state_and_its_rates(two: Path) -> None:
    found = show_bundle(two)
    order, refund = found.functions
    assert (order.function_name, order.flows, order.state) == ("Order", 300, "ready")
    assert (refund.function_name, refund.flows, refund.state, refund.ready_flows) == (
        "Refund", 12, "learning", 20,
    )  # fmt: skip
    a_day = 300 * DAY / 5980
    assert order.runs_a_day == pytest.approx(a_day)
    assert order.false_alarms_a_day == pytest.approx(0.003 * a_day)
    assert refund.false_alarms_a_day == 0.0
    assert found.false_alarms_a_day == pytest.approx(0.003 * a_day)


def test_what_is_held_back_counts_among_the_expected_alarms(tmp_path: Path) -> None:
    flows = [make_flow(USUAL, flow_id=f"h{i}", start=START + 60 * i) for i in range(300)]
    flows += [stolen(f"s{i}", START + 333.3 * i * i) for i in range(3)]
    settings = Settings(detection=DetectionSettings(hold_rare=0.05))
    train(write_native(tmp_path / "h.jsonl", flows), tmp_path / "bundle", settings=settings)
    (order,) = show_bundle(tmp_path / "bundle").functions
    assert (order.flows, order.held_back) == (300, 3)
    days = 299 * 60 / DAY
    assert order.false_alarms_a_day == pytest.approx((300 * 0.003 + 3) / days)


def test_versions_and_the_last_run_are_told(tmp_path: Path) -> None:
    flows = make_history(60)
    flows = [
        msgspec.structs.replace(flow, version=str(1 + number // 30)) for number, flow in enumerate(flows)
    ]
    train(write_native(tmp_path / "h.jsonl", flows), tmp_path / "bundle")
    (order,) = show_bundle(tmp_path / "bundle").functions
    assert order.versions == ("1", "2")
    assert order.last_start == pytest.approx(max(flow.start_time for flow in flows), abs=1.0)


def test_the_threshold_is_told_as_odds(two: Path) -> None:
    order = show_bundle(two).functions[0]
    assert order.threshold == read_manifest(two).threshold
    assert order.one_in == pytest.approx(10**order.threshold)


def test_the_age_is_counted_from_the_latest_flow_learned(two: Path) -> None:
    last = read_manifest(two).last_start
    assert show_bundle(two, now=last + 60.0).age_s == pytest.approx(60.0)
    assert show_bundle(two, now=last - 60.0).age_s == 0.0
    assert show_bundle(two).age_s >= 0.0


def test_one_function_is_shown_with_its_usual_runs(two: Path) -> None:
    for name in ("Refund", "shop/Refund"):
        found = show_bundle(two, name)
        assert [one.function_name for one in found.functions] == ["Refund"]
        assert [one.function_name for one in found.profiles] == ["Refund"]
        assert found.profiles[0].runs[0].steps[0].event_name == "Invocation"


def test_an_unknown_function_is_refused_with_what_is_near(two: Path) -> None:
    with pytest.raises(ConfigError, match=r"no function 'Ordre'; near it: Order\.$"):
        show_bundle(two, "Ordre")
    with pytest.raises(ConfigError, match=r"`coldtrail bundle show` lists all\.$"):
        show_bundle(two, "xyz")


def test_a_short_history_says_nothing_of_a_day(tmp_path: Path) -> None:
    train(write_native(tmp_path / "h.jsonl", make_history(60)), tmp_path / "bundle")
    found = show_bundle(tmp_path / "bundle")
    assert found.functions[0].runs_a_day is None
    assert found.functions[0].false_alarms_a_day is None
    assert found.false_alarms_a_day is None


def grouped(two: Path, folder: Path) -> BundleView:
    model, manifest = load(two)
    model.vocabulary.put_in_groups(["does this", "does that"], [0, 2, 2])
    span = manifest.first_start, manifest.last_start
    save(model, folder, version=manifest.coldtrail_version, seed=3, span=span)
    return show_bundle(folder, "Refund")


def test_groups_are_shown_with_all_their_members(two: Path, tmp_path: Path) -> None:
    found = grouped(two, tmp_path / "bundle")
    assert [(one.number, one.name, one.functions, one.flows) for one in found.groups] == [
        (2, "does that", ["shop/Order", "shop/Refund"], 312)
    ]
    assert found.functions[0].group == 2


def test_exceptions_are_counted_and_told_where_they_cover_much(tmp_path: Path) -> None:
    names = ["Order", "Refund", "Pay"]
    flows = [one for name in names for one in make_history(60, function=name, prefix=name)]
    train(write_native(tmp_path / "h.jsonl", flows), tmp_path / "bundle")
    assert show_bundle(tmp_path / "bundle").warnings == []
    model, manifest = load(tmp_path / "bundle")
    causes = [FindingKey(*key, "new_resource", "PutObject", "S3", "x") for key in model.learned]
    kind = replace(model, feedback=Feedback(tuple(map(Accepted, causes[:3]))))
    span = manifest.first_start, manifest.last_start
    save(kind, tmp_path / "kind", version=manifest.coldtrail_version, seed=3, span=span)
    found = show_bundle(tmp_path / "kind", "Pay")
    assert [one.exceptions for one in found.functions] == [1]
    (said,) = found.warnings
    assert said.startswith("Exceptions excuse something in 3 of 3 functions (3 exceptions)")


def test_what_is_no_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=MANIFEST):
        show_bundle(tmp_path)


def test_all_of_it_can_be_written_as_json(two: Path) -> None:
    found = show_bundle(two)
    assert msgspec.json.decode(msgspec.json.encode(found), type=BundleView) == found


def test_what_detectors_of_signals_still_need_is_told_by_function(tmp_path: Path) -> None:
    path = write_native(tmp_path / "h.jsonl", make_history(60))
    train(path, tmp_path / "b")
    view = show_bundle(tmp_path / "b")
    (one,) = view.functions
    assert set(view.followed) == set(SIGNAL_DETECTORS)
    assert {"credentials", "callers"} <= one.needs.keys()
    assert all(view.followed[name] == (name not in one.needs) for name in view.followed)
    train(path, tmp_path / "n", settings=Settings(baselines=BaselineSettings(detectors=())))
    assert show_bundle(tmp_path / "n").followed == {}
