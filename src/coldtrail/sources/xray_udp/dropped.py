"""Datagrams that the system dropped since they came faster than they were read, where it tells."""

from __future__ import annotations

import os
import socket
from pathlib import Path

_TABLES = {socket.AF_INET: Path("/proc/net/udp"), socket.AF_INET6: Path("/proc/net/udp6")}
_INODE, _DROPS = 9, 12
"""Columns, by proc(5)."""


def dropped_by(listening: socket.socket) -> int | None:
    """How many it dropped of a socket so far; None where the system does not say."""
    inode = str(os.fstat(listening.fileno()).st_ino)
    try:
        lines = _TABLES[listening.family].read_text("ascii").splitlines()[1:]
    except (OSError, KeyError, ValueError):
        return None
    columns = (line.split() for line in lines)
    return next((int(row[_DROPS]) for row in columns if len(row) > _DROPS and row[_INODE] == inode), None)
