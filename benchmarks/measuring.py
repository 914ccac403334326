"""Runs commands and functions several times, and tells medians."""

from __future__ import annotations

import json
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
        launcher = [sys.executable, "-I", "-S", "-c", _LAUNCH, *command]
        done = subprocess.run(launcher, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed: {done.stderr[-500:]}")
        seconds, used, largest = json.loads(done.stdout)
        wall.append(seconds)
        cpu.append(used)
        peak = max(peak, largest / _PER_MIB)
    return Command(statistics.median(wall), statistics.median(cpu), peak)


_LAUNCH = """
import json, os, subprocess, sys, time
started = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(json.dumps([time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss]))
sys.exit(os.waitstatus_to_exitcode(status) != 0)
"""
"""Stands between: a process counts as large as the one that started it was, and this one is small."""
_PER_MIB = 2**20 if sys.platform == "darwin" else 2**10


def mib(usage: resource.struct_rusage) -> float:
    """The largest resident set of what was used."""
    return usage.ru_maxrss / _PER_MIB


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
