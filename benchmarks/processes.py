"""What a process and all that descend from it have used so far (Linux: it reads /proc)."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def family(root: int) -> list[int]:
    """The ids of process `root` and its descendants."""
    children: dict[int, list[int]] = {}
    for folder in _PROC.iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found, waiting = [], [root]
    while waiting:
        process = waiting.pop()
        found.append(process)
        waiting += children.get(process, [])
    return found


def cpu_seconds(processes: list[int]) -> float:
    """Processor seconds of `processes` and of their children that have ended."""
    ticks = sum(sum(map(int, fields[11:15])) for process in processes if (fields := _stat(process)))
    return ticks / _TICKS_A_SECOND


def memory_mib(processes: list[int]) -> float:
    """MiB of `processes` together; what several of them share counts once."""
    return sum(map(_own_kib, processes)) / 1024


def _stat(process: int) -> list[str]:
    """The fields of `/proc/PID/stat` from the state on; none when the process is gone."""
    try:
        return (_PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _own_kib(process: int) -> int:
    try:
        lines = (_PROC / str(process) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
