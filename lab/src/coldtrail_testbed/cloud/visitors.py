"""The browsers of visitors: what users of an application can do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from coldtrail_testbed.cloud.mail import Mail, MailService
from coldtrail_testbed.cloud.rest_client import RestClient, Sender
from coldtrail_testbed.cloud.uploads import Uploader


@dataclass(frozen=True)
class Means:
    """The ways into a cloud from outside, and its time."""

    rest: RestClient
    uploader: Uploader
    mails: MailService
    now: Callable[[], float]


class Visitor:
    """The `Browser` of one visitor."""

    def __init__(self, means: Means, sender: Sender) -> None:
        self._means = means
        self._sender = sender

    def request(self, api: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The decoded JSON body of the API's answer."""
        return self._means.rest.request(self._sender, api, method, path, body)

    def upload(self, bucket: str, key: str, content: bytes) -> None:
        """None; the object is in the bucket."""
        self._means.uploader.upload(self._sender, bucket, key, content)

    def send_mail(self, recipient: str, subject: str, attachment: str, content: bytes) -> None:
        """None; a mail with one attachment is on its way to `recipient`."""
        sender = f"viewer-{self._sender.address.rpartition('.')[2]}@example.com"
        mail = Mail(sender, recipient, subject, attachment, content, self._sender.address)
        self._means.mails.send(mail)

    def now(self) -> float:
        """The time in UTC epoch seconds."""
        return self._means.now()
