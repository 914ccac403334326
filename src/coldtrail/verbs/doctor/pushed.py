"""Whether push sources can listen: address free, TLS files readable, token set."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

from coldtrail.config import LimitSettings
from coldtrail.errors import ConfigError, SourceError
from coldtrail.records.tally import Tally
from coldtrail.registry import LIVE_SOURCES, load
from coldtrail.service.settings import SourceTable
from coldtrail.sources.context import SourceContext
from coldtrail.sources.listening import address_from, listening_socket
from coldtrail.verbs.doctor.finding import Finding, fine, noted, to_mend

_ADDRESSES = ("listen", "grpc_listen")
_DATAGRAMS = ("xray-udp",)


def look(
    table: SourceTable, limits: LimitSettings, environment: Mapping[str, str], *, is_running: bool
) -> list[Finding]:
    """What is found; `is_running` says that a service runs here, which then has the addresses itself."""
    about = f"source {table.name}"
    context = SourceContext(table.name, limits, Tally(), environment, Path())
    try:
        load(LIVE_SOURCES, table.kind, "source")(table.settings, context)
    except ConfigError as error:
        return [to_mend(about, str(error))]
    texts = [getattr(table.settings, name, "") for name in _ADDRESSES]
    kind = socket.SOCK_DGRAM if table.kind in _DATAGRAMS else socket.SOCK_STREAM
    found = [_listening(about, text, kind, is_running=is_running) for text in texts if text]
    if getattr(table.settings, "tls_cert", ""):
        found.append(fine(about, "The certificate and its key can be read."))
    if getattr(table.settings, "token_env", ""):
        found.append(fine(about, "The token that senders have to show is set."))
    return found


def _listening(about: str, text: str, kind: socket.SocketKind, *, is_running: bool) -> Finding:
    try:
        listening_socket(address_from(text, about), about, kind).close()
    except ConfigError as error:
        return to_mend(about, str(error))
    except SourceError as error:
        if is_running:
            return noted(about, f"{text} is taken, as it should be while the service runs.")
        return to_mend(about, str(error))
    if is_running:
        return to_mend(
            about,
            f"The service runs and does not listen at {text}.",
            "Look at its log; start it again if its settings have changed.",
        )
    return fine(about, f"{text} is free to listen at.")
