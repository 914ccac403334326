"""A service as people run it: it takes in, tells how it is, and ends soon after it is told to."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coldtrail.errors import ConfigError
from coldtrail.service.settings import live_settings_from
from coldtrail.testing import START, make_history
from coldtrail.verbs.watching import watch
from tests.fixtures.otel import as_wire, some_spans
from tests.verbs.telemetry_files import native_lines, stolen

WAIT_S = 60.0


class Running:
    """A service in a process of its own."""

    def __init__(self, folder: Path, bundle: Path, sources: str) -> None:
        self.folder = folder
        (folder / "coldtrail.toml").write_text(
            f'[service]\nbundle = "{bundle}"\ndata = "{folder}/data"\nlisten = "127.0.0.1:0"\n'
            f"checkpoint_s = 0.2\n{sources}",
            encoding="utf-8",
        )
        command = [sys.executable, "-m", "tests.service.watching", "watch"]
        self.process = subprocess.Popen(
            [*command, "--config", str(folder / "coldtrail.toml")], stderr=subprocess.PIPE
        )
        self.events: list[dict[str, Any]] = []
        self.page = self.until("started")["page"]

    def until(self, event: str) -> dict[str, Any]:
        """The next event of a name."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if line.startswith(b"{"):
                self.events.append(json.loads(line))
                if self.events[-1]["event"] == event:
                    return self.events[-1]
        raise AssertionError(self.events)

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.page + path, timeout=WAIT_S) as answer:
            return bytes(answer.read())

    def wait_for(self, path: str, told: bytes) -> None:
        by = time.monotonic() + WAIT_S
        while told not in (got := self.get(path)):
            assert time.monotonic() < by, got
            time.sleep(0.1)

    def stop(self) -> tuple[int, bytes]:
        """The exit status and what was said last; it has five seconds."""
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=WAIT_S)
        return self.process.returncode, said


@pytest.fixture
def started() -> Iterator[list[Running]]:
    found: list[Running] = []
    yield found
    for one in found:
        if one.process.poll() is None:
            one.process.kill()
            one.process.communicate()


def test_a_service_tells_how_it_is_and_ends_when_it_is_told_to(
    bundle: Path, tmp_path: Path, started: list[Running]
) -> None:
    flows = [*make_history(60, seed=5, prefix="n"), stolen("one", START + 20), stolen("two", START + 45)]
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(native_lines(flows)) + b"\n")
    running = Running(tmp_path, bundle, f'[[source]]\nkind = "lines"\npath = "{tmp_path}/in.jsonl"\n')
    started.append(running)
    running.wait_for("metrics", b"coldtrail_documents_total 325.0")
    running.wait_for("", b"All stages move.")
    assert json.loads(running.get("health"))["sources"] == {"lines": "running"}
    second = subprocess.run(
        [*running.process.args[:5], str(tmp_path / "coldtrail.toml")],  # type: ignore[index]
        stderr=subprocess.PIPE,
        timeout=WAIT_S,
        check=False,
    )
    assert second.returncode == 2
    assert b"another service is using this folder" in second.stderr
    status, said = running.stop()
    assert status == 0, said
    assert b"stopped: 325 documents read" in said


def test_what_is_sent_is_taken_in_and_judged(bundle: Path, tmp_path: Path, started: list[Running]) -> None:
    running = Running(tmp_path, bundle, '[[source]]\nkind = "otlp"\nlisten = "127.0.0.1:0"\n')
    started.append(running)
    running.wait_for("", b"127.0.0.1:")
    listening = _address(running)
    request = urllib.request.Request(
        f"http://{listening}/v1/traces",
        as_wire(some_spans({})),
        {"Content-Type": "application/x-protobuf"},
    )
    with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
        assert answer.status == 200
    running.wait_for("metrics", b"coldtrail_documents_total 1.0")
    assert running.stop()[0] == 0


def _address(running: Running) -> str:
    by = time.monotonic() + WAIT_S
    while time.monotonic() < by:
        page = running.get("").decode()
        rows = [row for row in page.split("<tr>") if "<td>otlp</td>" in row and "127.0.0.1:" in row]
        if rows:
            return rows[0].split("127.0.0.1:")[1].split("<")[0].split(",")[0].join(("127.0.0.1:", ""))
        time.sleep(0.1)
    raise AssertionError(page)


def test_each_alert_is_told_once_however_often_the_service_is_killed(
    bundle: Path, tmp_path: Path, started: list[Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told.jsonl"
    monkeypatch.setenv("TOLD", str(told))
    flows = [*make_history(60, seed=5, prefix="n"), stolen("one", START + 20), stolen("two", START + 45)]
    # In the order of time: a run that comes in parts, long after its time, is judged by each part.
    flows.sort(key=lambda flow: flow.start_time)
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(native_lines(flows)) + b"\n")
    sources = f'[[source]]\nkind = "lines"\npath = "{tmp_path}/in.jsonl"\nat_once = 5\npause_s = 0.01\n'
    sources += '[[notify]]\nkind = "list"\nurl_env = "TOLD"\nfrom_severity = "low"\n'
    for documents in (b"documents_total", b"documents_total", b"alerts_open"):
        running = Running(tmp_path, bundle, sources)
        started.append(running)
        running.wait_for("metrics", documents)
        running.process.kill()
        running.process.communicate()
    running = Running(tmp_path, bundle, sources)
    started.append(running)
    by = time.monotonic() + WAIT_S
    while not told.exists() and time.monotonic() < by:
        time.sleep(0.1)
    assert running.stop()[0] == 0
    messages = [json.loads(line) for line in told.read_bytes().splitlines()]
    assert {one["what"] for one in messages} == {"trigger"}
    keys = {one["dedup_key"] for one in messages}
    assert len(keys) == 1


def test_a_database_that_is_damaged_ends_the_service_visibly(
    bundle: Path, tmp_path: Path, started: list[Running]
) -> None:
    lines = native_lines(make_history(60, seed=5, prefix="n"))
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\n".join(lines[:100]) + b"\n")
    running = Running(tmp_path, bundle, f'[[source]]\nkind = "lines"\npath = "{path}"\n')
    started.append(running)
    running.wait_for("metrics", b"coldtrail_documents_total 100.0")
    for kept in (tmp_path / "data").glob("coldtrail.db*"):
        if not kept.name.endswith("lock"):
            kept.write_bytes(b"x" * kept.stat().st_size)
    with path.open("ab") as file:
        file.write(b"\n".join(lines[100:]) + b"\n")
    _, said = running.process.communicate(timeout=WAIT_S)
    assert running.process.returncode == 1, said
    last = said.decode().splitlines()[-1]
    assert last.startswith("coldtrail: ")
    assert "coldtrail.db" in last


@pytest.mark.parametrize(
    ("sources", "told"),
    [
        ("", "no [[source]] is named"),
        ('[[source]]\nkind = "otlp"\nlisten = "here"\n', "listen is 'here'; give an IP address and a port"),
        ('[[source]]\nkind = "files"\npath = ""\n', "name the folder, or the file, in `path`"),
    ],
)
def test_a_service_does_not_begin_with_sources_that_could_never_give_anything(
    bundle: Path, tmp_path: Path, sources: str, told: str
) -> None:
    settings = live_settings_from(
        tomllib.loads(f'[service]\nbundle = "{bundle}"\ndata = "{tmp_path}/data"\nlisten = ""\n{sources}'),
        "coldtrail.toml",
    )
    with pytest.raises(ConfigError) as raised:
        watch(settings, threading.Event())
    assert told in str(raised.value)
