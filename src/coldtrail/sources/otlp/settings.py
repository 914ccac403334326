"""The settings of the `otlp` source, and what of them is refused."""

from __future__ import annotations

from msgspec import Struct

from coldtrail.errors import ConfigError
from coldtrail.sources.listening import Address, address_from, is_readable

_LEAST_BYTES, _MOST_BYTES = 1_024, 2**30
_MOST_CONNECTIONS = 100_000
_MOST_TIMEOUT_S = 600


class OtlpSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Where OTLP exporters send their traces."""

    listen: str = "127.0.0.1:4318"
    """Address for OTLP over HTTP (`/v1/traces`, protobuf or JSON); empty for none."""
    grpc_listen: str = ""
    """Address for OTLP over gRPC, such as 127.0.0.1:4317; empty for none. Needs `coldtrail[grpc]`."""
    token_env: str = ""
    """The environment variable that holds the token which senders show as `Authorization: Bearer …`."""
    tls_cert: str = ""
    """Path of the certificate chain, PEM."""
    tls_key: str = ""
    """Path of its private key, PEM."""
    client_ca: str = ""
    """Path of certificates, PEM, one of which has to have signed what a sender shows of itself."""
    tls_elsewhere: bool = False
    """Whether TLS ends before Coldtrail, as at a load balancer: others may then send in plain text."""
    max_request_bytes: int = 16 * 2**20
    """Of one request, after it was decompressed; over gRPC 4 MiB at most."""
    max_in_flight_bytes: int = 64 * 2**20
    """Of all requests that do not lie on disk yet; senders beyond it are told to try later."""
    max_connections: int = 1_000
    """Over HTTP at once."""
    request_timeout_s: float = 10.0
    """In which a request has to have come whole."""


class Places(Struct, frozen=True):
    """Where a source listens, as its settings say."""

    http: Address | None
    grpc: Address | None


def checked(settings: OtlpSettings, source: str) -> Places:
    """Where to listen; raises `ConfigError` for settings that are wrong, or would let strangers in."""
    where = f"source {source!r}"
    http = address_from(settings.listen, f"{where}: listen") if settings.listen else None
    grpc = address_from(settings.grpc_listen, f"{where}: grpc_listen") if settings.grpc_listen else None
    if http is None and grpc is None:
        raise ConfigError(f"{where} listens nowhere; give it `listen` or `grpc_listen`.")
    _check_bounds(settings, where)
    _check_files(settings, where)
    for address in (http, grpc):
        if address is not None and not address.is_loopback:
            _check_open(settings, where, address)
    return Places(http, grpc)


def _check_open(settings: OtlpSettings, where: str, address: Address) -> None:
    """An address that other machines can reach: whoever may send could teach the model what is usual."""
    if not settings.token_env and not settings.client_ca:
        raise ConfigError(
            f"{where} would take telemetry from anyone who can reach {address}; name the environment "
            "variable that holds the senders' token (token_env), or listen at 127.0.0.1."
        )
    if not settings.tls_cert and not settings.tls_elsewhere:
        raise ConfigError(
            f"{where} would take tokens and telemetry in plain text at {address}; give tls_cert and tls_key, "
            "or say tls_elsewhere = true where TLS ends before it."
        )


def _check_files(settings: OtlpSettings, where: str) -> None:
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise ConfigError(f"{where}: tls_cert and tls_key belong together; give both or neither.")
    if settings.client_ca and not settings.tls_cert:
        raise ConfigError(
            f"{where}: client_ca asks for certificates, which only TLS shows; give tls_cert too."
        )
    for name in ("tls_cert", "tls_key", "client_ca"):
        path = getattr(settings, name)
        if path and not is_readable(path):
            raise ConfigError(f"{where}: {name} names {path!r}, which is no file that can be read.")


def _check_bounds(settings: OtlpSettings, where: str) -> None:
    if not _LEAST_BYTES <= settings.max_request_bytes <= _MOST_BYTES:
        raise ConfigError(
            f"{where}: max_request_bytes must be at least {_LEAST_BYTES:,} and at most {_MOST_BYTES:,}."
        )
    if settings.max_in_flight_bytes < settings.max_request_bytes:
        raise ConfigError(f"{where}: max_in_flight_bytes must be no less than max_request_bytes.")
    if not 1 <= settings.max_connections <= _MOST_CONNECTIONS:
        raise ConfigError(f"{where}: max_connections must be at least 1 and at most {_MOST_CONNECTIONS:,}.")
    if not 0 < settings.request_timeout_s <= _MOST_TIMEOUT_S:
        raise ConfigError(f"{where}: request_timeout_s must be more than 0 and at most {_MOST_TIMEOUT_S}.")
