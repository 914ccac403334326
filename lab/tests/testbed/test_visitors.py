from collections.abc import Mapping
from typing import Any

from coldtrail_testbed.cloud.mail import Mail
from coldtrail_testbed.cloud.rest_client import Sender
from coldtrail_testbed.cloud.visitors import Means, Visitor

HOME = Sender("203.0.113.7", "Agent")


class _Cloud:
    """All ways into a cloud, which write down what comes."""

    def __init__(self) -> None:
        self.came: list[tuple[Any, ...]] = []

    def request(
        self, sender: Sender, api: str, method: str, path: str, body: Mapping[str, Any] | None
    ) -> Mapping[str, bool]:
        self.came.append((sender, api, method, path, body))
        return {"ok": True}

    def upload(self, sender: Sender, bucket: str, key: str, content: bytes) -> None:
        self.came.append((sender, bucket, key, content))

    def send(self, mail: Mail) -> None:
        self.came.append((mail,))


def _visitor(cloud: _Cloud) -> Visitor:
    return Visitor(Means(cloud, cloud, cloud, lambda: 17.0), HOME)  # type: ignore[arg-type]


def test_all_that_a_visitor_does_comes_from_its_own_address() -> None:
    cloud = _Cloud()
    visitor = _visitor(cloud)
    assert visitor.request("shop", "POST", "/buy", {"a": 1}) == {"ok": True}
    visitor.upload("films", "a.mp4", b"frames")
    visitor.send_mail("new@films.example", "A film", "a.mp4", b"frames")
    sender = "viewer-7@example.com"
    assert cloud.came == [
        (HOME, "shop", "POST", "/buy", {"a": 1}),
        (HOME, "films", "a.mp4", b"frames"),
        (Mail(sender, "new@films.example", "A film", "a.mp4", b"frames", HOME.address),),
    ]


def test_a_visitor_knows_the_clouds_time() -> None:
    assert _visitor(_Cloud()).now() == 17.0
