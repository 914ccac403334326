"""What it costs to spool a request before it is acknowledged: `python -m benchmarks.receiving`.

The receiver process as it is, and the same one with a spool that keeps nothing and answers at once, in turn:
requests of 13 KB over 16 connections, in rounds of some seconds, HTTP and gRPC. The share is the median of
the rounds' ratios; the client runs beside the server on the same machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.measuring import machine
from coldtrail.service import receiver
from coldtrail.store.spool_reader import SpoolReader
from coldtrail.store.spool_segments import encoded, read_mark

BODY_BYTES, CONNECTIONS = 13_000, 16
LEAST = 0.7
METHOD = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
MOST_SPOOL = 2**36


_CLIENT_HELP = (
    "`plain` sends by Python's own http.client, which costs less than any exporter (default); `light` writes "
    "the same bytes again and again, and costs less than the server"
)


class Nowhere:
    """A spool that keeps nothing."""

    def __init__(self, *given: object, **named: object) -> None:
        self.appended = 0

    async def __call__(self, source: str, payload: bytes) -> None:
        """Answers at once."""
        self.appended += 1

    def counts(self) -> dict[str, int]:
        """How many came."""
        return {"appended": self.appended}

    def size(self) -> int:
        """Of nothing."""
        return 0

    def close(self) -> None:
        """Leaves nothing behind."""


def main() -> int:
    """The exit status: 0 where both ways keep the share."""
    parser = argparse.ArgumentParser(description="What spooling costs the receiver.")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each round (default 3)")
    parser.add_argument("--ways", nargs="+", choices=["http", "grpc"], default=["http", "grpc"])
    parser.add_argument(
        "--folder", type=Path, help="where the spool lies (default: where temporary files do)"
    )
    parser.add_argument("--client", choices=["plain", "light"], default="plain", help=_CLIENT_HELP)
    parser.add_argument("--receive", choices=["spool", "nowhere"], help=argparse.SUPPRESS)
    parser.add_argument("--send", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.receive:
        return _receive(options.receive)
    if options.send:
        return _send(*options.send, options)
    print(f"Medians of {options.rounds} rounds of {options.seconds:g} s; {machine()}")
    print("| way | answered at once, requests/s | spooled, requests/s | share | lowest and highest |")
    print("|---|---|---|---|---|")
    shares = [_measure(way, options) for way in options.ways]
    print(f"Bar: {LEAST:g} of each: {'met' if min(shares) >= LEAST else 'SHORT'}.")
    return 0 if min(shares) >= LEAST else 1


def _measure(way: str, options: argparse.Namespace) -> float:
    rates: dict[str, list[float]] = {"nowhere": [], "spool": []}
    for number in range(options.rounds):
        for mode in sorted(rates, reverse=bool(number % 2)):
            with TemporaryDirectory(prefix="coldtrail-bench-", dir=options.folder) as folder:
                rates[mode].append(_round(mode, way, Path(folder), options))
    ratios = [spooled / at_once for spooled, at_once in zip(rates["spool"], rates["nowhere"], strict=True)]
    share = statistics.median(ratios)
    at_once, spooled = (statistics.median(rates[mode]) for mode in ("nowhere", "spool"))
    print(
        f"| {way} | {at_once:,.0f} | {spooled:,.0f} | {share:.2f} | {min(ratios):.2f} to {max(ratios):.2f} |",
        flush=True,
    )
    return share


def _round(mode: str, way: str, folder: Path, options: argparse.Namespace) -> float:
    """Requests a second."""
    ways = {"listen": "", "grpc_listen": "", {"http": "listen", "grpc": "grpc_listen"}[way]: "127.0.0.1:0"}
    settings = {
        "data": str(folder),
        "spool": str(folder / "spool"),
        "spool_bytes": MOST_SPOOL,
        "sources": [{"kind": "otlp", "name": "push", "settings": ways}],
    }
    command = [sys.executable, "-m", "benchmarks.receiving", "--receive", mode]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(settings).encode() + b"\n")
        server.stdin.flush()
        address = _address(server.stdout)
        reading = threading.Thread(target=server.stdout.read)
        reading.start()
        forgetting = threading.Thread(target=_forget, args=(folder / "spool", server))
        forgetting.start()
        sending = [*command[:3], "--seconds", str(options.seconds), "--client", options.client]
        sending += ["--send", way, address]
        answered = int(subprocess.run(sending, check=True, stdout=subprocess.PIPE).stdout)
        server.terminate()
        reading.join()
        server.wait()
        forgetting.join()
    return answered / options.seconds


def _forget(spool: Path, server: subprocess.Popen[bytes]) -> None:
    """Removes what has come, as the service does once it has read it: the spool does not grow for good."""
    while server.poll() is None:
        mark = read_mark(spool) if spool.exists() else None
        if mark is not None:
            SpoolReader(spool).forget(encoded(mark))
        time.sleep(0.1)


def _address(lines: Any) -> str:
    for line in lines:
        listening = json.loads(line)["sources"]["push"]["listening"]
        if listening:
            return str(listening[0])
    raise RuntimeError("the receiver ended before it listened")


def _receive(mode: str) -> int:
    if mode == "nowhere":
        receiver.Spool = Nowhere  # type: ignore[misc, assignment]
    return receiver.main()


def _send(way: str, address: str, options: argparse.Namespace) -> int:
    body = b"\n" + os.urandom(BODY_BYTES - 1)
    if way == "http" and options.client == "light":
        print(_by_light_clients(address, body, options.seconds))
    else:
        print(_by_threads(_caller_over_http if way == "http" else _caller_over_grpc, address, body, options))
    return 0


class _Client(asyncio.Protocol):
    """Sends a request again and again; counts the answers of its time."""

    def __init__(self, request: bytes, done: asyncio.Event) -> None:
        self._request, self._done = request, done
        self.answered = 0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not data.startswith(b"HTTP/1.1 200 OK") or not data.endswith(b"\r\n\r\n"):
            raise RuntimeError(data)
        if not self._done.is_set():
            self.answered += 1
            self._transport.write(self._request)


def _by_light_clients(address: str, body: bytes, seconds: float) -> int:
    import uvloop

    host, port = address.rsplit(":", 1)
    head = (
        "POST /v1/traces HTTP/1.1\r\nhost: bench\r\ncontent-type: application/x-protobuf\r\ncontent-length: "
    )
    request = head.encode() + b"%d\r\n\r\n" % len(body) + body

    async def run() -> int:
        loop, done = asyncio.get_running_loop(), asyncio.Event()
        clients = [_Client(request, done) for _ in range(CONNECTIONS)]
        for client in clients:
            await loop.create_connection(lambda client=client: client, host, int(port))  # type: ignore[misc]
        before = sum(client.answered for client in clients)
        await asyncio.sleep(seconds)
        done.set()
        return sum(client.answered for client in clients) - before

    return uvloop.run(run())


def _by_threads(
    caller: Callable[[str, bytes], Callable[[], None]], address: str, body: bytes, options: argparse.Namespace
) -> int:
    """How many requests were answered, each connection having a thread of its own."""
    answered = [0] * CONNECTIONS
    ready = threading.Barrier(CONNECTIONS + 1)
    done = threading.Event()

    def work(number: int) -> None:
        call = caller(address, body)
        call()
        ready.wait()
        while not done.is_set():
            call()
            answered[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    ready.wait()
    time.sleep(options.seconds)
    done.set()
    for thread in threads:
        thread.join()
    return sum(answered)


def _caller_over_http(address: str, body: bytes) -> Callable[[], None]:
    host, port = address.rsplit(":", 1)
    connection = HTTPConnection(host, int(port))

    def call() -> None:
        connection.request("POST", "/v1/traces", body, {"content-type": "application/x-protobuf"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(answer.status)

    return call


def _caller_over_grpc(address: str, body: bytes) -> Callable[[], None]:
    import grpc

    channel = grpc.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)])
    export = channel.unary_unary(METHOD)
    return lambda: export(body)


if __name__ == "__main__":
    raise SystemExit(main())
