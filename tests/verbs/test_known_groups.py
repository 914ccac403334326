"""The groups that a bundle knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from coldtrail.bundle.manifest import read_manifest
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.testing import START, Call, make_flow
from coldtrail.verbs.known_groups import known_groupings, known_groups, path
from coldtrail.verbs.training import train
from tests.verbs.telemetry_files import USUAL, write_native

DAY = 86_400.0
TELL: Call = ("Publish", "SNS", "news", 0.01)
QUEUE = "AWS::SQS::Queue jobs"


def runs(name: str, calls: list[Call], trigger: str | None, days: int) -> list[Flow]:
    return [
        make_flow(calls, function=name, flow_id=f"{name}-{n}", trigger=trigger, start=START + n * DAY / 4)
        for n in range(4 * days)
    ]


def bundle_of(folder: Path, days: int) -> Path:
    flows = [one for name in ("A", "B") for one in runs(name, list(USUAL), "AWS::ApiGateway::Stage x", days)]
    flows += runs("C", [TELL], QUEUE, days)
    train(write_native(folder / "history.jsonl", flows), folder / "bundle")
    return folder / "bundle"


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle_of(tmp_path_factory.mktemp("week"), 7)


def test_a_group_tells_how_much_of_it_comes_again(week: Path) -> None:
    groups = known_groups(read_manifest(week), {1, 2})
    assert [(len(one.functions), one.stability) for one in groups] == [(2, 1.0), (1, None)]


def test_functions_by_what_is_known_of_them(week: Path) -> None:
    found = known_groupings(week, read_manifest(week))
    assert [one.by for one in found] == [("trigger",), ("trigger", "traffic")]
    assert [(one.rand, one.kept, one.is_stable) for one in found] == [(1.0, 1.0, True)] * 2
    assert [(one.values, one.functions) for one in found[0].groups] == [
        (("a queue",), ["shop/C"]),
        (("an API",), ["shop/A", "shop/B"]),
    ]


@pytest.mark.parametrize("figure", ["groups_rand_by_trigger", "groups_kept_by_trigger"])
def test_what_other_days_would_not_bring_is_told_as_such(week: Path, figure: str) -> None:
    manifest = read_manifest(week)
    manifest = replace(manifest, metrics=manifest.metrics | {figure: 0.7})
    assert {one.by: one.is_stable for one in known_groupings(week, manifest)}["trigger",] is False


def test_few_days_tell_nothing(tmp_path: Path) -> None:
    bundle = bundle_of(tmp_path, 2)
    assert known_groupings(bundle, read_manifest(bundle)) == []
    assert all(one.stability is None for one in known_groups(read_manifest(bundle), {1, 2}))


def test_functions_are_named_by_as_much_as_is_known() -> None:
    assert path(FunctionKey("", "", "shop", "pay")) == "shop/pay"
    assert path(FunctionKey("1", "eu-west-1", "shop", "pay")) == "1/eu-west-1/shop/pay"
