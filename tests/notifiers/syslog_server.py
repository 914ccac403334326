"""A small real syslog server on this machine, over TCP or TLS."""

from __future__ import annotations

import re
import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread


class SyslogServer:
    """`lines` are those that it took; `mode` is what it does with the next connection."""

    def __init__(self, trust: ssl.SSLContext | None) -> None:
        self.mode, self.trust, self.lines = "take", trust, list[bytes]()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]

    def serve(self) -> None:
        """Takes connections until the listener is closed."""
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                try:
                    self._one(connection)
                except OSError:
                    continue

    def _one(self, connection: socket.socket) -> None:
        if self.mode == "drop":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        connection.settimeout(10)
        if self.trust is None:
            self._read(connection)
            return
        with self.trust.wrap_socket(connection, server_side=True) as secure:
            self._read(secure)

    def _read(self, connection: socket.socket) -> None:
        data = b""
        try:
            while part := connection.recv(65_536):
                data += part
        except ssl.SSLError:
            pass
        while found := re.match(rb"([0-9]{1,6}) ", data):
            length = int(found[1])
            self.lines.append(data[found.end() : found.end() + length])
            data = data[found.end() + length :]


@contextmanager
def syslog_server(trust: ssl.SSLContext | None = None) -> Iterator[SyslogServer]:
    """A syslog server that listens until the end of the block."""
    server = SyslogServer(trust)
    thread = Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
        thread.join(15)
