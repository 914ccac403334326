"""The `xray-udp` source: stands in the place of the X-Ray daemon."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import ClassVar

from msgspec import Struct

from coldtrail.errors import ConfigError
from coldtrail.records.intake import Accept
from coldtrail.sources.context import SourceContext
from coldtrail.sources.listening import Address, address_from, address_of, listening_socket
from coldtrail.sources.xray_udp.datagrams import DatagramError, telemetry_of
from coldtrail.sources.xray_udp.dropped import dropped_by

DATAGRAMS, BYTES = "datagrams accepted", "bytes accepted"
LOST = "datagram lost: "
NO_ROOM = "the spool is full or too slow"
STRANGER = "from an address that may not send"
BY_SYSTEM = "dropped by the system, which was faster than the reading of it"
_MOST_DATAGRAM = 2**16
_AT_ONCE = 64
"""Datagrams that are read before others have a turn."""
_LOOK_S = 1.0
_MOST_BUFFER = 2**30

Network = IPv4Network | IPv6Network


class XRayUdpSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Where X-Ray's SDKs send their segments, as they do to the X-Ray daemon (`AWS_XRAY_DAEMON_ADDRESS`).

    The daemon's other service, sampling rules over TCP, is not offered: SDKs then go by their local rules.
    """

    listen: str = "127.0.0.1:2000"
    """Address for datagrams. UDP knows neither tokens nor TLS: see `senders`."""
    senders: tuple[str, ...] = ()
    """Networks that may send, such as 10.0.0.0/16; asked for where other machines can reach the address."""
    buffer_bytes: int = 4 * 2**20
    """How much the system keeps until it is read; Linux allows no more than net.core.rmem_max."""


class XRayUdpSource:
    """Takes in datagrams; what each carries is one document."""

    Settings: ClassVar = XRayUdpSettings

    def __init__(self, settings: XRayUdpSettings, context: SourceContext) -> None:
        """Raises `ConfigError` for settings that are wrong, or would let strangers in."""
        self.name = context.name
        where = f"source {self.name!r}"
        self._address = address_from(settings.listen, f"{where}: listen")
        self._senders = tuple(_network(text, where) for text in settings.senders)
        if not self._address.is_loopback and not self._senders:
            raise ConfigError(
                f"{where} would take telemetry from anyone who can reach {self._address}; name the networks "
                "that may send (senders), or listen at 127.0.0.1."
            )
        if not 1 <= settings.buffer_bytes <= _MOST_BUFFER:
            raise ConfigError(f"{where}: buffer_bytes must be at least 1 and at most {_MOST_BUFFER:,}.")
        self._buffer_bytes = settings.buffer_bytes
        self._tally = context.tally
        self.listening: tuple[Address, ...] = ()
        """Where it listens now."""

    async def serve(self, accept: Accept) -> None:
        """Takes in datagrams until it is cancelled."""
        listening = listening_socket(self._address, self.name, socket.SOCK_DGRAM)
        loop = asyncio.get_running_loop()
        with listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._buffer_bytes)
            self.listening = (address_of(listening),)
            loop.add_reader(listening.fileno(), self._read, listening, accept)
            try:
                await self._watch(listening)
            finally:
                loop.remove_reader(listening.fileno())
                self._read(listening, accept)
                self.listening = ()

    async def _watch(self, listening: socket.socket) -> None:
        """Counts what the system drops."""
        known = 0
        while True:
            await asyncio.sleep(_LOOK_S)
            dropped = dropped_by(listening) or 0
            if dropped > known:
                self._lose(BY_SYSTEM, dropped - known)
                known = dropped

    def _read(self, listening: socket.socket, accept: Accept) -> None:
        for _ in range(_AT_ONCE):
            try:
                datagram, sender = listening.recvfrom(_MOST_DATAGRAM)
            except BlockingIOError:
                return
            except OSError:
                # An answer that a datagram of ours could not be delivered: none is ever sent.
                continue
            self._take(datagram, sender[0], accept)

    def _take(self, datagram: bytes, sender: str, accept: Accept) -> None:
        if self._senders and not self._may_send(sender):
            self._lose(STRANGER)
            return
        try:
            payload = telemetry_of(datagram)
        except DatagramError as error:
            self._lose(str(error))
            return
        if accept.at_once(self.name, payload):
            self._tally.count(DATAGRAMS)
            self._tally.count(BYTES, len(payload))
        else:
            self._lose(NO_ROOM)

    def _may_send(self, sender: str) -> bool:
        address = ip_address(sender.partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self._senders)

    def _lose(self, kind: str, number: int = 1) -> None:
        self._tally.lose(LOST + kind, origin=self.name, reason=f"A datagram was lost: {kind}.", number=number)


def _network(text: str, where: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        raise ConfigError(
            f"{where}: senders names {text!r}; give networks such as 10.0.0.0/16 or 10.1.2.3/32."
        ) from None
