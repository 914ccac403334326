"""The receiver process: what it has acknowledged lies on disk, however it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from base64 import b64encode
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from threading import Thread

import msgspec
import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter

from coldtrail.errors import ConfigError
from coldtrail.service.receiver import is_push
from coldtrail.service.receiver_report import ReceiverSettings, Report
from coldtrail.service.receiving import Receiving
from coldtrail.sources.listening import Address
from tests.service.receivers import OTLP, listening, receiving, settings, spooled
from tests.sources.otlp.sending import PROTOBUF_TYPE, WIRE, export_a_run, flows_of, post
from tests.sources.serving import until
from tests.sources.xray_udp.test_datagrams import HEADER
from tests.sources.xray_udp.test_source import send

COMMAND = [sys.executable, "-m", "coldtrail.service.receiver"]


def started(given: ReceiverSettings) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(msgspec.json.encode(given) + b"\n")
    process.stdin.flush()
    return process


def reports(process: subprocess.Popen[bytes]) -> list[Report]:
    """All that it says until it ends."""
    assert process.stdout is not None
    assert process.stdin is not None
    with process, process.stdout as lines:
        return [msgspec.json.decode(line, type=Report) for line in lines]


def address_in(process: subprocess.Popen[bytes]) -> Address:
    """Where its source `push` listens, by what it says."""
    assert process.stdout is not None
    for line in process.stdout:
        found = msgspec.json.decode(line, type=Report).sources["push"].listening
        if found:
            host, _, port = found[0].rpartition(":")
            return Address(host, int(port))
    raise AssertionError


class Senders:
    """Threads that each send one request after another, all different, until the receiver is gone."""

    def __init__(self, address: Address, number: int = 8, size: int = 0) -> None:
        self.accepted: list[bytes] = []
        self.put_off = 0
        self._names, self._address, self._size = count(), address, size
        self._threads = [Thread(target=self._send) for _ in range(number)]

    def start(self) -> Senders:
        for thread in self._threads:
            thread.start()
        return self

    def wait(self, accepted: int, answered: int = 0) -> None:
        """Returns once so many were accepted, and so many answered."""
        until(lambda: len(self.accepted) >= accepted and len(self.accepted) + self.put_off >= answered)

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _send(self) -> None:
        connection = HTTPConnection(*self._address, timeout=30)
        try:
            while True:
                body = b"\n%d " % next(self._names) + bytes(self._size)
                connection.request("POST", "/v1/traces", body, {"content-type": PROTOBUF_TYPE})
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    self.accepted.append(body)
                else:
                    assert answer.status == 429
                    self.put_off += 1
        except (OSError, HTTPException):
            connection.close()


def test_all_ways_lead_through_the_spool_to_flows(tmp_path: Path) -> None:
    sources = {
        "apps": ("otlp", {"listen": "127.0.0.1:0", "grpc_listen": "127.0.0.1:0"}),
        "functions": ("xray-udp", {"listen": "127.0.0.1:0"}),
    }
    one = Receiving(settings(tmp_path, sources))
    one.start()
    try:
        http, grpc = listening(one, "apps")
        (udp,) = listening(one, "functions")
        export_a_run(HttpExporter(f"http://{http}/v1/traces"), "Orders")
        export_a_run(GrpcExporter(str(grpc), insecure=True), "Payments")
        send(udp, HEADER + b"T1S" + b64encode(WIRE))
        until(lambda: one.status().spool.get("appended") == 5)
        counts = one.status().sources["apps"].counts
    finally:
        one.stop()
    records = spooled(tmp_path)
    assert [record.source for record in records] == ["apps"] * 4 + ["functions"]
    flows = flows_of(record.payload for record in records)
    assert sorted(flow.function_name for flow in flows) == ["Orders", "Payments", "shop-prod-pay"]
    assert counts["requests accepted"] == 4


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_what_was_acknowledged_lies_on_disk_however_it_ends(tmp_path: Path, end: signal.Signals) -> None:
    for _ in range(3):
        process = started(settings(tmp_path, {"push": ("otlp", OTLP)}))
        senders = Senders(address_in(process)).start()
        senders.wait(50)
        process.send_signal(end)
        said = reports(process)
        senders.join()
        assert process.returncode == (0 if end == signal.SIGTERM else -signal.SIGKILL)
        there = [record.payload for record in spooled(tmp_path)]
        assert set(senders.accepted) <= set(there)
        if end == signal.SIGTERM:
            assert said[-1].sources["push"].counts["requests accepted"] == len(senders.accepted)


def test_a_flood_is_put_off_and_what_was_accepted_stays(tmp_path: Path) -> None:
    most, size = 2**20, 13_000
    with receiving(tmp_path, spool_bytes=most) as (one, (address,)):
        senders = Senders(address, 16, size).start()
        senders.wait(1, answered=10 * most // size)
        process = one._process
        assert process is not None
        status = one.status()
        process.kill()
        senders.join()
    assert status.spool["size"] <= most
    assert senders.put_off > 5 * most / size
    there = [record.payload for record in spooled(tmp_path)]
    assert set(senders.accepted) <= set(there)
    assert len(there) * size <= most


def test_it_ends_when_its_parent_is_gone(tmp_path: Path) -> None:
    process = started(settings(tmp_path, {"push": ("otlp", OTLP)}))
    address = address_in(process)
    assert post(address).status == 200
    assert process.stdin is not None
    process.stdin.close()
    assert process.stdout is not None
    process.stdout.read()
    assert process.wait(30) == 0
    process.stdout.close()
    assert [record.payload for record in spooled(tmp_path)] == [WIRE]


def test_it_goes_on_while_nobody_reads_what_it_says(tmp_path: Path) -> None:
    process = started(settings(tmp_path, {"push": ("otlp", OTLP)}))
    address = address_in(process)
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    for _ in range(20):
        assert post(address).status == 200
    process.terminate()
    process.wait(30)
    process.stdin.close() if process.stdin else None
    process.stdout.close()


@pytest.mark.parametrize(
    ("sources", "sentence"),
    [
        ({"push": ("otlp", {"listen": "0.0.0.0:1"})}, "would take telemetry from anyone"),
        ({"push": ("otlp", {"listn": ""})}, "source 'push': Object contains unknown field `listn`"),
        ({"push": ("oltp", {})}, "There is no source called 'oltp'"),
    ],
)
def test_wrong_settings_are_told_before_it_ends(
    tmp_path: Path, sources: dict[str, tuple[str, dict[str, object]]], sentence: str
) -> None:
    process = started(settings(tmp_path, sources))
    (report,) = reports(process)
    assert sentence in report.error
    assert process.returncode == 2


def test_no_settings_are_told_as_well() -> None:
    done = subprocess.run(COMMAND, input=b"{}\n", stdout=subprocess.PIPE, check=False)
    assert "was given no settings" in msgspec.json.decode(done.stdout, type=Report).error
    assert done.returncode == 2


def test_a_source_that_cannot_listen_holds_up_no_other(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        sources = {"late": ("otlp", {"listen": address}), "push": ("otlp", OTLP)}
        one = Receiving(settings(tmp_path, sources))
        one.start()
        (free,) = listening(one)
        assert post(free).status == 200
        until(lambda: one.status().sources["late"].error)
        assert "cannot listen at" in one.status().sources["late"].error
        assert one.status().is_running
    try:
        (late,) = listening(one, "late")
        assert post(late).status == 200
        assert one.status().sources["late"].error == ""
    finally:
        one.stop()


def test_only_kinds_that_are_sent_telemetry_are_push() -> None:
    assert is_push("otlp")
    with pytest.raises(ConfigError, match="There is no source called 'oltp'"):
        is_push("oltp")


def test_secrets_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", token := "a-token-of-the-tests")
    with receiving(tmp_path, {**OTLP, "token_env": "TOKEN"}) as (one, (address,)):
        assert post(address).status == 401
        assert post(address, authorization=f"Bearer {token}").status == 200
        until(lambda: one.status().sources["push"].losses)
        assert token not in str(one.status())


def test_half_a_request_and_bombs_leave_nothing_behind(tmp_path: Path) -> None:
    from tests.sources.otlp.sending import gzipped, head, raw

    with receiving(tmp_path, {**OTLP, "max_request_bytes": 2**20}) as (one, (address,)):
        raw(address, head(len(WIRE)), WIRE[:-1]).close()
        assert post(address, gzipped(2**26), content_encoding="gzip").status == 413
        assert post(address).status == 200
        peak = _peak_mib(one)
    assert [record.payload for record in spooled(tmp_path)] == [WIRE]
    assert peak < 150


def _peak_mib(one: Receiving) -> float:
    process = one._process
    assert process is not None
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
