"""Telemetry that lies in a folder, a bucket, queues, a stream, log groups and X-Ray at once gives, through
the service, what `score` makes of all of it in one file."""

from __future__ import annotations

import gzip
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from coldtrail.config import load_settings
from coldtrail.service.settings import live_settings_from
from coldtrail.store.databases import open_database
from coldtrail.verbs.scoring import score
from coldtrail.verbs.watching import watch
from tests.sources.aws.cloud import ACCOUNT, REGION, client
from tests.sources.aws.conftest import endpoint, moto
from tests.sources.aws.test_notifications import event_bridge
from tests.sources.aws.xray_stand_in import xray_stand_in
from tests.verbs.telemetry_files import write_xray

__all__ = ("endpoint", "moto")
LATENESS_S = 86_400.0
ROLE = f"arn:aws:iam::{ACCOUNT}:role/coldtrail-read"


def put_everywhere(lines: list[bytes], endpoint: str, folder: Path) -> list[dict[str, Any]]:
    """The sources to read that hold the lines, each some of them, and some of them two."""
    s3, sqs, kinesis, logs = (client(name, endpoint) for name in ("s3", "sqs", "kinesis", "logs"))
    s3.create_bucket(Bucket="logs", CreateBucketConfiguration={"LocationConstraint": REGION})
    told, direct = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("told", "direct"))
    kinesis.create_stream(StreamName="spans", ShardCount=2)
    logs.create_log_group(logGroupName="traces")
    logs.create_log_stream(logGroupName="traces", logStreamName="s")
    (folder / "in").mkdir()
    (folder / "in" / "a.jsonl.gz").write_bytes(gzip.compress(b"\n".join(lines[0:15])))
    day = time.strftime("AWSLogs/1/%Y/%m/%d/a.gz", time.gmtime())
    s3.put_object(Bucket="logs", Key=day, Body=gzip.compress(b"\n".join(lines[10:25])))
    s3.put_object(Bucket="logs", Key="told/b+c", Body=b"\n".join(lines[20:35]))
    sqs.send_message(QueueUrl=told, MessageBody=json.dumps(event_bridge("told/b+c")))
    for line in lines[30:45]:
        sqs.send_message(QueueUrl=direct, MessageBody=line.decode())
    for line in lines[40:50]:
        kinesis.put_record(StreamName="spans", Data=line, PartitionKey=line.decode()[:60])
    events = [
        {"timestamp": int(time.time() * 1_000) - 5_000, "message": line.decode()} for line in lines[50:60]
    ]
    logs.put_log_events(logGroupName="traces", logStreamName="s", logEvents=events)
    in_aws = {"region": REGION, "endpoint_url": endpoint, "role_arn": ROLE}
    return [
        {"kind": "files", "path": str(folder / "in"), "settle_s": 0.2},
        {"kind": "s3", "name": "listed", "bucket": "logs", "prefix": "AWSLogs/", **in_aws},
        {"kind": "s3", "name": "told", "queue": told, **in_aws},
        {"kind": "sqs", "queue": direct, **in_aws},
        {"kind": "kinesis", "stream": "spans", **in_aws},
        {"kind": "cloudwatch-logs", "groups": ["traces"], **in_aws},
    ]


@pytest.mark.slow
def test_all_pull_sources_together_give_what_score_gives(
    endpoint: str, tmp_path: Path, xray_bundle: Path
) -> None:
    (tmp_path / "all").mkdir()
    packed = write_xray(tmp_path / "all" / "a.jsonl.gz", 70, seed=5)
    lines = gzip.decompress(packed.read_bytes()).splitlines()
    (tmp_path / "limits.toml").write_text(f"[limits]\nlateness_s = {LATENESS_S}\n")
    settings = load_settings(tmp_path / "limits.toml")
    score(xray_bundle, tmp_path / "all", tmp_path / "verdicts", settings=settings, workers=1)
    sources = put_everywhere(lines, endpoint, tmp_path)
    with xray_stand_in() as (held, address):
        for line in lines[60:]:
            trace = json.loads(line)
            for segment in trace["Segments"]:
                held.put(trace["Id"], time.time() - 5.0, json.loads(segment["Document"]))
        xray = {"kind": "xray-api", "region": REGION, "endpoint_url": address}
        raw = {
            "service": {
                "data": str(tmp_path / "data"),
                "bundle": str(xray_bundle),
                "lateness_s": LATENESS_S,
                "keep_verdicts": "all",
                "witnesses": "never",
            },
            "source": [*sources, xray],
        }
        summary = watch(live_settings_from(raw, "test"), threading.Event(), until_done=True)
    assert summary.tally.lost == 0
    database = open_database(tmp_path / "data" / "coldtrail.db", serving=False)
    stored = [row.line.replace(b',"revised":true}', b"}") for row in database.verdicts()]
    database.close()
    assert sorted(stored) == sorted((tmp_path / "verdicts").read_bytes().splitlines())
    for queue in ("told", "direct"):
        url = client("sqs", endpoint).get_queue_url(QueueName=queue)["QueueUrl"]
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        left = client("sqs", endpoint).get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        assert [left[name] for name in names] == ["0", "0"]
