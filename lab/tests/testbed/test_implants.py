"""What a backdoored function does besides its work, where no cloud is needed to see it."""

import sys
from types import ModuleType
from typing import Any

import pytest

from coldtrail_testbed.attacks.implants import afterwards, growing_uploads

_BEGAN = 1_770_000_000


class _Client:
    """An S3 client as far as its events go."""

    def __init__(self) -> None:
        self.meta = self
        self.events = self
        self.hooks: list[Any] = []

    def register(self, event: str, hook: Any) -> None:
        assert event == "before-parameter-build.s3.PutObject"
        self.hooks.append(hook)

    def unregister(self, _event: str, hook: Any) -> None:
        self.hooks.remove(hook)

    def put(self) -> int:
        params = {"Body": b"ordinary"}
        for hook in self.hooks:
            hook(params)
        return len(params["Body"])


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> _Client:
    module: Any = ModuleType("a_handler")
    module._s3 = _Client()
    monkeypatch.setitem(sys.modules, "a_handler", module)
    monkeypatch.setenv("TESTBED_HANDLER", "a_handler.handler")
    monkeypatch.setenv("TESTBED_BEGAN", str(_BEGAN))
    return module._s3  # type: ignore[no-any-return]


def _bytes_on(day: float, client: _Client, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("time.time", lambda: _BEGAN + day * 86_400)
    sent: int = growing_uploads(400, 1.5)(lambda _event, _context: client.put(), {}, None)
    return sent


def test_uploads_grow_by_half_every_day_up_to_a_limit(
    client: _Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = [_bytes_on(day, client, monkeypatch) - len(b"ordinary") for day in (0, 1, 2, 100)]
    assert sizes == [400, 600, 900, 262_144]
    assert client.put() == len(b"ordinary")


def test_uploads_are_ordinary_again_after_a_failure(client: _Client) -> None:
    def fail(_event: Any, _context: Any) -> None:
        raise ValueError("no luck")

    with pytest.raises(ValueError, match="no luck"):
        growing_uploads(400, 1.5)(fail, {}, None)
    assert client.hooks == []


def test_an_implant_acts_after_work_that_went_well() -> None:
    acted: list[Any] = []
    assert afterwards(acted.append)(lambda event, _context: event + 1, 1, None) == 2
    with pytest.raises(ZeroDivisionError):
        afterwards(acted.append)(lambda event, _context: event / 0, 1, None)
    assert acted == [1]
