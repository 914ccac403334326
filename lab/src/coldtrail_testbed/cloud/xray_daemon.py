"""The X-Ray daemon's place: a UDP socket that takes what the SDK sends."""

import json
import socket
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

_BUFFER_BYTES = 8 << 20
_LARGEST_DATAGRAM = 65_536


class XRayDaemon:
    """A loopback UDP port; every document that arrives goes to `receive`."""

    def __init__(self, receive: Callable[[dict[str, Any]], None]) -> None:
        self._receive = receive
        self._markers: dict[bytes, threading.Event] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        self._socket.bind(("127.0.0.1", 0))
        self._closing = False
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """`host:port` for AWS_XRAY_DAEMON_ADDRESS."""
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def settle(self, timeout_s: float = 10.0) -> bool:
        """Whether all that had been sent before this call has been received."""
        marker = b"marker " + uuid4().bytes
        arrived = self._markers[marker] = threading.Event()
        self._send(marker)
        try:
            return arrived.wait(timeout_s)
        finally:
            del self._markers[marker]

    def close(self) -> None:
        """None; the port is free."""
        self._closing = True
        self._send(b"close")
        self._thread.join()
        self._socket.close()

    def _send(self, message: bytes) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(message, self._socket.getsockname())

    def _listen(self) -> None:
        while not self._closing:
            datagram = self._socket.recv(_LARGEST_DATAGRAM)
            marker = self._markers.get(datagram)
            if marker:
                marker.set()
            elif b"\n" in datagram:
                self._receive(json.loads(datagram.split(b"\n", 1)[1]))
