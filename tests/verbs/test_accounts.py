"""Functions of one name in several accounts and regions have histories of their own."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from coldtrail.records.identity import FunctionKey
from coldtrail.verbs.inspecting import inspect
from coldtrail.verbs.scoring import ScoreSummary, score
from coldtrail.verbs.showing import show_bundle
from coldtrail.verbs.training import train

NAME = "Booking"
HOME = FunctionKey("111111111111", "eu-north-1", "default", NAME)
OTHER = FunctionKey("222222222222", "eu-north-1", "default", NAME)
ABROAD = FunctionKey("111111111111", "sa-east-1", "default", NAME)
TABLES = {HOME: "seats", OTHER: "invoices", ABROAD: "meals"}
KEYS = sorted(TABLES)
RUNS = 200
START = 1_795_000_000.0


def trace(key: FunctionKey, number: int, table: str, *, account_told: bool = True) -> dict[str, Any]:
    """A run that reads a table, as X-Ray tells it."""
    start = START + 30.0 * number + KEYS.index(key)
    seconds = 0.01 + 0.0001 * (number % 17)
    arn = f"arn:aws:lambda:{key.region}:{key.account}:function:{NAME}"
    trace_id = f"1-{int(start):08x}-{KEYS.index(key):04x}{number:020x}"
    mark = f"{KEYS.index(key)}{number:06x}"
    call = {
        "id": f"c{mark:0>15}", "name": "DynamoDB", "namespace": "aws", "start_time": start + 0.01,
        "end_time": start + 0.01 + seconds, "aws": {"operation": "GetItem", "table_name": table},
    }  # fmt: skip
    invocation = {
        "id": f"b{mark:0>15}", "name": "Invocation", "start_time": start, "end_time": start + 0.05,
        "subsegments": [call],
    }  # fmt: skip
    own = {
        "id": f"a{mark:0>15}", "trace_id": trace_id, "name": NAME, "origin": "AWS::Lambda::Function",
        "start_time": start, "end_time": start + 0.06, "subsegments": [invocation],
        "aws": {"account_id": key.account, "function_arn": arn} if account_told else {},
    }  # fmt: skip
    return {"Id": trace_id, "Segments": [{"Id": own["id"], "Document": json.dumps(own)}]}


def written(path: Path, traces: Iterable[dict[str, Any]]) -> Path:
    path.write_text("\n".join(map(json.dumps, traces)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    traces = (trace(key, number, TABLES[key]) for number in range(RUNS) for key in KEYS)
    return written(tmp_path_factory.mktemp("accounts") / "history.jsonl", traces)


@pytest.fixture(scope="module")
def bundle(history: Path) -> Path:
    summary = train(history, history.parent / "bundle")
    assert not any("names no account" in warning for warning in summary.training.warnings)
    return summary.bundle


def scored(bundle: Path, folder: Path, traces: Iterable[dict[str, Any]]) -> tuple[ScoreSummary, list[Any]]:
    """The summary, and the verdict lines."""
    summary = score(bundle, written(folder / "new.jsonl", traces), folder / "out.jsonl")
    return summary, [json.loads(line) for line in (folder / "out.jsonl").read_bytes().splitlines()]


def test_each_is_inspected_by_itself(history: Path) -> None:
    found = inspect(history)
    assert [(one.key, one.flows) for one in found.functions] == [(key, RUNS) for key in KEYS]
    assert {one.key for one in found.invocations} == set(KEYS)


def test_each_is_learned_by_itself(bundle: Path) -> None:
    found = show_bundle(bundle)
    assert [(one.key, one.flows) for one in found.functions] == [(key, RUNS) for key in KEYS]
    assert {name for group in found.groups for name in group.functions} == set(map("/".join, KEYS))


@pytest.mark.parametrize(
    ("name", "keys"), [(NAME, KEYS), (f"default/{NAME}", KEYS), ("/".join(OTHER), [OTHER])]
)
def test_each_can_be_asked_for(bundle: Path, name: str, keys: list[FunctionKey]) -> None:
    found = show_bundle(bundle, name)
    assert [one.key for one in found.functions] == [one.key for one in found.profiles] == keys
    tables = {step.target for profile in found.profiles for run in profile.runs for step in run.steps}
    assert tables - {None} == {TABLES[key] for key in keys}


def test_what_is_usual_in_one_account_is_strange_in_another(bundle: Path, tmp_path: Path) -> None:
    traces = [
        trace(key, RUNS + number, table) for key in KEYS for number, table in enumerate(TABLES.values())
    ]
    summary, lines = scored(bundle, tmp_path, traces)
    usual = [(line["account"], line["region"]) for line in lines if line["verdict"] == "normal"]
    assert sorted(usual) == [key[:2] for key in KEYS]
    assert len(lines) == 9
    assert {alert.key for alert in summary.alerts} == set(KEYS)
    assert len({alert.id for alert in summary.alerts}) == len(summary.alerts)


def test_alerts_of_one_cause_in_two_accounts_are_two(bundle: Path, tmp_path: Path) -> None:
    summary, _ = scored(bundle, tmp_path, [trace(key, RUNS, "loot") for key in KEYS])
    assert sorted(alert.key for alert in summary.alerts) == KEYS
    assert len({alert.title for alert in summary.alerts}) == 1
    assert len({alert.id for alert in summary.alerts}) == 3


def test_a_function_without_an_account_is_another_function(bundle: Path, tmp_path: Path) -> None:
    summary, lines = scored(bundle, tmp_path, [trace(HOME, RUNS, "seats", account_told=False)])
    assert [line["verdict"] for line in lines] == ["not_ready"]
    assert summary.tally.sentences()[0].endswith(
        "the bundle knows none of its 1 function (application default): those of these names that it knows "
        "are of accounts that the telemetry does not name."
    )


def test_a_bundle_without_accounts_judges_no_function_that_has_one(history: Path, tmp_path: Path) -> None:
    bare = (trace(HOME, number, "seats", account_told=False) for number in range(RUNS))
    learned = train(written(tmp_path / "bare.jsonl", bare), tmp_path / "bundle")
    assert learned.training.warnings[1] == (
        f"The telemetry names no account for 1 function ({NAME}): the same name in two accounts cannot be "
        "told apart."
    )
    summary, lines = scored(learned.bundle, tmp_path, [trace(HOME, RUNS, "seats")])
    assert [line["verdict"] for line in lines] == ["not_ready"]
    assert summary.tally.sentences()[0].endswith(
        "the bundle knows none of its 1 function (application default): those of these names that it knows "
        "are of no account."
    )


def test_a_region_apart_is_said(bundle: Path, tmp_path: Path) -> None:
    text = json.dumps(trace(OTHER, RUNS, "invoices")).replace(OTHER.region, "ap-south-1")
    summary, _ = scored(bundle, tmp_path, [json.loads(text)])
    assert summary.tally.sentences()[0].endswith("that it knows are of another region.")
