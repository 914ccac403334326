"""Whether channels can be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from msgspec import Struct

from coldtrail.notifiers.notifier import DeliveryError
from coldtrail.records.delivery import Message
from coldtrail.records.intake import Permission
from coldtrail.registry import NOTIFIERS
from coldtrail.verbs.doctor.channels import look
from coldtrail.verbs.doctor.finding import Finding
from tests.verbs.doctor.settings import settings

SECRET = "http://127.0.0.1:9/path-of-a-secret"


class ATestNotifier:
    """Takes messages, or refuses them."""

    sent: ClassVar[list[Message]] = []

    class Settings(Struct, frozen=True):
        url_env: str
        refuses: bool = False

    def __init__(self, settings: Settings, environment: Mapping[str, str]) -> None:
        self._settings = settings

    def send(self, message: Message) -> None:
        if self._settings.refuses:
            raise DeliveryError("The channel answered 403; look at its address.", retryable=False)
        self.sent.append(message)

    def needs(self) -> Sequence[Permission]:
        return ()


@pytest.fixture(autouse=True)
def member(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(NOTIFIERS, "test", "tests.verbs.doctor.test_channels:ATestNotifier")
    ATestNotifier.sent.clear()


def findings(
    folder: Path, environment: Mapping[str, str], *, send: bool = False, **more: Any
) -> list[Finding]:
    notify = [{"kind": "test", "url_env": "HOOK", **more}]
    return look(settings(folder, notify=notify).notify[0], environment, send=send)


def test_a_variable_that_is_not_set_must_be_mended(tmp_path: Path) -> None:
    assert findings(tmp_path, {}) == [
        Finding(
            "channel test",
            "mend",
            "Not set in the environment: HOOK.",
            "Set it where the service is started.",
        )
    ]


def test_nothing_is_sent_unless_asked_for_and_no_secret_is_told(tmp_path: Path) -> None:
    found = findings(tmp_path, {"HOOK": SECRET})
    assert [one.level for one in found] == ["ok", "ok"]
    assert "secret" not in str(found)
    assert ATestNotifier.sent == []


def test_a_test_message_says_that_it_is_one(tmp_path: Path) -> None:
    found = findings(tmp_path, {"HOOK": SECRET}, send=True)
    assert found[-1] == Finding("channel test", "ok", "It took a test message.")
    (message,) = ATestNotifier.sent
    assert message.title == "Coldtrail test message: nothing has happened"
    assert message.severity == "low"


def test_a_channel_that_refuses_must_be_mended(tmp_path: Path) -> None:
    found = findings(tmp_path, {"HOOK": SECRET}, send=True, refuses=True)
    assert (found[-1].level, found[-1].told) == ("mend", "The channel answered 403; look at its address.")


def test_a_host_without_an_address_must_be_mended(tmp_path: Path) -> None:
    found = findings(tmp_path, {"HOOK": "https://no.such.host.invalid/x"}, send=True)
    assert (found[-1].level, found[-1].told) == ("mend", "The host that HOOK names has no address.")
    assert ATestNotifier.sent == []


def test_what_is_no_web_address_is_not_looked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a name was looked up")

    monkeypatch.setattr("socket.getaddrinfo", refuse)
    (finding,) = findings(tmp_path, {"HOOK": "slack://TokenA/TokenB/TokenC"})
    assert finding.level == "ok"
