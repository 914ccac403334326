"""Whether pull sources may be read."""

from __future__ import annotations

from pathlib import Path

from coldtrail.config import LimitSettings
from coldtrail.testing import make_history
from coldtrail.verbs.doctor.finding import Finding
from coldtrail.verbs.doctor.pulled import Pulled, ask
from tests.sources.aws.cloud import REGION, Faults, client
from tests.verbs.doctor.settings import table
from tests.verbs.telemetry_files import write_native


def answer(folder: Path, **source: object) -> Pulled:
    return ask(table(folder, **source), LimitSettings(), {})


def test_a_folder_that_may_be_read_gives_a_sample(tmp_path: Path) -> None:
    (tmp_path / "telemetry").mkdir()
    write_native(tmp_path / "telemetry" / "one.jsonl", make_history(20))
    found = answer(tmp_path, kind="files", path=str(tmp_path / "telemetry"), settle_s=0.0)
    (finding,) = found.findings
    assert (finding.about, finding.level) == ("source files", "ok")
    assert finding.told.startswith("It may be read: ")
    assert found.documents


def test_a_source_that_holds_nothing_is_a_note(endpoint: str, tmp_path: Path) -> None:
    client("logs", endpoint).create_log_group(logGroupName="aws/spans")
    found = answer(
        tmp_path, kind="cloudwatch-logs", groups=["aws/spans"], region=REGION, endpoint_url=endpoint
    )
    assert [(one.level, one.told) for one in found.findings] == [
        ("note", "It may be read, and holds nothing new.")
    ]


def test_what_may_not_be_read_must_be_mended(endpoint: str, tmp_path: Path, faults: Faults) -> None:
    faults.next_fault = lambda operation: "AccessDeniedException"
    (finding,) = answer(
        tmp_path, kind="cloudwatch-logs", groups=["aws/spans"], region=REGION, endpoint_url=endpoint
    ).findings
    assert finding.level == "mend"
    assert "grant logs:DescribeLogGroups on arn:aws:logs:eu-west-1:*:log-group:*." in finding.told


def test_settings_that_cannot_be_are_told_as_such(tmp_path: Path) -> None:
    (finding,) = answer(tmp_path, kind="s3").findings
    assert finding.level == "mend"
    assert "name the queue that is told of new objects" in finding.told


def test_messages_that_wait_are_counted_and_not_taken(endpoint: str, tmp_path: Path) -> None:
    sqs = client("sqs", endpoint)
    url = sqs.create_queue(QueueName="told")["QueueUrl"]
    source = {"kind": "sqs", "queue": url, "region": REGION, "endpoint_url": endpoint}
    assert answer(tmp_path, **source).findings == [
        Finding("source sqs", "ok", "The queue may be read, and nothing waits in it.")
    ]
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    (finding,) = answer(tmp_path, **source).findings
    assert finding.told.startswith("The queue answers, and 1 message wait")
    received = sqs.receive_message(QueueUrl=url, AttributeNames=["ApproximateReceiveCount"])
    assert received["Messages"][0]["Attributes"]["ApproximateReceiveCount"] == "1"
