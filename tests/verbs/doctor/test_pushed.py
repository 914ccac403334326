"""Whether push sources can listen."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from coldtrail.config import LimitSettings
from coldtrail.verbs.doctor.finding import Finding
from coldtrail.verbs.doctor.pushed import look
from tests.verbs.doctor.settings import table

TOKEN = "a-token-of-some-length"


@pytest.fixture
def taken() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield "{}:{}".format(*server.getsockname())


def findings(
    folder: Path, *, is_running: bool = False, token: str | None = None, **source: object
) -> list[Finding]:
    environment = {} if token is None else {"TOKEN": token}
    return look(table(folder, **source), LimitSettings(), environment, is_running=is_running)


def test_an_address_that_is_free_is_all_right(tmp_path: Path) -> None:
    for kind in ("otlp", "xray-udp"):
        (finding,) = findings(tmp_path, kind=kind, listen="127.0.0.1:0")
        assert finding == Finding(f"source {kind}", "ok", "127.0.0.1:0 is free to listen at.")


def test_an_address_that_is_taken_must_be_mended_unless_by_the_service(tmp_path: Path, taken: str) -> None:
    (finding,) = findings(tmp_path, kind="otlp", listen=taken)
    assert finding.level == "mend"
    assert finding.told.endswith("free that address or change it.")
    (running,) = findings(tmp_path, kind="otlp", listen=taken, is_running=True)
    assert running.level == "note"


def test_a_service_that_does_not_listen_must_be_mended(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, kind="otlp", listen="127.0.0.1:0", is_running=True)
    assert (finding.level, finding.told) == ("mend", "The service runs and does not listen at 127.0.0.1:0.")


def test_a_token_is_asked_for_and_never_told(tmp_path: Path) -> None:
    source = {"kind": "otlp", "listen": "127.0.0.1:0", "token_env": "TOKEN"}
    (finding,) = findings(tmp_path, **source)
    assert finding.level == "mend"
    assert "'TOKEN', which is not set" in finding.told
    found = findings(tmp_path, token=TOKEN, **source)
    assert [one.level for one in found] == ["ok", "ok"]
    assert TOKEN not in str(found)


def test_tls_files_that_cannot_be_read_must_be_mended(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone.pem")
    (finding,) = findings(tmp_path, kind="otlp", listen="127.0.0.1:0", tls_cert=gone, tls_key=gone)
    assert (finding.level, "is no file that can be read" in finding.told) == ("mend", True)
