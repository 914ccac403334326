from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest

from coldtrail.errors import ConfigError
from coldtrail.notifiers.webhook import WebhookNotifier, WebhookSettings, message_id, signature
from coldtrail.records.delivery import Message
from tests.notifiers.http_server import Request, listening
from tests.notifiers.messages import a_message

SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()


def requests(*messages: Message, secret: str = SECRET) -> list[Request]:
    with listening() as place:
        environment = {"HOOK": f"http://127.0.0.1:{place.port}/", "KEY": secret, "TOKEN": "t0"}
        notifier = WebhookNotifier(WebhookSettings("HOOK", "KEY", "TOKEN"), environment)
        for message in messages:
            notifier.send(message)
        return place.requests


def test_what_is_sent_is_signed_with_its_time() -> None:
    (request,) = requests(a_message())
    head = request.headers
    signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + request.body
    mac = hmac.new(b"k" * 24, signed, hashlib.sha256).digest()
    assert head["webhook-signature"] == f"v1,{base64.b64encode(mac).decode()}"
    assert head["Authorization"] == "Bearer t0"
    assert json.loads(request.body)["title"] == a_message().title


def test_the_signature_is_that_of_the_specification() -> None:
    # The example of https://github.com/standard-webhooks/standard-webhooks, libraries' tests
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    told = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert told == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_is_sent_again_has_the_same_key_and_an_update_another() -> None:
    first, again, update = requests(a_message(), a_message(), a_message(what="update", count=30))
    assert first.headers["Idempotency-Key"] == again.headers["Idempotency-Key"] == first.headers["webhook-id"]
    assert first.headers["Idempotency-Key"] != update.headers["Idempotency-Key"]
    assert {json.loads(one.body)["dedup_key"] for one in (first, again, update)} == {a_message().dedup_key}


def test_a_key_of_any_characters_fits_into_a_header() -> None:
    assert message_id("a\r\nX: é", b"").startswith("a--X----")


def test_a_secret_that_is_no_base64_is_refused_unrepeated() -> None:
    with pytest.raises(ConfigError, match="'KEY'") as caught:
        requests(secret="whsec_!!!")
    assert "!!!" not in str(caught.value)
