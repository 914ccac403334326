from __future__ import annotations

import json
from typing import Any

from coldtrail.notifiers.teams import TeamsNotifier, TeamsSettings
from coldtrail.records.delivery import Message
from tests.notifiers.http_server import listening
from tests.notifiers.messages import a_message, hostile_message


def card(message: Message) -> Any:
    with listening() as place:
        environment = {"HOOK": f"http://127.0.0.1:{place.port}/workflows/1"}
        TeamsNotifier(TeamsSettings("HOOK"), environment).send(message)
        body = json.loads(place.requests[0].body)
    assert body["type"] == "message"
    (attachment,) = body["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    return attachment["content"]


def test_a_message_is_a_card_of_text_runs() -> None:
    told = card(a_message())
    assert (told["type"], told["version"]) == ("AdaptiveCard", "1.4")
    assert {one["type"] for one in told["body"]} == {"RichTextBlock"}
    assert told["body"][0]["inlines"][0]["text"] == f"HIGH: {a_message().title}"
    assert told["actions"][0]["url"] == a_message().link


def test_nothing_of_telemetry_is_filled_in_or_read_as_markdown() -> None:
    told = card(
        hostile_message("{{DATE(2017-02-14T06:08:39Z,SHORT)}} ${name} [x](https://evil.example) **b**")
    )
    texts = [run for one in told["body"] for run in one["inlines"]]
    assert {one["type"] for one in texts} == {"TextRun"}
    assert not any("{{" in one["text"] or "${" in one["text"] for one in texts)


def test_what_is_over_is_green() -> None:
    assert card(a_message(what="resolve"))["body"][0]["inlines"][0]["color"] == "good"
