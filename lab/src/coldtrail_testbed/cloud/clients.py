"""The testbed's own clients of the local services: the user's AWS settings and proxies do not reach them."""

import os
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.session import Session

from coldtrail_testbed.cloud.identifiers import REGION
from coldtrail_testbed.cloud.identities import DEPLOYMENT_KEY

_NO_SETTINGS = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


def local_client(
    service: str, endpoint: str, *, access_key: str = DEPLOYMENT_KEY, signature_version: str | None = None
) -> Any:
    """A boto3 client of `service` at `endpoint`, for the hooked moto of this process.

    `access_key` says who calls (`identities.py`); unless told otherwise, it is the deployment.
    """
    return _session().client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=access_key,
        aws_secret_access_key="local",  # noqa: S106 - moto checks no secret
        config=Config(
            retries={"max_attempts": 0},
            proxies={},
            parameter_validation=False,
            signature_version=signature_version,
        ),
    )


@cache
def _session() -> boto3.Session:
    return boto3.Session(botocore_session=Session(session_vars=_NO_SETTINGS))
