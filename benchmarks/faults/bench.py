"""A service on a bench: its settings, its process, who sends to it, and what came of it."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from benchmarks.faults.load import Sent
from coldtrail.errors import ColdtrailError
from coldtrail.reports.alert_lines import line_of
from coldtrail.service.standing import all_alerts, all_cases
from coldtrail.store.database import Database
from coldtrail.store.databases import open_database
from coldtrail_lab.live_hearing import Webhook, tellings
from coldtrail_lab.live_service import free_places

_SECRET = "bench"
_SETTINGS = """\
[service]
data = "{folder}/data"
bundle = "{bundle}"
database = "{database}"
lateness_s = 600
checkpoint_s = 0.2
listen = ""
witnesses = "never"
[[source]]
kind = "files"
path = "{folder}/in"
settle_s = 0.2
every_s = 0.2
[[source]]
kind = "otlp"
listen = "{host}:{port}"
{otlp}
[[notify]]
kind = "webhook"
url_env = "BENCH_URL"
secret_env = "BENCH_SECRET"
from_severity = "low"
"""
_encode = msgspec.json.encode
_WITHIN_S = 120.0
_QUIET_S = 4.0


class Outcome(NamedTuple):
    """What is stored and was told in the end."""

    alerts: tuple[bytes, ...]
    cases: tuple[bytes, ...]
    told: tuple[tuple[str, int], ...]
    """How many different messages called each alert new."""
    again: int
    """Messages that came more than once, with the same id."""

    def differs_from(self, other: Outcome) -> str:
        """In what; empty where both are the same but for messages that came again."""
        parts = ("alerts", "cases", "told")
        wrong = [part for part in parts if getattr(self, part) != getattr(other, part)]
        return ", ".join(wrong)

    @property
    def is_told_once(self) -> bool:
        """Whether each alert was told, and as one message."""
        return len(self.told) == len(self.alerts) and all(number == 1 for _, number in self.told)


class Bench:
    """One service and all around it, in a folder of its own."""

    def __init__(
        self, folder: Path, bundle: Path, webhook: Webhook, database: str = "", otlp: str = ""
    ) -> None:
        """`otlp` are more lines of that source's table."""
        self.folder, self.webhook, self._database = folder, webhook, database
        (folder / "in").mkdir(parents=True)
        self.otlp = free_places().otlp
        host, port = self.otlp
        self.config = folder / "coldtrail.toml"
        self.config.write_text(
            _SETTINGS.format(
                folder=folder, bundle=bundle, database=database, host=host, port=port, otlp=otlp
            ),
            encoding="utf-8",
        )
        self.environment = os.environ | {"BENCH_URL": webhook.url, "BENCH_SECRET": _SECRET}
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = self.refused = self.taken = 0

    def run(self, *options: str, before: Sequence[str] = ()) -> subprocess.Popen[bytes]:
        """A process of `coldtrail watch`; `before` is what runs it."""
        command = [
            *before,
            sys.executable,
            "-m",
            "coldtrail",
            "watch",
            "--config",
            str(self.config),
            *options,
        ]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)

    def start(self, *, before: Sequence[str] = ()) -> None:
        """Starts the service."""
        self.process = self.run(before=before)
        self.starts += 1

    def is_running(self) -> bool:
        """Whether the service runs."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """Ends the service as a crash does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> int:
        """Ends the service in order; its status."""
        if self.process is None:
            return 0
        with suppress(OSError):
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30.0)
        except subprocess.TimeoutExpired:
            self.kill()
            return -signal.SIGKILL

    def said(self) -> str:
        """The last line that was written to standard error."""
        return (self.folder / "log").read_text(errors="replace").strip().rpartition("\n")[2]

    def send(
        self,
        documents: Sequence[Sent],
        between: Callable[[int], None] = lambda _: None,
        give_up: threading.Event | None = None,
    ) -> None:
        """Sends all, one after another, by OTLP until it is taken; calls `between` before each."""
        connection: http.client.HTTPConnection | None = None
        with (self.folder / "in" / "segments.jsonl").open("ab", buffering=0) as file:
            for number, one in enumerate(documents):
                between(number)
                if one.by == "file":
                    file.write(one.payload + b"\n")
                    continue
                while not (give_up and give_up.is_set()):
                    connection = connection or http.client.HTTPConnection(*self.otlp, timeout=10)
                    status = posted(connection, one.payload)
                    if status == 200:
                        self.taken += 1
                        break
                    self.refused += 1
                    connection.close()
                    connection = None
                    time.sleep(0.1)
        if connection is not None:
            connection.close()

    def finish(self, until: float) -> Outcome:
        """What came of it once event time has come to `until`, nothing more is decided, and all is told."""
        end, quiet, known = time.monotonic() + _WITHIN_S, time.monotonic(), b""
        while time.monotonic() < end and time.monotonic() - quiet < _QUIET_S:
            time.sleep(0.2)
            now = self._state(until)
            if now != known or not now:
                known, quiet = now, time.monotonic()
        status = self.stop()
        if not known or status:
            raise ColdtrailError(f"The service did not come to its end (status {status}): {self.said()}")
        return self.outcome()

    def _state(self, until: float) -> bytes:
        """What tells whether it still moves; empty while telemetry is missing or something has to be told."""
        with suppress(ColdtrailError):
            database = self._open()
            try:
                checkpoint = database.checkpoint()
                if checkpoint and checkpoint.at >= until - 1.0 and not database.deliveries("due")[0]:
                    return _encode([checkpoint.positions, [row.alert for row in all_alerts(database)]])
            finally:
                database.close()
        return b""

    def _open(self) -> Database:
        return open_database(self._database or self.folder / "data" / "coldtrail.db", serving=False)

    def outcome(self) -> Outcome:
        """What is stored now, and was told so far."""
        database = self._open()
        try:
            rows = [row for row in all_alerts(database) if not row.episode.withdrawn]
            alerts = sorted(_encode(line_of(row.alert)) for row in rows)
            cases = sorted(_encode(one) for one in all_cases(database))
        finally:
            database.close()
        told = tellings(self.webhook.heard)
        return Outcome(
            tuple(alerts),
            tuple(cases),
            tuple(sorted((id, one.triggers) for id, one in told.items())),
            sum(one.again for one in told.values()),
        )

    def counts(self) -> dict[str, int]:
        """What passed each stage."""
        database = self._open()
        try:
            return database.counts()
        finally:
            database.close()


def posted(connection: http.client.HTTPConnection, body: bytes) -> int:
    """The status of the answer to a request of OTLP; 0 where none came."""
    try:
        connection.request("POST", "/v1/traces", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return 0
