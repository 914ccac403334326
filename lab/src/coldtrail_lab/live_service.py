"""The service that `coldtrail live` watches with: what it learned before, its settings and its process."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from coldtrail.errors import ColdtrailError

LATENESS_S = 20.0
"""Virtual seconds for which a trace has to have been quiet."""
URL, SECRET = "COLDTRAIL_LIVE_WEBHOOK_URL", "COLDTRAIL_LIVE_WEBHOOK_SECRET"
_STARTS_WITHIN_S = 60.0
_STOPS_WITHIN_S = 30.0

_SETTINGS = """\
# Written by `coldtrail live`.
[service]
data = "{data}"
bundle = "{bundle}"
lateness_s = {lateness}
checkpoint_s = 1.0
listen = "{page}"

[[source]]
kind = "xray-udp"
listen = "{udp}"

[[source]]
kind = "otlp"
listen = "{otlp}"

[[notify]]
kind = "webhook"
url_env = "{url}"
secret_env = "{secret}"
from_severity = "low"
"""


class Places(NamedTuple):
    """Where the service listens, each as host and port."""

    page: tuple[str, int]
    udp: tuple[str, int]
    otlp: tuple[str, int]


def free_places() -> Places:
    """Ports that nobody uses now."""
    kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_STREAM)
    sockets = [socket.socket(socket.AF_INET, kind) for kind in kinds]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return Places(*(("127.0.0.1", one.getsockname()[1]) for one in sockets))
    finally:
        for one in sockets:
            one.close()


def learn(folder: Path) -> Path:
    """The bundle in a folder that both applications' recorded runs teach; learned once."""
    from coldtrail.config import settings_from
    from coldtrail.verbs.training import train
    from coldtrail_testbed.applications import find_application
    from coldtrail_testbed.recorded import recorded_run

    bundle = folder / "bundle"
    if (bundle / "manifest.json").is_file():
        return bundle
    rules = [
        {
            "functions": "|".join(function.name for function in find_application(app).functions),
            "application": app,
        }
        for app in ("airline", "vod")
    ]
    history = [recorded_run(f"{app}-benign") for app in ("airline", "vod")]
    train(history, bundle, settings=settings_from({"applications": {"rules": rules}}, "coldtrail live"))
    return bundle


class Watch:
    """`coldtrail watch` in a process of its own, until the context ends."""

    def __init__(self, folder: Path, bundle: Path, webhook: str, secret: str) -> None:
        self.folder, self.places = folder, free_places()
        self.data = folder / "data"
        self._config = folder / "coldtrail.toml"
        self._environment = {URL: webhook, SECRET: secret}
        folder.mkdir(parents=True, exist_ok=True)
        page, udp, otlp = (f"{host}:{port}" for host, port in self.places)
        named = {"data": self.data, "bundle": bundle}
        self._config.write_text(
            _SETTINGS.format(
                **{name: _in_toml(path) for name, path in named.items()},
                lateness=LATENESS_S, page=page, udp=udp, otlp=otlp, url=URL, secret=SECRET,
            ),
            encoding="utf-8",
        )  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def page(self) -> str:
        """The address of its page."""
        return f"http://{self.places.page[0]}:{self.places.page[1]}/"

    def start(self) -> None:
        """Returns once it takes in telemetry; raises `ColdtrailError` where it does not."""
        command = [sys.executable, "-m", "coldtrail", "watch", "--config", str(self._config)]
        with (self.folder / "watch.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                command, env=os.environ | self._environment, stdout=log, stderr=log
            )
        until = time.monotonic() + _STARTS_WITHIN_S
        while time.monotonic() < until and self._process.poll() is None:
            if self.is_listening():
                return
            time.sleep(0.1)
        raise ColdtrailError(f"The service did not start: {self.last_words()}")

    def is_listening(self) -> bool:
        """Whether it answers, and takes in OTLP (UDP is listened to before)."""
        with suppress(OSError), socket.create_connection(self.places.otlp, timeout=1.0):
            return self.health().get("ok", False) is True
        return False

    def health(self) -> Mapping[str, Any]:
        """What `/health` says; empty where nothing answers."""
        connection = http.client.HTTPConnection(*self.places.page, timeout=5.0)
        try:
            connection.request("GET", "/health")
            told = json.loads(connection.getresponse().read())
            return told if isinstance(told, dict) else {}
        except (OSError, http.client.HTTPException, ValueError):
            return {}
        finally:
            connection.close()

    def last_words(self) -> str:
        """The last line it wrote."""
        said = (self.folder / "watch.log").read_text(errors="replace").strip()
        return said.rpartition("\n")[2] or "it said nothing."

    def kill(self) -> None:
        """Ends it at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> float:
        """Ends it in order; the seconds that took. Raises `ColdtrailError` where it does not end so."""
        if self._process is None:
            return 0.0
        began = time.monotonic()
        with suppress(OSError):
            self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(_STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        if status:
            raise ColdtrailError(f"The service ended with status {status}: {self.last_words()}")
        return time.monotonic() - began


def _in_toml(path: Path) -> str:
    return str(path.resolve()).replace("\\", "\\\\").replace('"', '\\"')
