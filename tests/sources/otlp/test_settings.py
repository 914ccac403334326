"""Settings of the `otlp` source that are wrong, or would let strangers in."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail.errors import ConfigError
from coldtrail.sources.otlp.settings import OtlpSettings, checked
from coldtrail.sources.otlp.source import OtlpSource
from tests.sources.otlp.certificates import Certificates
from tests.sources.serving import context


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"listen": ""}, "listens nowhere"),
        ({"listen": "example.org:4318"}, "listen is 'example.org:4318'; give an IP address and a port"),
        ({"grpc_listen": "127.0.0.1"}, "grpc_listen is '127.0.0.1'; give an IP address and a port"),
        ({"listen": "0.0.0.0:4318"}, "from anyone who can reach 0.0.0.0:4318; name the environment variable"),
        ({"grpc_listen": "[::]:4317"}, r"from anyone who can reach \[::\]:4317"),
        ({"listen": "10.0.0.1:4318", "token_env": "TOKEN"}, "tokens and telemetry in plain text"),
        ({"tls_cert": "there"}, "tls_cert and tls_key belong together"),
        ({"client_ca": "there"}, "which only TLS shows"),
        ({"tls_cert": "there", "tls_key": "here"}, "tls_cert names 'there', which is no file"),
        ({"max_request_bytes": 1}, "max_request_bytes must be at least"),
        ({"max_in_flight_bytes": 2**20}, "no less than max_request_bytes"),
        ({"max_connections": 0}, "max_connections must be at least 1"),
        ({"request_timeout_s": 0.0}, "request_timeout_s must be more than 0"),
    ],
)
def test_wrong_settings_are_refused_in_one_sentence(settings: dict[str, object], sentence: str) -> None:
    with pytest.raises(ConfigError, match=f"^source 'push'.*{sentence}"):
        checked(OtlpSettings(**settings), "push")  # type: ignore[arg-type]


def test_others_may_send_with_a_token_where_nobody_can_listen(certificates: Certificates) -> None:
    tls = {"tls_cert": certificates.chain, "tls_key": certificates.key}
    for more in (
        {"token_env": "TOKEN", "tls_elsewhere": True},
        {"token_env": "TOKEN", **tls},
        {"client_ca": certificates.authority, **tls},
    ):
        found = checked(OtlpSettings(listen="0.0.0.0:4318", **more), "push")  # type: ignore[arg-type]
        assert found.http is not None
        assert not found.http.is_loopback


def test_the_token_has_to_be_in_the_environment(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^source 'push': token_env names .*'ABSENT', which is not set"):
        OtlpSource(OtlpSettings(token_env="ABSENT"), context(tmp_path))
