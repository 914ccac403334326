import json
import socket
from typing import Any

from coldtrail_testbed.cloud.xray_daemon import XRayDaemon


def test_receives_what_the_sdk_sends_before_it_settles() -> None:
    received: list[dict[str, Any]] = []
    daemon = XRayDaemon(received.append)
    host, port = daemon.address.split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(50):
            document = json.dumps({"id": number}).encode()
            sender.sendto(b'{"format":"json","version":1}\n' + document, (host, int(port)))
    assert daemon.settle()
    assert [document["id"] for document in received] == list(range(50))
    daemon.close()
