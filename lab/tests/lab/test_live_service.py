"""The service that `coldtrail live` watches with: real, on ports of its own."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from coldtrail.errors import ColdtrailError
from coldtrail.service.settings import load_live_settings
from coldtrail_lab.live_service import Watch, free_places, learn

pytestmark = pytest.mark.slow


def test_it_learns_once_listens_on_all_sources_and_ends_in_order(tmp_path: Path) -> None:
    bundle = learn(tmp_path)
    before = (bundle / "manifest.json").stat().st_mtime_ns
    assert learn(tmp_path) == bundle
    assert (bundle / "manifest.json").stat().st_mtime_ns == before
    watch = Watch(tmp_path / "run", bundle, "http://127.0.0.1:9/", "s")
    settings = load_live_settings(tmp_path / "run" / "coldtrail.toml")
    assert [one.kind for one in settings.sources] == ["xray-udp", "otlp"]
    watch.start()
    assert watch.health()["ok"] is True
    assert watch.stop() < 10.0
    assert not watch.is_listening()


def test_a_service_that_does_not_start_says_why(tmp_path: Path) -> None:
    watch = Watch(tmp_path / "run", tmp_path / "nothing", "http://127.0.0.1:9/", "s")
    with pytest.raises(ColdtrailError, match=r"did not start.*nothing"):
        watch.start()


def test_places_are_free() -> None:
    places = free_places()
    with socket.socket() as one:
        one.bind(places.otlp)
    assert len({*places}) == 3
