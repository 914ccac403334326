"""Each kind of notifier, set before a real endpoint on this machine that can fail."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

import msgspec

from coldtrail.notifiers.notifier import Notifier
from coldtrail.registry import NOTIFIERS, load
from tests.notifiers.cloud import REGION, client, cloud
from tests.notifiers.http_server import Place, listening
from tests.notifiers.smtp_server import mail_server
from tests.notifiers.syslog_server import syslog_server

SECRET = "T0KEN-hush-8f3a"
PATIENT_S, IMPATIENT_S = 25.0, 0.4


class Rig(NamedTuple):
    """A notifier, and the endpoint that it talks to."""

    notifier: Notifier
    impatient: Notifier
    """The same with a short timeout, for an endpoint that stalls."""
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


def both(kind: str, environment: dict[str, str], **table: Any) -> tuple[Notifier, Notifier]:
    """A patient notifier and an impatient one."""
    patient, impatient = (
        made(kind, environment, **table, timeout_s=timeout_s) for timeout_s in (PATIENT_S, IMPATIENT_S)
    )
    return patient, impatient


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
        notifiers = both(kind, environment, **named)
        yield Rig(*notifiers, _mode(place), lambda: [one.body for one in place.requests], key_of)


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


def ocsf() -> Any:
    """A webhook for findings."""
    key = _finding_uid
    return _http("ocsf", key, url_env="THE_URL", token_env="THE_SECRET")


def _finding_uid(body: bytes) -> str:
    return str(json.loads(body)["metadata"]["uid"])


@contextmanager
def apprise() -> Iterator[Rig]:
    """Apprise's JSON channel."""
    with listening() as place:
        url = f"json://user:{SECRET}@127.0.0.1:{place.port}/"
        patient, impatient = (
            made("apprise", {"THE_URL": f"{url}?rto={time_s}&cto={time_s}"}, url_env="THE_URL")
            for time_s in (PATIENT_S, IMPATIENT_S)
        )
        yield Rig(
            patient, impatient, _mode(place), lambda: [one.body for one in place.requests], _field("title")
        )


@contextmanager
def smtp() -> Iterator[Rig]:
    """A mail server on this machine."""
    with mail_server() as server:
        table = {"host": "127.0.0.1", "port": server.port, "security": "none", "from": "c@example.org"}
        notifiers = both("smtp", {}, **table, to=["team@example.org"])

        def set_mode(mode: str) -> None:
            server.mode = mode

        yield Rig(*notifiers, set_mode, lambda: list(server.mails), _message_id)


def _message_id(mail: bytes) -> str:
    (found,) = re.findall(rb"^Message-ID: (.*?)\r\n", mail, re.MULTILINE)
    return str(found)


@contextmanager
def syslog() -> Iterator[Rig]:
    """A syslog server over TCP."""
    with syslog_server() as server:
        notifiers = both("syslog", {}, host="127.0.0.1", port=server.port, transport="tcp")

        def set_mode(mode: str) -> None:
            server.mode = mode

        yield Rig(*notifiers, set_mode, lambda: list(server.lines), _dedup)


def _dedup(line: bytes) -> str:
    (found,) = re.findall(rb'dedup="([^"]*)"', line)
    return str(found)


@contextmanager
def _aws(kind: str, key_of: Callable[[bytes], str], **table: Any) -> Iterator[Rig]:
    with cloud(SECRET) as place:
        url = f"http://127.0.0.1:{place.port}"
        notifiers = both(kind, {}, endpoint_url=url, region=REGION, **table)
        yield Rig(*notifiers, _mode(place), lambda: [_text(one.body) for one in place.requests], key_of)


def _text(body: bytes) -> bytes:
    """What a form says, without its escapes."""
    return body if body.startswith(b"{") else unquote_to_bytes(body.replace(b"+", b" "))


@contextmanager
def sns() -> Iterator[Rig]:
    """A topic of moto's."""
    topic = client("sns").create_topic(Name="alerts")["TopicArn"]
    with _aws("sns", lambda body: str(re.findall(rb"ct-[0-9a-f]+-1", body)[0]), topic_arn=topic) as rig:
        yield rig


def eventbridge() -> Any:
    """The default bus of moto."""
    return _aws("eventbridge", lambda body: json.loads(json.loads(body)["Entries"][0]["Detail"])["dedup_key"])


def security_hub() -> Any:
    """The Security Hub of moto."""
    key = lambda body: str(json.loads(body)["Findings"][0]["Id"])  # noqa: E731
    return _aws("security-hub", key, account="123456789012")


KINDS: dict[str, Kind] = {
    "slack": Kind(slack, most_bytes=13_000),
    "teams": Kind(teams, most_bytes=28_000),
    "pagerduty": Kind(pagerduty, most_bytes=512_000),
    "webhook": Kind(webhook),
    "ocsf": Kind(ocsf),
    "apprise": Kind(apprise, modes=frozenset(("fail", "throttle", "stall", "drop")), retry_after_s=None),
    "smtp": Kind(smtp, retry_after_s=None),
    "syslog": Kind(syslog, modes=frozenset(("drop",)), most_bytes=8_192),
    "sns": Kind(sns, most_bytes=256_000),
    "eventbridge": Kind(eventbridge, most_bytes=256_000),
    "security-hub": Kind(security_hub, most_bytes=240_000),
}
"""Syslog knows neither answers nor a server that stalls: nothing is acknowledged."""
