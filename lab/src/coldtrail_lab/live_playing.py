"""Both applications in step, and their telemetry sent as their senders send it, at a pace.

Each application runs in a process of its own and tells its telemetry ahead of time. What both tell is merged
by virtual time and sent when the pace reaches it. Virtual time runs `speed` times as fast as the wall clock,
slower where the machine cannot keep up; no document of one application runs ahead of the other's.
"""

from __future__ import annotations

import heapq
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from queue import Full, Queue
from typing import Any, NamedTuple

from coldtrail.errors import ColdtrailError

HOLD_BACK_S = 15.0
"""What a trace lasts at most in virtual time: only then is everything known that is sent before."""
_HEADER = b'{"format": "json", "version": 1}\n'
_AHEAD = 20_000
_MOST_DATAGRAM = 60_000
_RETRY_S = 0.2
_STOPS_WITHIN_S = 20.0


class Plan(NamedTuple):
    """One application as it is played."""

    application: str
    form: str
    """`xray` or `otlp`."""
    attacks: Mapping[str, float]
    """When each begins, in virtual seconds from the start, by its name."""


class Attacked(NamedTuple):
    """One run that was attacked."""

    attack: str
    application: str
    function: str
    flow: str
    trace: str
    end: float
    """Virtual time."""


class Player:
    """The process of one application, and the thread that reads what it tells."""

    def __init__(self, plan: Plan, seed: int, start: float, virtual_s: float) -> None:
        self.plan = plan
        command = [sys.executable, "-m", "coldtrail_testbed.playing", "--app", plan.application]
        command += ["--form", plan.form, "--seed", str(seed), "--start", str(start)]
        command += ["--virtual-seconds", str(virtual_s + 2 * HOLD_BACK_S)]
        command += ["--attacks", json.dumps({name: start + after for name, after in plan.attacks.items()})]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603
        self.lines: Queue[dict[str, Any] | None] = Queue(_AHEAD)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._read, name=plan.application, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with self._process.stdout or nullcontext() as lines:
            for line in lines or ():
                self._put(json.loads(line))
        self._put(None)

    def _put(self, line: dict[str, Any] | None) -> None:
        """Waits until there is room, or nobody reads any more."""
        while not self._stopping.is_set():
            with suppress(Full):
                self.lines.put(line, timeout=0.1)
                return

    def failure(self) -> str:
        """Why it ended, where that was no orderly end."""
        status = self._process.wait()
        said = (self._process.stderr.read() if self._process.stderr else b"").decode(errors="replace").strip()
        return f"The {self.plan.application} application ended with status {status}: {said}" if status else ""

    def stop(self) -> None:
        """Ends the process and all it started."""
        self._stopping.set()
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(_STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._thread.join()
        if self._process.stderr is not None:
            self._process.stderr.close()


class Merged:
    """What all players tell, by virtual time; nothing is given before all have told what lies before it."""

    def __init__(self, players: Sequence[Player]) -> None:
        self._players = list(players)
        self._fronts = {player.plan.application: float("-inf") for player in players}
        self._heap: list[tuple[float, int, str, dict[str, Any]]] = []
        self._number = 0

    def __iter__(self) -> Iterator[tuple[float, str, dict[str, Any]]]:
        for player in self._players:
            self._read(player)
        while True:
            slowest = min(self._players, key=lambda one: self._fronts[one.plan.application])
            front = self._fronts[slowest.plan.application] - HOLD_BACK_S
            while self._heap and self._heap[0][0] <= front:
                at, _, application, line = heapq.heappop(self._heap)
                yield at, application, line
            if front == float("inf"):
                return
            self._read(slowest)

    def _read(self, player: Player) -> None:
        """Reads on until the player says how far it is."""
        name = player.plan.application
        while True:
            line = player.lines.get()
            if line is None:
                if said := player.failure():
                    raise ColdtrailError(said)
                self._fronts[name] = float("inf")
                return
            if "now" in line:
                self._fronts[name] = max(self._fronts[name], line["now"])
                return
            self._number += 1
            heapq.heappush(self._heap, (line["at"], self._number, name, line))


class Senders:
    """Sends documents as the applications' own exporters do."""

    def __init__(self, udp: tuple[str, int], otlp: tuple[str, int]) -> None:
        self._udp, self._otlp = udp, otlp
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._connection = http.client.HTTPConnection(*otlp, timeout=30)
        self.sent = {"xray": 0, "otlp": 0}
        self.tried_again = 0
        """Requests that were told to come later, or that met no server."""
        self.too_large = 0

    def send(self, form: str, document: Mapping[str, Any]) -> None:
        """Sends one document; one by OTLP until it is taken."""
        if form == "xray":
            datagram = _HEADER + json.dumps(document, separators=(",", ":")).encode()
            if len(datagram) > _MOST_DATAGRAM:
                self.too_large += 1
                return
            self._socket.sendto(datagram, self._udp)
        else:
            self._post(json.dumps(document, separators=(",", ":")).encode())
        self.sent[form] += 1

    def close(self) -> None:
        """Lets go of both."""
        self._socket.close()
        self._connection.close()

    def _post(self, body: bytes) -> None:
        while True:
            with suppress(OSError, http.client.HTTPException):
                self._connection.request("POST", "/v1/traces", body, {"Content-Type": "application/json"})
                answer = self._connection.getresponse()
                answer.read()
                if answer.status == 200:
                    return
                if answer.status not in (429, 502, 503, 504):
                    raise ColdtrailError(f"The service refuses OTLP with status {answer.status}.")
            self.tried_again += 1
            self._connection.close()
            time.sleep(_RETRY_S)


class Stage:
    """Plays until all is sent; `attacked` are the runs that were, `complete_at` when a trace was all sent."""

    def __init__(
        self, players: Sequence[Player], senders: Senders, start: float, virtual_s: float, speed: float
    ) -> None:
        self._players, self._senders = players, senders
        self._start, self._virtual_s, self._speed = start, virtual_s, speed
        self.attacked: list[Attacked] = []
        self.complete_at: dict[str, float] = {}
        """By the wall clock, by trace."""
        self.reached_s = 0.0
        """Virtual seconds."""

    def play(self, tell: Callable[[float], None], stopping: threading.Event) -> None:
        """Returns once all is sent that happens in the time, or `stopping` is set."""
        forms = {player.plan.application: player.plan.form for player in self._players}
        began, ahead = time.monotonic(), None
        for at, application, line in Merged(self._players):
            if stopping.is_set() or at > self._start + self._virtual_s:
                return
            if ahead is None:
                began, ahead = time.monotonic(), at
            due = began + (at - ahead) / self._speed
            if stopping.wait(max(0.0, due - time.monotonic())):
                return
            # A machine that lags behind does not make up for it in one burst.
            began = max(began, time.monotonic() - (at - ahead) / self._speed - 1.0)
            self._pass(application, forms[application], line)
            self.reached_s = max(0.0, at - self._start)
            tell(self.reached_s)

    def _pass(self, application: str, form: str, line: Mapping[str, Any]) -> None:
        if "send" in line:
            self._senders.send(form, line["send"])
            self.complete_at[line["trace"]] = time.time()
        else:
            known = {name: line[name] for name in ("attack", "function", "flow", "trace", "end")}
            self.attacked.append(Attacked(application=application, **known))
