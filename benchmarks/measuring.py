"""Runs commands and functions several times, and tells medians."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

COLDTRAIL = str(Path(sys.executable).with_name("coldtrail"))


@dataclass(frozen=True)
class Command:
    """Median wall seconds and the largest resident set of a command's runs."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def cpu_seconds(work: Callable[[], object]) -> float:
    """Processor seconds of one call in this process: other processes on the machine do not count."""
    before = time.process_time()
    work()
    return time.process_time() - before


def run(command: Sequence[str], times: int) -> Command:
    """The medians of running a command, each time in a fresh process; raises when one fails."""
    wall, cpu, peak = [], [], 0.0
    for _ in range(times):
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        error = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        wall.append(time.perf_counter() - started)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.stderr:
            process.stderr.close()
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)} failed: {error.decode(errors='replace')[-500:]}")
        cpu.append(usage.ru_utime + usage.ru_stime)
        peak = max(peak, mib(usage))
    return Command(statistics.median(wall), statistics.median(cpu), peak)


def mib(usage: resource.struct_rusage) -> float:
    """The largest resident set of what was used."""
    return usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def machine() -> str:
    """The processor, its cores, and the versions that matter, in a line."""
    import platform

    import msgspec
    import numpy
    import orjson

    model = "unknown processor"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else model
    return (
        f"{model}, {os.cpu_count()} cores; Python {platform.python_version()}, numpy {numpy.__version__}, "
        f"msgspec {msgspec.__version__}, orjson {orjson.__version__}"
    )
