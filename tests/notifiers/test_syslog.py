from __future__ import annotations

import re
import socket
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
from coldtrail.notifiers.syslog import SyslogNotifier, SyslogSettings, line_of
from tests.attacks.hostile_names import EVERY_NAME
from tests.notifiers.certificates import a_certificate
from tests.notifiers.messages import LONG, a_message, hostile_message
from tests.notifiers.syslog_server import syslog_server

VALUE = r'"(?:[^"\\\]]|\\["\\\]])*"'
LINE = re.compile(
    rf"<(\d{{1,3}})>1 \d{{4}}-\d\d-\d\dT[\d:.]+Z \S{{1,255}} coldtrail \d+ \w+ "
    rf"\[coldtrail@32473(?: [a-z]+={VALUE})+\] \ufeff(.*)"
)


def notifier(**table: Any) -> SyslogNotifier:
    return SyslogNotifier(msgspec.convert({"host": "127.0.0.1"} | table, SyslogSettings), {})


@given(st.one_of(st.text(max_size=300), st.sampled_from(EVERY_NAME)))
def test_every_line_is_one_of_the_rfc(name: str) -> None:
    line = line_of(bounded(hostile_message(name)), "host", 16, 8_192).decode()
    found = LINE.fullmatch(line)
    assert found
    assert "\n" not in line
    assert found[1] == "131"


def test_a_long_line_is_cut_between_characters_behind_its_structured_data() -> None:
    line = line_of(bounded(LONG), "h" * 255, 16, 2_048)
    assert 2_040 <= len(line) <= 2_048
    assert LINE.fullmatch(line.decode())


@pytest.mark.parametrize(
    ("severity", "priority"), [("critical", 130), ("high", 131), ("medium", 132), ("low", 133)]
)
def test_priorities_are_facility_and_severity(severity: str, priority: int) -> None:
    assert line_of(a_message(severity=severity), "h", 16, 8_192).startswith(b"<%d>1 " % priority)
    assert line_of(a_message(severity=severity, what="resolve"), "h", 16, 8_192).startswith(b"<134>1 ")


def test_lines_go_over_tls(tmp_path: Path) -> None:
    certificate = a_certificate(tmp_path)
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(certificate)
    with syslog_server(trust) as server:
        with pytest.raises(DeliveryError, match="not trusted"):
            notifier(host="localhost", port=server.port).send(a_message())
        notifier(host="localhost", port=server.port, ca_file=str(certificate)).send(a_message())
        assert len(server.lines) == 1


def test_lines_go_as_datagrams_and_a_port_where_nobody_listens_is_told() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        notifier(port=port, transport="udp").send(LONG)
        listener.settimeout(10)
        assert LINE.fullmatch(listener.recv(65_536).decode())
    with pytest.raises(DeliveryError) as caught:
        notifier(port=port, transport="udp").send(a_message())
    assert caught.value.retryable


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ({"host": "log.example", "transport": "udp"}, "in the clear"),
        ({"host": "log.example", "transport": "tcp"}, "in the clear"),
        ({"port": -1}, "port"),
        ({"timeout_s": 0.0}, "timeout_s"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(table: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ConfigError, match=wrong):
        notifier(**table)
    assert notifier(host="log.example", transport="tcp", clear=True)
