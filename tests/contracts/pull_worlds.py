"""A world for each pull source: where telemetry is put, and how its calls are made to fail."""

from __future__ import annotations

import gzip
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from coldtrail.errors import SourceError
from coldtrail.records.intake import PullSource
from coldtrail.records.tally import Tally
from coldtrail.registry import LIVE_SOURCES, load
from coldtrail.sources.aws import kinesis, lent, logs, traces, xray
from coldtrail.sources.growing import folder
from tests.sources.aws.cloud import REGION, Fault, Faults, client, context
from tests.sources.aws.xray_stand_in import xray_stand_in


class World:
    """Where one kind of source reads."""

    kind: ClassVar[str]
    is_in_moto: ClassVar[bool] = True
    """Whether moto answers the source's calls."""

    def __init__(self, tmp_path: Path, endpoint: str, faults: Faults, patched: pytest.MonkeyPatch) -> None:
        self.tmp_path, self.endpoint, self.faults, self.patched = tmp_path, endpoint, faults, patched
        self.tally = Tally()
        self.number = 0
        self.begin()

    def begin(self) -> None:
        """Makes the place that is read."""

    def end(self) -> None:
        """Takes it away."""

    def put(self, payloads: list[bytes]) -> None:
        """Puts some documents there."""
        raise NotImplementedError

    def settings(self) -> dict[str, Any]:
        """The settings of the source."""
        raise NotImplementedError

    def made(self) -> PullSource:
        """A fresh source, as after a start."""
        source = load(LIVE_SOURCES, self.kind, "source")
        made: PullSource = source(
            source.Settings(**self.settings()), context(self.tmp_path, self.kind, self.tally)
        )
        return made

    def hurry(self, source: Any) -> None:
        """Lets a source look again at once that would wait."""
        source._next_look = float("-inf")

    def fail_by(self, next_fault: Callable[[str], Fault]) -> None:
        """Lets calls fail from now on."""
        self.faults.next_fault = next_fault

    def aws(self, service: str) -> Any:
        return client(service, self.endpoint)

    def in_aws(self, **settings: Any) -> dict[str, Any]:
        return {"region": REGION, "endpoint_url": self.endpoint, **settings}


class Files(World):
    kind = "files"
    is_in_moto = False

    def begin(self) -> None:
        (self.tmp_path / "in").mkdir()
        self.next_fault: Callable[[str], Fault] = lambda operation: None
        entries = folder._entries

        def failing(path: str) -> list[os.DirEntry[str]]:
            fault = self.next_fault("scandir")
            if fault is not None:
                raise SourceError("files: it cannot be read.", retryable=fault != 403)
            return entries(path)

        self.patched.setattr(folder, "_entries", failing)

    def fail_by(self, next_fault: Callable[[str], Fault]) -> None:
        self.next_fault = next_fault

    def put(self, payloads: list[bytes]) -> None:
        self.number += 1
        with (self.tmp_path / "in" / "a.log").open("ab") as file:
            file.writelines(payload + b"\n" for payload in payloads)
        if self.number % 3 == 0:
            (self.tmp_path / "in" / "a.log").rename(self.tmp_path / "in" / f"a.log.{self.number}")

    def settings(self) -> dict[str, Any]:
        return {"path": str(self.tmp_path / "in")}


class S3Listed(World):
    kind = "s3"

    def begin(self) -> None:
        location = {"LocationConstraint": REGION}
        self.aws("s3").create_bucket(Bucket="logs", CreateBucketConfiguration=location)

    def put(self, payloads: list[bytes]) -> None:
        self.number += 1
        # Keys do not ascend with the time they are written.
        key = f"AWSLogs/{time.strftime('%Y/%m/%d', time.gmtime())}/{(self.number * 7) % 10}-{self.number}.gz"
        self.aws("s3").put_object(Bucket="logs", Key=key, Body=gzip.compress(b"\n".join(payloads)))

    def settings(self) -> dict[str, Any]:
        return self.in_aws(bucket="logs", prefix="AWSLogs/")


class S3Told(S3Listed):
    def begin(self) -> None:
        super().begin()
        self.patched.setattr(lent, "_WAIT_S", 0)
        self.patched.setattr(lent, "VISIBILITY_S", 1)
        self.url = self.aws("sqs").create_queue(QueueName="told")["QueueUrl"]

    def put(self, payloads: list[bytes]) -> None:
        super().put(payloads)
        key = f"told/{self.number}.zst"
        body = b"\n".join(payloads)
        self.aws("s3").put_object(Bucket="logs", Key=key, Body=body)
        told = {
            "detail-type": "Object Created",
            "detail": {"bucket": {"name": "logs"}, "object": {"key": key}},
        }
        self.aws("sqs").send_message(QueueUrl=self.url, MessageBody=json.dumps(told))

    def settings(self) -> dict[str, Any]:
        return self.in_aws(queue=self.url)


class Sqs(World):
    kind = "sqs"

    def begin(self) -> None:
        self.patched.setattr(lent, "_WAIT_S", 0)
        self.patched.setattr(lent, "VISIBILITY_S", 1)
        self.url = self.aws("sqs").create_queue(QueueName="told")["QueueUrl"]

    def put(self, payloads: list[bytes]) -> None:
        for payload in payloads:
            self.aws("sqs").send_message(QueueUrl=self.url, MessageBody=payload.decode())

    def settings(self) -> dict[str, Any]:
        return self.in_aws(queue=self.url)


class Logs(World):
    kind = "cloudwatch-logs"

    def begin(self) -> None:
        self.patched.setattr(logs, "_PACE_S", 0.0)
        self.patched.setattr(logs, "_DEEP_S", 0.0)
        for group in ("aws/spans", "/aws/lambda/a", "/aws/lambda/b", "other"):
            self.aws("logs").create_log_group(logGroupName=group)
            self.aws("logs").create_log_stream(logGroupName=group, logStreamName="s")

    def put(self, payloads: list[bytes]) -> None:
        self.number += 1
        for number, payload in enumerate(payloads):
            group = ("aws/spans", "/aws/lambda/a", "/aws/lambda/b")[number % 3]
            # Every other time they come late.
            at = int(time.time() * 1_000) - 100_000 * (self.number % 2)
            event = {"timestamp": at, "message": payload.decode()}
            self.aws("logs").put_log_events(logGroupName=group, logStreamName="s", logEvents=[event])

    def settings(self) -> dict[str, Any]:
        return self.in_aws(groups=("aws/spans", "/aws/lambda/*"), every_s=0.0)


class XRay(World):
    kind = "xray-api"
    is_in_moto = False
    destination = "XRay"

    def begin(self) -> None:
        self.patched.setattr(xray, "_PACE_S", 0.0)
        self.patched.setattr(xray, "_DEEP_S", 0.0)
        self.patched.setattr(traces, "_POLL_S", 0.0)
        self.stand_in = xray_stand_in()
        self.held, self.endpoint = self.stand_in.__enter__()
        self.held.destination = {"Destination": self.destination, "Status": "ACTIVE"}

    def end(self) -> None:
        self.stand_in.__exit__(None, None, None)

    def put(self, payloads: list[bytes]) -> None:
        for payload in payloads:
            self.held.put(json.loads(payload)["Id"], time.time(), {"id": "5f84c7a1e7d1852f"})

    def settings(self) -> dict[str, Any]:
        return self.in_aws(every_s=0.0)


class XRaySearched(XRay):
    destination = "CloudWatchLogs"


class Kinesis(World):
    kind = "kinesis"

    def begin(self) -> None:
        self.patched.setattr(kinesis, "_PACE_S", 0.0)
        self.aws("kinesis").create_stream(StreamName="spans", ShardCount=2)

    def put(self, payloads: list[bytes]) -> None:
        self.number += 1
        for payload in payloads:
            self.aws("kinesis").put_record(
                StreamName="spans", Data=payload, PartitionKey=payload.decode()[-40:]
            )
        if self.number == 2:
            shard = self.aws("kinesis").list_shards(StreamName="spans")["Shards"][0]
            middle = str(int(shard["HashKeyRange"]["EndingHashKey"]) // 2)
            self.aws("kinesis").split_shard(
                StreamName="spans", ShardToSplit=shard["ShardId"], NewStartingHashKey=middle
            )

    def settings(self) -> dict[str, Any]:
        return self.in_aws(stream="spans")


WORLDS: dict[str, type[World]] = {
    "files": Files,
    "s3 listed": S3Listed,
    "s3 told of": S3Told,
    "sqs": Sqs,
    "cloudwatch-logs": Logs,
    "kinesis": Kinesis,
    "xray-api": XRay,
    "xray-api, searched": XRaySearched,
}
