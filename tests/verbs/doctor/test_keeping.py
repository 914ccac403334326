"""Whether the service can keep what it has to."""

from __future__ import annotations

import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import msgspec

from coldtrail.service.settings import ServiceSettings
from coldtrail.store.databases import open_database
from coldtrail.testing import make_history
from coldtrail.verbs.doctor import keeping
from coldtrail.verbs.showing import show_bundle
from coldtrail.verbs.training import train
from tests.verbs.telemetry_files import write_native


def settings(folder: Path) -> ServiceSettings:
    return ServiceSettings(data=str(folder / "data"), bundle=str(folder / "model"), listen="")


def test_a_folder_that_can_be_made_is_all_right(tmp_path: Path) -> None:
    (finding,) = keeping.folder(settings(tmp_path))
    assert finding.level == "ok"
    assert not (tmp_path / "data").exists()


def test_a_file_in_place_of_the_folder_must_be_mended(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("", encoding="utf-8")
    (finding,) = keeping.folder(settings(tmp_path))
    assert finding.level == "mend"


def test_the_database_is_looked_at_and_not_made(tmp_path: Path) -> None:
    (finding,) = keeping.store(settings(tmp_path))
    assert (finding.level, (tmp_path / "data").exists()) == ("note", False)
    (tmp_path / "data").mkdir()
    sqlite3.connect(tmp_path / "data" / "coldtrail.db").close()
    (tmp_path / "data" / "coldtrail.db").touch()
    (finding,) = keeping.store(settings(tmp_path))
    assert (finding.level, "`coldtrail watch` fills it" in finding.told) == ("note", True)
    open_database(tmp_path / "data" / "coldtrail.db").close()
    (finding,) = keeping.store(settings(tmp_path))
    assert finding.level == "ok"
    (tmp_path / "data" / "coldtrail.db").write_bytes(b"no database" * 100)
    (finding,) = keeping.store(settings(tmp_path))
    assert finding.level == "mend"


def test_a_bundle_that_is_missing_must_be_mended_and_one_that_learns_is_noted(tmp_path: Path) -> None:
    (missing,) = keeping.bundle(settings(tmp_path))
    assert missing.level == "mend"
    train(write_native(tmp_path / "few.jsonl", make_history(10)), tmp_path / "model")
    learned, order = keeping.bundle(settings(tmp_path))
    assert learned.told == "1 function learned, 0 of them ready to be judged."
    assert (order.about, order.told) == (
        "function Order",
        "It is not judged yet: 10 of 20 flows are learned.",
    )
    assert order.remedy.startswith("Learn 10 flows more")
    told = keeping.needs_of(show_bundle(tmp_path / "model").functions)
    assert told == ["Order: 10 of 20 flows; not judged yet."]


def test_a_bundle_that_is_damaged_must_be_mended(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "manifest.json").write_text("{}", encoding="utf-8")
    (finding,) = keeping.bundle(settings(tmp_path))
    assert finding.level == "mend"


def test_a_service_that_answers_runs_whether_it_is_well_or_not(tmp_path: Path) -> None:
    class Ill(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Ill) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        listening = msgspec.structs.replace(settings(tmp_path), listen=f"127.0.0.1:{server.server_port}")
        assert keeping.is_running(listening)
        server.shutdown()
        thread.join()
    assert not keeping.is_running(listening)
    assert not keeping.is_running(settings(tmp_path))
