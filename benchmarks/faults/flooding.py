"""Many senders of OTLP at once, each as fast as it is answered."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Sequence
from itertools import cycle, islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from benchmarks.faults.bench import Bench


class Flood(NamedTuple):
    """What became of requests."""

    taken: int
    later: int
    """Answered with 429 or 503."""
    broken: int
    """Answered otherwise, or not at all: whether they were taken is not known."""
    most_mb: float
    """The most that the processes of the service held in memory, without what they share with others."""


def flooded(bench: Bench, bodies: Sequence[bytes], seconds: float, senders: int) -> Flood:
    """Sends for so long."""
    from benchmarks.faults.bench import posted

    until, counts, lock = time.monotonic() + seconds, {"taken": 0, "later": 0, "broken": 0}, threading.Lock()

    def send(number: int) -> None:
        connection = http.client.HTTPConnection(*bench.otlp, timeout=30)
        for body in islice(cycle(bodies), number * 7, None):
            if time.monotonic() > until:
                break
            status = posted(connection, body)
            kind = "taken" if status == 200 else "later" if status in (429, 503) else "broken"
            with lock:
                counts[kind] += 1
            if status != 200:
                connection.close()
        connection.close()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(senders)]
    for thread in threads:
        thread.start()
    most = 0.0
    while any(thread.is_alive() for thread in threads):
        most = max(most, _held_mb(bench))
        time.sleep(0.2)
    for thread in threads:
        thread.join()
    return Flood(counts["taken"], counts["later"], counts["broken"], most)


def _held_mb(bench: Bench) -> float:
    """What the service and its receiver hold."""
    from pathlib import Path

    if bench.process is None:
        return 0.0
    own = bench.process.pid
    children = Path(f"/proc/{own}/task/{own}/children")
    total = 0
    try:
        for pid in [own, *map(int, children.read_text().split())]:
            fields = Path(f"/proc/{pid}/smaps_rollup").read_text().split("Pss:")[1].split()
            total += int(fields[0])
    except (OSError, IndexError):
        return 0.0
    return total / 1024
