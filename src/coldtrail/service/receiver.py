"""The receiver process: takes in what push sources are sent and writes it to the spool, nothing else.

`python -m coldtrail.service.receiver` reads its settings as one line of JSON from standard input, and writes
a line about itself to standard output once a second. It ends in order on SIGTERM, and where standard input
ends: then the process that started it has died.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import signal
import stat
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from coldtrail.errors import ColdtrailError, ConfigError, SourceError
from coldtrail.records.intake import Accept, PushSource
from coldtrail.records.tally import Tally
from coldtrail.registry import LIVE_SOURCES, load
from coldtrail.service.receiver_report import PushTable, ReceiverSettings, Report, SourceReport
from coldtrail.sources.context import SourceContext
from coldtrail.store.spool import Spool

_REPORT_S, _BEGIN_S = 1.0, 0.01
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
_MOST_SETTINGS_BYTES = 2**20
_COLLECT_AFTER = 50_000
"""Requests leave no circles behind: garbage is looked for seldom."""
_SWITCH_S = 0.000_1
"""How long the loop may keep the thread that writes the spool from going on, once a write is done."""
_STOPPED, _MISCONFIGURED, _FAILED = 0, 2, 1


class Served(Struct):
    """A source and what it has told of itself."""

    source: PushSource
    tally: Tally
    error: str = ""

    @property
    def has_begun(self) -> bool:
        """Whether it listens, or has told why it does not."""
        return bool(self.error or getattr(self.source, "listening", ()))

    def report(self) -> SourceReport:
        """The source as it is now."""
        listening = tuple(map(str, getattr(self.source, "listening", ())))
        return SourceReport(
            listening,
            "" if listening else self.error,
            dict(self.tally.counts),
            dict(self.tally.losses),
            tuple(self.tally.sentences()),
        )


def is_push(kind: str) -> bool:
    """Whether sources of a kind are sent telemetry; raises `ConfigError` where there is none of the kind."""
    return hasattr(load(LIVE_SOURCES, kind, "source"), "serve")


def made(table: PushTable, settings: ReceiverSettings, environment: Mapping[str, str]) -> Served:
    """The source of a table; raises `ConfigError` where its settings are wrong."""
    member: Any = load(LIVE_SOURCES, table.kind, "source")
    try:
        own = msgspec.json.decode(table.settings, type=member.Settings)
    except msgspec.DecodeError as error:
        raise ConfigError(f"source {table.name!r}: {error}.") from None
    tally = Tally()
    context = SourceContext(table.name, settings.limits, tally, environment, Path(settings.data))
    return Served(member(own, context), tally)


class Receiver:
    """All push sources in one event loop."""

    def __init__(self, served: Mapping[str, Served], accept: Accept) -> None:
        self._served = served
        self._accept = accept
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Takes in no more; what has come is answered."""
        self._stopping.set()

    async def run(self, report: Callable[[], None]) -> None:
        """Serves until it is told to stop; reports once a second."""
        serving = [asyncio.create_task(self._serve(one)) for one in self._served.values()]
        reporting = asyncio.create_task(self._report(report))
        waiting = asyncio.create_task(self._stopping.wait())
        tasks = [*serving, reporting]
        try:
            await asyncio.wait([*tasks, waiting], return_when=asyncio.FIRST_COMPLETED)
            broken = [task for task in tasks if task.done()]
        finally:
            for task in (*tasks, waiting):
                task.cancel()
            await asyncio.gather(*tasks, waiting, return_exceptions=True)
        for task in broken:
            task.result()

    async def _report(self, report: Callable[[], None]) -> None:
        """Reports at once when sources begin to listen, then once a second."""
        while any(not one.has_begun for one in self._served.values()):
            await asyncio.sleep(_BEGIN_S)
        while True:
            report()
            await asyncio.sleep(_REPORT_S)

    async def _serve(self, one: Served) -> None:
        """Serves a source; one that cannot listen is tried again, and does not hold up the others."""
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                await one.source.serve(self._accept)
            except SourceError as error:
                one.error = str(error)
            except ConfigError as error:
                one.error = str(error)
                await asyncio.Event().wait()
            await asyncio.sleep(random.uniform(pause_s / 2, pause_s))  # noqa: S311
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


class Output:
    """Lines to the process that started this one, which never wait for it."""

    def __init__(self, descriptor: int, closed: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._closed = closed
        self._left = b""
        os.set_blocking(descriptor, False)

    def write(self, line: bytes) -> None:
        """Writes the line, unless the one before it still waits to be read."""
        self._left = self._left or line + b"\n"
        try:
            self._left = self._left[os.write(self._descriptor, self._left) :]
        except BlockingIOError:
            return
        except OSError:
            self._closed()


def main() -> int:
    """The exit status: 0 where it was told to stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        settings = _settings(sys.stdin.fileno())
        served = {table.name: made(table, settings, os.environ) for table in settings.sources}
        spool = Spool(Path(settings.spool), most_bytes=settings.spool_bytes)
    except ColdtrailError as error:
        _tell(Report(time.time(), error=str(error)))
        return _MISCONFIGURED if isinstance(error, ConfigError) else _FAILED
    _allow_files()
    sys.setswitchinterval(_SWITCH_S)
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_receive(served, spool))
    finally:
        spool.close()
        _tell(_report(served, spool))
    return _STOPPED


async def _receive(served: Mapping[str, Served], spool: Spool) -> None:
    receiver = Receiver(served, spool)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, receiver.stop)
    _watch(sys.stdin.fileno(), receiver.stop)
    output = Output(sys.stdout.fileno(), receiver.stop)
    await receiver.run(lambda: output.write(msgspec.json.encode(_report(served, spool))))


def _report(served: Mapping[str, Served], spool: Spool) -> Report:
    sources = {name: one.report() for name, one in served.items()}
    return Report(time.time(), sources, {**spool.counts(), "size": spool.size()})


def _tell(report: Report) -> None:
    """The last line; where nobody reads any more it is left out."""
    with suppress(OSError):
        os.write(sys.stdout.fileno(), msgspec.json.encode(report) + b"\n")


def _settings(descriptor: int) -> ReceiverSettings:
    """The settings in the first line; raises `ConfigError`."""
    line = b""
    while not line.endswith(b"\n") and (piece := os.read(descriptor, 2**16)):
        line += piece
        if len(line) > _MOST_SETTINGS_BYTES:
            raise ConfigError("The settings of the receiver are larger than any can be; start it by `watch`.")
    try:
        return msgspec.json.decode(line, type=ReceiverSettings)
    except msgspec.DecodeError as error:
        raise ConfigError(f"The receiver was given no settings that it knows: {error}.") from None


def _watch(descriptor: int, ended: Callable[[], None]) -> None:
    """Tells when the other end of a pipe is closed."""
    kind = os.fstat(descriptor).st_mode
    if not stat.S_ISFIFO(kind) and not stat.S_ISSOCK(kind):
        return
    loop = asyncio.get_running_loop()

    def read() -> None:
        if not os.read(descriptor, 2**16):
            loop.remove_reader(descriptor)
            ended()

    loop.add_reader(descriptor, read)


def _allow_files() -> None:
    """Each connection is an open file: as many as the system allows at all."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        from uvloop import new_event_loop
    except ModuleNotFoundError:
        return None
    found: Callable[[], asyncio.AbstractEventLoop] = new_event_loop
    return found


if __name__ == "__main__":
    raise SystemExit(main())
