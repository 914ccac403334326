"""Each kind of notifier, set before a real endpoint on this machine that can fail."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec

from coldtrail.notifiers.notifier import Notifier
from coldtrail.registry import NOTIFIERS, load
from tests.notifiers.http_server import Place, listening

SECRET = "T0KEN-hush-8f3a"
TIMEOUT_S = 0.4


class Rig(NamedTuple):
    """A notifier, and the endpoint that it talks to."""

    notifier: Notifier
    set_mode: Callable[[str], None]
    """`take`, `fail`, `throttle`, `refuse`, `stall`, `drop`"""
    taken: Callable[[], list[bytes]]
    """What the endpoint took, as it came."""
    key_of: Callable[[bytes], str]
    """Of what it took, what tells repeats of one message apart from others."""


class Kind(NamedTuple):
    """A member of the family as the contract tests need it."""

    rig: Callable[..., Any]
    modes: frozenset[str] = frozenset(("fail", "throttle", "refuse", "stall", "drop"))
    most_bytes: int = 250_000
    retry_after_s: float | None = 7.0


def made(kind: str, environment: dict[str, str], **table: Any) -> Notifier:
    """A notifier as the settings would make it."""
    member = load(NOTIFIERS, kind, "notifier")
    notifier: Notifier = member(msgspec.convert(table, member.Settings), environment)
    return notifier


def _mode(place: Place) -> Callable[[str], None]:
    def set_mode(mode: str) -> None:
        place.mode = mode

    return set_mode


@contextmanager
def _http(
    kind: str, key_of: Callable[[bytes], str], taken: tuple[int, bytes] = (200, b"ok"), **table: Any
) -> Iterator[Rig]:
    with listening() as place:
        place.taken = lambda: taken
        url = f"http://127.0.0.1:{place.port}/hook/{SECRET}"
        environment = {"THE_URL": url, "THE_SECRET": SECRET}
        named = {key: url if value == "URL" else value for key, value in table.items()}
        notifier = made(kind, environment, timeout_s=TIMEOUT_S, **named)
        yield Rig(notifier, _mode(place), lambda: [one.body for one in place.requests], key_of)


def _field(name: str) -> Callable[[bytes], str]:
    return lambda body: str(json.loads(body)[name])


def slack() -> Any:
    """Slack's webhook."""
    return _http("slack", lambda body: body.decode(), url_env="THE_URL")


def teams() -> Any:
    """The webhook of a Teams workflow."""
    return _http("teams", lambda body: body.decode(), (202, b""), url_env="THE_URL")


def pagerduty() -> Any:
    """PagerDuty's events."""
    key = _field("dedup_key")
    return _http("pagerduty", key, (202, b"{}"), routing_key_env="THE_SECRET", url="URL")


def webhook() -> Any:
    """Any webhook, signed."""
    key = _field("dedup_key")
    return _http("webhook", key, url_env="THE_URL", secret_env="THE_SECRET", token_env="THE_SECRET")


KINDS: dict[str, Kind] = {
    "slack": Kind(slack, most_bytes=13_000),
    "teams": Kind(teams, most_bytes=28_000),
    "pagerduty": Kind(pagerduty, most_bytes=512_000),
    "webhook": Kind(webhook),
}
