from __future__ import annotations

import json

import pytest

from coldtrail.errors import ConfigError
from coldtrail.notifiers.apprise import AppriseNotifier, AppriseSettings
from tests.notifiers.http_server import listening
from tests.notifiers.messages import a_message


def test_a_message_is_a_title_and_a_text() -> None:
    with listening() as place:
        AppriseNotifier(AppriseSettings("A"), {"A": f"json://127.0.0.1:{place.port}/"}).send(a_message())
        told = json.loads(place.requests[0].body)
    assert told["title"] == f"HIGH: {a_message().title}"
    assert "Function: Confirm" in told["message"]
    assert told["type"] == "failure"


def test_an_address_that_apprise_does_not_know_is_refused_unrepeated() -> None:
    with pytest.raises(ConfigError, match="'A'") as caught:
        AppriseNotifier(AppriseSettings("A"), {"A": "pigeon://T0KEN"})
    assert "T0KEN" not in str(caught.value)
