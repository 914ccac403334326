from __future__ import annotations

import socket

import pytest

from coldtrail.errors import ConfigError, SourceError
from coldtrail.sources.listening import Address, address_from, address_of, listening_socket


@pytest.mark.parametrize(
    ("text", "address", "is_loopback"),
    [
        ("127.0.0.1:4318", Address("127.0.0.1", 4318), True),
        ("localhost:0", Address("127.0.0.1", 0), True),
        ("[::1]:2000", Address("::1", 2000), True),
        ("0.0.0.0:65535", Address("0.0.0.0", 65535), False),
        ("[::]:1", Address("::", 1), False),
        ("10.1.2.3:80", Address("10.1.2.3", 80), False),
    ],
)
def test_addresses_are_read_and_written(text: str, address: Address, is_loopback: bool) -> None:
    found = address_from(text, "listen")
    assert (found, found.is_loopback) == (address, is_loopback)
    assert address_from(str(found), "listen") == address


@pytest.mark.parametrize(
    "text", ["", "4318", ":4318", "host:1", "127.0.0.1:", "127.0.0.1:65536", "1.2.3.4:-1"]
)
def test_what_is_no_address_is_refused_by_the_name_of_its_setting(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^listen is .*; give an IP address and a port"):
        address_from(text, "listen")


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_port_that_is_taken_may_be_free_later(kind: socket.SocketKind) -> None:
    with listening_socket(Address("127.0.0.1", 0), "push", kind) as one:
        address = address_of(one)
        with pytest.raises(
            SourceError, match=f"cannot listen at {address}: Address already in use"
        ) as caught:
            listening_socket(address, "push", kind)
        assert caught.value.retryable
        assert not one.getblocking()
