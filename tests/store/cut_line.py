"""A line to a server that is cut when something is said on it."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Thread


class CutLine:
    """Passes on what clients and a server say to each other, until a client says a given word."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.word = b""
        """Cut once where a client says so; empty for never."""
        self.passes_it_on = False
        """Whether the server still hears the word."""
        self._thread = Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Takes no more clients."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._to))
            for way in ((client, server, True), (server, client, False)):
                Thread(target=self._pass, args=way, daemon=True).start()

    def _pass(self, speaker: socket.socket, listener: socket.socket, is_client: bool) -> None:
        with suppress(OSError):
            while said := speaker.recv(1 << 16):
                if is_client and self.word and self.word in said:
                    self.word = b""
                    speaker.shutdown(socket.SHUT_RDWR)
                    if self.passes_it_on:
                        listener.sendall(said)
                    break
                listener.sendall(said)
        with suppress(OSError):
            listener.shutdown(socket.SHUT_WR if is_client else socket.SHUT_RDWR)
        if not is_client:
            speaker.close()
            listener.close()
