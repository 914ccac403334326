"""The webhook that `coldtrail live` tells: signatures are checked, repeats are known."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from coldtrail.notifiers.notifier import DeliveryError
from coldtrail.notifiers.webhook import WebhookNotifier, WebhookSettings
from coldtrail.records.delivery import Message
from coldtrail_lab.live_hearing import Heard, Telling, Webhook, tellings

TOLD = Message(
    what="trigger", dedup_key="k", alert_id="ct-1", case_id=None, severity="high", title="strange",
    lines=(), function="f", application="a", account="", region="", at=1.0, first_seen=1.0, count=1,
)  # fmt: skip


def notifier(url: str, secret: str) -> WebhookNotifier:
    settings = WebhookSettings(url_env="URL", secret_env="SECRET")
    return WebhookNotifier(settings, {"URL": url, "SECRET": secret})


def test_what_the_real_notifier_signs_is_taken_and_anything_else_refused() -> None:
    with Webhook("s3cret", clock=lambda: 5.0) as webhook:
        notifier(webhook.url, "s3cret").send(TOLD)
        with pytest.raises(DeliveryError):
            notifier(webhook.url, "other").send(TOLD)
        webhook.fails = True
        with pytest.raises(DeliveryError):
            notifier(webhook.url, "s3cret").send(replace(TOLD, what="update"))
        (heard,) = webhook.heard
        assert (heard.alert_id, heard.dedup_key, heard.what, heard.at) == ("ct-1", "k", "trigger", 5.0)
        assert webhook.refused == 1


def test_a_message_that_comes_again_is_known_by_its_id() -> None:
    first = Heard("ct-1", "k", "trigger", "id-1", 1.0, "")
    update = Heard("ct-1", "k", "update", "id-2", 3.0, "")
    other = Heard("ct-2", "k2", "trigger", "id-3", 4.0, "")
    assert tellings([first, first._replace(at=2.0), update, other]) == {
        "ct-1": Telling(1.0, 1, 1, 1),
        "ct-2": Telling(4.0, 1, 0, 0),
    }
