"""Uploads by the application's users: ordinary PutObject requests from their own addresses."""

from typing import Any

from coldtrail_testbed.cloud.identities import SOURCE_ADDRESS_HEADER
from coldtrail_testbed.cloud.rest_client import Sender
from coldtrail_testbed.facts import Caller

UPLOADER = Caller("user", "uploader", "203.0.113.10", "", "AKIAT6RQXW2PLOKD5ZHN")
"""The IAM user whose keys an application's web page gives to its users for uploads."""


class Uploader:
    """Sends what users upload; `s3` is a client with the uploader's key."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3
        self._sender = Sender(UPLOADER.address, "")
        s3.meta.events.register("before-send.s3.PutObject", self._come_from_sender)

    def upload(self, sender: Sender, bucket: str, key: str, content: bytes) -> None:
        """None; the object is in the bucket, put there from the sender's machine."""
        self._sender = sender
        self._s3.put_object(Bucket=bucket, Key=key, Body=content)

    def _come_from_sender(self, request: Any, **_: Any) -> None:
        request.headers[SOURCE_ADDRESS_HEADER] = self._sender.address
        request.headers["User-Agent"] = self._sender.user_agent
