from __future__ import annotations

import json
from typing import Any

from coldtrail.notifiers.slack import SlackNotifier, SlackSettings
from coldtrail.records.delivery import Message
from tests.notifiers.http_server import listening
from tests.notifiers.messages import LONG, a_message, hostile_message


def told(message: Message) -> Any:
    with listening() as place:
        environment = {"HOOK": f"http://127.0.0.1:{place.port}/services/T/B/X"}
        SlackNotifier(SlackSettings("HOOK"), environment).send(message)
        return json.loads(place.requests[0].body)


def test_a_message_is_a_header_lines_a_place_and_a_button() -> None:
    body = told(a_message())
    assert [one["type"] for one in body["blocks"]] == [
        "header", "section", "section", "section", "context", "actions",
    ]  # fmt: skip
    assert body["blocks"][0]["text"]["text"].endswith(a_message().title)
    assert body["blocks"][-1]["elements"][0]["url"] == a_message().link
    assert body["text"] == f"HIGH: {a_message().title}"


def test_no_text_of_telemetry_is_read_as_markup() -> None:
    body = told(hostile_message("<!channel> *x* <https://evil.example|here> & :tada:"))
    texts = [one["text"] for one in body["blocks"] if "text" in one]
    texts += [text for one in body["blocks"] if one["type"] == "context" for text in one["elements"]]
    assert {(one["type"], one["emoji"]) for one in texts} == {("plain_text", False)}
    assert not set("<>") & set(body["text"])
    assert body["text"].startswith("HIGH: &lt;!channel&gt;")


def test_blocks_keep_to_the_limits_of_slack() -> None:
    body = told(LONG)
    assert len(body["blocks"]) <= 50
    assert len(body["blocks"][0]["text"]["text"]) <= 150
    assert all(len(one["text"]["text"]) <= 3_000 for one in body["blocks"] if "text" in one)
    assert len(told(a_message(lines=("x",) * 200))["blocks"]) <= 50
