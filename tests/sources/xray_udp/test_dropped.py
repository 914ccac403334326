from __future__ import annotations

import socket
import sys

import pytest

from coldtrail.sources.listening import Address, address_of, listening_socket
from coldtrail.sources.xray_udp import dropped
from coldtrail.sources.xray_udp.dropped import dropped_by


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_what_does_not_fit_the_buffer_is_counted(host: str) -> None:
    with listening_socket(Address(host, 0), "push", socket.SOCK_DGRAM) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        assert dropped_by(one) == 0
        with socket.socket(one.family, socket.SOCK_DGRAM) as sender:
            for _ in range(20):
                sender.sendto(bytes(1_000), address_of(one))
        read = 0
        while True:
            try:
                one.recv(2_000)
            except BlockingIOError:
                break
            read += 1
        assert dropped_by(one) == 20 - read > 0


def test_a_system_that_does_not_tell_is_not_asked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening_socket(Address("127.0.0.1", 0), "push", socket.SOCK_DGRAM) as one:
        monkeypatch.setattr(dropped, "_TABLES", {})
        assert dropped_by(one) is None
