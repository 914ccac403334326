"""Where push sources listen: addresses read from settings, and who may reach them."""

from __future__ import annotations

import os
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

from coldtrail.errors import ConfigError, SourceError

_LOCALHOST = "localhost"
_MOST_PORT = 65_535
_BACKLOG = 1_024


class Address(NamedTuple):
    """An address of this machine and a port of it; port 0 lets the system choose."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only programs of this machine can reach it."""
        return ip_address(self.host).is_loopback


def address_from(text: str, where: str) -> Address:
    """The address of a setting such as `127.0.0.1:4318`; raises `ConfigError` that names the setting."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    found = _ip("127.0.0.1" if host == _LOCALHOST else host)
    if found is None or not port.isdecimal() or int(port) > _MOST_PORT:
        raise ConfigError(
            f"{where} is {text!r}; give an IP address and a port, such as 127.0.0.1:4318 or [::1]:4318."
        )
    return Address(str(found), int(port))


def _ip(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def listening_socket(address: Address, source: str, kind: socket.SocketKind) -> socket.socket:
    """A socket at the address, which does not block; raises a retryable `SourceError` where that is taken."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    found = socket.socket(family, kind)
    try:
        if kind == socket.SOCK_STREAM:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((address.host, address.port))
        if kind == socket.SOCK_STREAM:
            found.listen(_BACKLOG)
    except OSError as error:
        found.close()
        raise cannot_listen(address, source, error.strerror or str(error)) from None
    found.setblocking(False)
    return found


def cannot_listen(address: Address, source: str, why: str) -> SourceError:
    """The error for an address that is taken, or not of this machine."""
    return SourceError(
        f"The source {source!r} cannot listen at {address}: {why}; free that address or change it.",
        retryable=True,
    )


def address_of(listening: socket.socket) -> Address:
    """Where a socket listens, with the port that the system chose."""
    host, port = listening.getsockname()[:2]
    return Address(host, port)


def is_readable(path: str) -> bool:
    """Whether a file that settings name can be read."""
    return os.path.isfile(path) and os.access(path, os.R_OK)
