"""What the fork server does once, so that its instances need not: imports, and what boto3 reads from disk.

An instance that is forked starts with all of it. What belongs to the instance alone, its credentials and the
address of its Runtime API, it takes up after the fork.
"""

import gc
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType

_WARM_SERVICES = (
    *("dynamodb", "sns", "stepfunctions", "ssm", "s3", "sqs", "lambda", "ses", "secretsmanager"),
    *("mediaconvert", "mediapackage-vod"),
)
_COLLECT_AFTER = 50_000


def import_everything() -> None:
    """None; forks share the modules and the service models that take most of a process's start."""
    import aws_xray_sdk.core
    import aws_xray_sdk.ext.botocore.patch
    import aws_xray_sdk.ext.requests.patch  # noqa: F401
    import boto3

    import coldtrail_testbed.account.attacks
    import coldtrail_testbed.applications
    import coldtrail_testbed.attacks  # noqa: F401

    _import_runtime_client()
    boto3.setup_default_session()
    for service in _WARM_SERVICES:
        boto3.client(service).close()
    share_memory()


def share_memory() -> None:
    """None; forks seldom look for garbage, and not among what there is now: its pages stay shared."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)


def become(environment: Mapping[str, str]) -> None:
    """None; this process has the environment, the credentials and the Runtime API of its instance."""
    import boto3

    os.environ.update(environment)
    # Not asked for: whoever asks first loads them, and the user agent of the client that did so tells.
    credentials = boto3.DEFAULT_SESSION._session._credentials if boto3.DEFAULT_SESSION else None
    if credentials and "AWS_ACCESS_KEY_ID" in environment:
        # The clients that were made with the handler hold these credentials, and no others.
        credentials.access_key = environment["AWS_ACCESS_KEY_ID"]
        credentials.token = environment.get("AWS_SESSION_TOKEN")
    _load_runtime_client()


def _import_runtime_client() -> None:
    """None; the runtime client is imported but for its native part, which reads its address when loaded."""
    stand_in = ModuleType("runtime_client")
    vars(stand_in)["initialize_client"] = lambda _user_agent: None
    sys.modules["runtime_client"] = stand_in
    try:
        import_module("awslambdaric.__main__")
        import_module("coldtrail_testbed.worker.sandbox")
    finally:
        del sys.modules["runtime_client"]


def _load_runtime_client() -> None:
    from awslambdaric import lambda_runtime_client

    native = import_module("runtime_client")
    native.initialize_client(lambda_runtime_client._user_agent())
    vars(lambda_runtime_client)["runtime_client"] = native
