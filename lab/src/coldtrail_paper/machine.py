"""What the experiment ran on."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from coldtrail.version import __version__

_PACKAGES = ("numpy", "keras", "jax", "scikit-learn", "moto")


def machine() -> str:
    """The processor, its cores, and the memory, in a phrase."""
    memory = _field("/proc/meminfo", "MemTotal")
    gib = f", {int(memory.split()[0]) / 2**20:.0f} GiB" if memory else ""
    name = _field("/proc/cpuinfo", "model name") or platform.machine()
    return f"{name}, {os.cpu_count()} cores{gib}"


def versions() -> Mapping[str, str]:
    """What matters of the software; only what is installed."""
    found = {"coldtrail": __version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _field(path: str, name: str) -> str:
    """The first value of a field of a file of the system; empty where there is none."""
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(name)), "")
