"""A Lambda handler whose client is made when it is imported; it runs in worker processes."""

import os
from typing import Any

import boto3

_MADE_BY = os.getpid()
_client = boto3.client("sts")


def handler(_event: Any, _context: Any) -> dict[str, Any]:
    """Whose credentials the client signs with, where it was made, and where this is."""
    frozen = _client._request_signer._credentials.get_frozen_credentials()
    return {
        "access_key": frozen.access_key,
        "token": frozen.token,
        "own_key": os.environ["AWS_ACCESS_KEY_ID"],
        "own_token": os.environ["AWS_SESSION_TOKEN"],
        "made_by": _MADE_BY,
        "process": os.getpid(),
    }
