from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.errors import ConfigError
from coldtrail.notifiers.bounds import bounded
from coldtrail.notifiers.notifier import DeliveryError
from coldtrail.notifiers.smtp import SmtpNotifier, SmtpSettings, mail_of
from tests.attacks.hostile_names import EVERY_NAME
from tests.notifiers.certificates import a_certificate
from tests.notifiers.messages import a_message, hostile_message
from tests.notifiers.smtp_server import MailServer, mail_server

HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
    "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
}  # fmt: skip


def notifier(place: int, environment: dict[str, str] | None = None, **table: Any) -> SmtpNotifier:
    plain = {"host": "127.0.0.1", "port": place, "security": "none", "from": "c@example.org"}
    whole = plain | {"to": ["team@example.org"]} | table
    return SmtpNotifier(msgspec.convert(whole, SmtpSettings), environment or {})


@pytest.fixture
def trust(tmp_path: Path) -> tuple[ssl.SSLContext, str]:
    certificate = a_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context, str(certificate)


def test_updates_refer_to_the_first_mail_and_what_is_sent_again_has_the_same_id() -> None:
    with mail_server() as server:
        sender = notifier(server.port)
        for what in ("trigger", "trigger", "update", "resolve"):
            sender.send(a_message(what=what))
        first, again, update, end = server.parsed()
    assert first["Message-ID"] == again["Message-ID"]
    assert len({one["Message-ID"] for one in (first, update, end)}) == 3
    assert update["References"] == update["In-Reply-To"] == end["References"] == first["Message-ID"]
    assert first["Subject"] == f"[HIGH] {a_message().title}"
    assert "Function: Confirm" in first.get_content()


@given(st.one_of(st.text(max_size=300), st.sampled_from(EVERY_NAME)))
def test_no_name_adds_a_header(name: str) -> None:
    mail = mail_of(bounded(hostile_message(name)), "c@example.org", ["team@example.org"])
    lines = mail.as_bytes().split(b"\r\n\r\n", 1)[0].split(b"\r\n")
    named = {line.split(b":")[0].decode() for line in lines if not line.startswith((b" ", b"\t"))}
    assert named <= HEADERS
    assert all(len(line) <= 998 for line in mail.as_bytes().split(b"\r\n"))


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_password_goes_over_tls_alone(trust: tuple[ssl.SSLContext, str], security: str) -> None:
    context, ca_file = trust
    with mail_server(context, is_tls=security == "tls") as server:
        table = {"host": "localhost", "security": security, "user": "me", "password_env": "P"}
        notifier(server.port, {"P": "hush"}, ca_file=ca_file, **table).send(a_message())
        assert server.logins == ["\0me\0hush"]
        assert len(server.mails) == 1
        with pytest.raises(DeliveryError, match="certificate that is not trusted") as caught:
            notifier(server.port, {"P": "hush"}, **table).send(a_message())
    assert caught.value.retryable
    assert len(server.logins) == 1


def test_a_server_that_offers_no_tls_is_told_nothing() -> None:
    with mail_server() as server:
        sender = notifier(server.port, security="starttls")
        with pytest.raises(DeliveryError, match="does not offer") as caught:
            sender.send(a_message())
        assert caught.value.retryable
        assert not any(line.startswith(("MAIL", "AUTH", "DATA")) for line in server.commands)


def test_an_address_that_is_refused_among_others_is_told() -> None:
    with mail_server() as server:
        server.refused = {"gone@example.org"}
        with pytest.raises(DeliveryError, match="refused the message \\(550\\)") as caught:
            notifier(server.port, to=["team@example.org", "gone@example.org"]).send(a_message())
        assert not caught.value.retryable
        assert server.recipients == [["team@example.org"]]


def test_a_server_that_drips_is_cut() -> None:
    with mail_server() as server:
        server.mode = "drip"
        with pytest.raises(DeliveryError) as caught:
            notifier(server.port, timeout_s=0.3).send(a_message())
    assert caught.value.retryable


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ({"to": []}, "to:"),
        ({"to": ["a@example.org\r\nBcc: x@evil.example"]}, "no address"),
        ({"from": "not an address"}, "no address"),
        ({"host": "mail.example"}, "security"),
        ({"user": "me", "password_env": "P"}, "over TLS only"),
        ({"security": "tls", "user": "me", "password_env": "MISSING"}, "MISSING"),
        ({"port": 70_000}, "port"),
        ({"timeout_s": 60.0}, "timeout_s"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(table: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ConfigError, match=wrong):
        notifier(25, {"P": "hush"}, **table)


def test_the_server_of_the_tests_speaks(trust: tuple[ssl.SSLContext, str]) -> None:
    assert MailServer(trust[0], False).offers_tls
