"""Whether more than traces will come, and what becomes of it, from files to flows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from coldtrail.assembly.from_documents import windows_from
from coldtrail.config import LimitSettings, Settings
from coldtrail.errors import ConfigError
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.sources.files import FileSource
from coldtrail.verbs import shared_flows, workers
from coldtrail.verbs.expecting import MOST_FILES, is_more_expected
from coldtrail.verbs.flowing import flows
from coldtrail.verbs.reading import read_documents, read_flows
from coldtrail.verbs.scoring import score
from coldtrail.verbs.training import train
from coldtrail.verbs.workers import plan
from tests.fixtures.witnesses import CLOUDTRAIL
from tests.verbs.telemetry_files import write_xray
from tests.verbs.test_flowing import read, xray_trace

START = 1_700_000_000
ARN = "arn:aws:lambda:eu-west-1:111122223333:function:Order"


def record(
    event_id: str, time: float, operation: str = "PutObject", bucket: str = "copies"
) -> dict[str, Any]:
    """A call that Order makes of a bucket, as CloudTrail tells it."""
    scope = {"credentialsIssuedTo": ARN, "credentialsIssuedToVersion": f"{ARN}:7"}
    identity = CLOUDTRAIL["userIdentity"]
    return CLOUDTRAIL | {
        "eventID": event_id,
        "eventTime": datetime.fromtimestamp(int(time), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventName": operation,
        "requestParameters": {"bucketName": bucket},
        "resources": [{"type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"}],
        "recipientAccountId": "111122223333",
        "userIdentity": identity | {"inScopeOf": identity["inScopeOf"] | scope},
    }


def write_all(folder: Path) -> Path:
    """One run of Order as X-Ray, its own report, CloudTrail and the gateway tell it."""
    folder.mkdir()
    (folder / "a-trace.json").write_text(json.dumps(xray_trace()))
    (folder / "b-report.log").write_text(
        "REPORT RequestId: 3f1a\tDuration: 800.00 ms\tBilled Duration: 801 ms\tMemory Size: 128 MB\t"
        "Max Memory Used: 81 MB\t\n"
    )
    records = [record("e1", START), record("e2", START, "GetObject", "loot")]
    (folder / "c-trail.json").write_text(json.dumps({"Records": records}))
    return folder


def test_what_witnesses_tell_of_one_run_is_one_line(tmp_path: Path) -> None:
    done = flows(write_all(tmp_path / "in"), tmp_path / "flows.jsonl")
    (line,) = read(tmp_path / "flows.jsonl")
    assert line["witnesses"] == ["cloudtrail", "lambda-report", "xray"]
    assert line["facts"]["memory_used_mb"] == 81.0
    assert [one["target"] for one in line["facts"]["unseen"]] == ["loot"]
    assert {step["witness"] for step in line["steps"]} == {"xray"}
    assert done.tally.counts["calls joined to a flow"] == 2


@pytest.mark.parametrize("number", [2, 3])
def test_workers_leave_it_to_one_where_they_meet_more_than_traces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(workers, "LEAST_BYTES", 0)
    folder = write_all(tmp_path / "in")
    pseudonyms = Pseudonyms(b"k" * 32)
    alone = list(read_flows(folder, Settings(), "auto", pseudonyms=pseudonyms).flows)
    monkeypatch.setattr(workers, "is_more_expected", lambda *what: False)
    assert plan(number, [folder], Settings(), "auto").workers == number
    assert list(read_flows(folder, Settings(), "auto", workers=number, pseudonyms=pseudonyms).flows) == alone


def test_where_more_is_seen_one_process_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "LEAST_BYTES", 0)
    assert plan(3, [write_all(tmp_path / "in")], Settings(), "auto").workers == 1
    assert plan(3, [write_xray(tmp_path / "x.gz", 3)], Settings(), "auto").workers == 3
    assert plan(3, [write_xray(tmp_path / "x.gz", 3)], Settings(), "cloudtrail").workers == 1
    assert shared_flows.make is not None


def test_a_few_files_are_looked_into(tmp_path: Path) -> None:
    for number in range(5 * MOST_FILES):
        (tmp_path / f"{number:03}.json").write_text(json.dumps(xray_trace()))
    source = FileSource([tmp_path], limits=LimitSettings(), tally=Tally())
    assert MOST_FILES <= len(list(source.first_of_each(MOST_FILES))) < 2 * MOST_FILES
    assert not is_more_expected(source, "auto", Settings())
    (tmp_path / "000.json").write_text(json.dumps({"Records": [record("e1", START)]}))
    assert is_more_expected(source, "auto", Settings())


def test_flows_that_are_closed_early_wait_for_what_comes_later(tmp_path: Path) -> None:
    folder = write_all(tmp_path / "in")
    limits = LimitSettings(max_open_events=1)
    (one,) = read_flows(folder, Settings(limits=limits), "auto").flows
    assert one.facts is not None
    assert one.facts.memory_used_mb == 81.0


def test_the_minutes_of_all_that_is_told_are_counted(tmp_path: Path) -> None:
    read_all = read_documents(write_all(tmp_path / "in"), Settings(), "auto")
    (one,) = windows_from(read_all.documents, read_all.parser, Settings(), read_all.tally)
    assert (one.function_name, one.source, one.invocations, one.memory_mb_max) == (
        "Order",
        "flows",
        1.0,
        81.0,
    )


def test_an_account_that_is_not_traced_is_learned_and_judged(tmp_path: Path) -> None:
    def session(number: int, *calls: tuple[str, str]) -> list[dict[str, Any]]:
        return [
            record(f"e{number}-{place}", START + 200.0 * number + place, *one)
            for place, one in enumerate(calls)
        ]

    usual = ("GetObject", "stock"), ("PutObject", "receipts")
    days = [one for number in range(300) for one in session(number, *usual)]
    (tmp_path / "history.json").write_text(json.dumps({"Records": days}))
    strange = session(900, usual[0], ("GetObject", "secrets"), ("PutObject", "loot")) + session(901, *usual)
    (tmp_path / "new.json").write_text(json.dumps({"Records": strange}))
    summary = train(tmp_path / "history.json", tmp_path / "model")
    assert summary.manifest.flows == 300
    found = score(tmp_path / "model", tmp_path / "new.json", tmp_path / "verdicts.jsonl")
    assert found.verdicts == {"anomalous": 1, "normal": 1}


def test_reports_alone_are_flows_that_nothing_is_learned_of(tmp_path: Path) -> None:
    (tmp_path / "r.log").write_text(
        "2023-11-14T22:13:20.000Z REPORT RequestId: 3f1a\tDuration: 800.00 ms\tBilled Duration: 801 ms\t"
        "Memory Size: 128 MB\tMax Memory Used: 81 MB\t\n"
    )
    with pytest.raises(ConfigError):
        train(tmp_path / "r.log", tmp_path / "model")


def write_reports(path: Path, flows: list[Flow]) -> None:
    """The platform's report of each flow."""
    lines = [
        {
            "time": datetime.fromtimestamp(flow.end_time, UTC).isoformat(),
            "type": "platform.report",
            "record": {"requestId": flow.request_id, "status": "success", "metrics": {"durationMs": 90.0}},
        }
        for flow in flows
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_what_witnesses_add_changes_no_verdict(xray_bundle: Path, tmp_path: Path) -> None:
    new = write_xray(tmp_path / "new.jsonl.gz", 60, seed=5)
    write_reports(tmp_path / "reports.jsonl", list(read_flows(new, Settings(), "auto").flows))
    score(xray_bundle, new, tmp_path / "alone.jsonl")
    both = score(xray_bundle, [new, tmp_path / "reports.jsonl"], tmp_path / "both.jsonl")
    assert both.tally.counts["reports joined to a flow"] == both.flows > 100
    assert (tmp_path / "both.jsonl").read_bytes() == (tmp_path / "alone.jsonl").read_bytes()


def test_witnesses_that_come_in_a_later_call_make_no_second_flow(xray_bundle: Path, tmp_path: Path) -> None:
    new = write_xray(tmp_path / "new.jsonl.gz", 150, seed=5)
    flows = list(read_flows(new, Settings(), "auto").flows)
    write_reports(tmp_path / "later.jsonl", flows)
    first = score(xray_bundle, new, tmp_path / "a.jsonl", state=tmp_path / "state")
    second = score(xray_bundle, tmp_path / "later.jsonl", tmp_path / "b.jsonl", state=tmp_path / "state")
    both = read(tmp_path / "a.jsonl") + read(tmp_path / "b.jsonl")
    assert {one["function_flow_id"] for one in both} == {flow.function_flow_id for flow in flows}
    assert first.flows == len(flows)
    counts = second.tally.counts
    assert counts["reports read"] == len(flows) > counts["reports joined to a flow"] > 0
    assert counts["reports read"] == counts["reports joined to a flow"] + counts["reports that came too late"]


def test_flows_that_waited_since_an_earlier_call_count_where_they_are_given(
    xray_bundle: Path, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    new = write_xray(tmp_path / "in" / "new.jsonl.gz", 150, seed=5)
    flows = list(read_flows(new, Settings(), "auto").flows)
    write_reports(tmp_path / "in" / "reports.jsonl", flows[:50])
    write_reports(tmp_path / "more.jsonl", flows[50:])
    state = tmp_path / "state"
    first = score(xray_bundle, tmp_path / "in", tmp_path / "a.jsonl", state=state)
    second = score(xray_bundle, tmp_path / "more.jsonl", tmp_path / "b.jsonl", state=state)
    for counts in (first.tally.counts, second.tally.counts):
        assert counts["flows scored"] == counts["flows assembled"] > 0
