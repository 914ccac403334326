"""Runs push sources beside blocking clients, with a spool in memory."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from coldtrail.config import LimitSettings
from coldtrail.records.tally import Tally
from coldtrail.sources.context import SourceContext
from coldtrail.sources.listening import Address

TOKEN = "a-token-of-the-tests"


class Kept:
    """An `Accept` that keeps in memory; `error` is raised instead, and nothing is answered while `held`."""

    def __init__(self, error: Exception | None = None) -> None:
        self.records: list[tuple[str, bytes]] = []
        self.error = error
        self.held: asyncio.Event | None = None
        self.waiting = 0

    async def __call__(self, source: str, payload: bytes) -> None:
        if self.held is not None:
            self.waiting += 1
            await self.held.wait()
        if self.error is not None:
            raise self.error
        self.records.append((source, payload))

    def at_once(self, source: str, payload: bytes) -> bool:
        if self.error is None:
            self.records.append((source, payload))
        return self.error is None

    def wait(self, number: int = 1) -> None:
        """Returns once so many wait to be kept."""
        until(lambda: self.waiting >= number)

    @property
    def payloads(self) -> list[bytes]:
        return [payload for _, payload in self.records]


def until(holds: Callable[[], object], within_s: float = 60.0) -> None:
    """Returns once it holds."""
    last = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < last
        time.sleep(0.001)


class Serving:
    """A source at work in a thread of its own."""

    def __init__(self, source: Any, kept: Kept, loop: asyncio.AbstractEventLoop) -> None:
        self.source, self.kept, self.loop = source, kept, loop
        self.task: asyncio.Task[None]
        self.tally: Tally = source._tally

    @property
    def addresses(self) -> tuple[Address, ...]:
        return self.source.listening

    @property
    def url(self) -> str:
        return f"http://{self.addresses[0]}"

    def call(self, action: Any) -> None:
        self.loop.call_soon_threadsafe(action)

    def stop(self) -> None:
        self.call(self.task.cancel)


def context(tmp_path: Path, name: str = "push", **environment: str) -> SourceContext:
    return SourceContext(name, LimitSettings(), Tally(), environment, tmp_path)


@contextmanager
def served(source: Any, kept: Kept | None = None) -> Iterator[Serving]:
    """Serves until the end of the block; raises what the source raised."""
    kept = kept or Kept()
    started, failed = threading.Event(), []
    holder: list[Serving] = []

    async def run() -> None:
        serving = Serving(source, kept, asyncio.get_running_loop())
        holder.append(serving)
        serving.task = asyncio.create_task(source.serve(kept))
        while not source.listening and not serving.task.done():
            await asyncio.sleep(0.001)
        started.set()
        with suppress(asyncio.CancelledError):
            await serving.task

    def work() -> None:
        try:
            asyncio.run(run())
        except Exception as error:  # noqa: BLE001
            failed.append(error)
            started.set()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert started.wait(30)
        if not failed:
            yield holder[0]
    finally:
        if holder and thread.is_alive():
            holder[0].stop()
        thread.join(30)
        assert not thread.is_alive()
    if failed:
        raise failed[0]
