"""A certificate of `localhost` and the authority that signed it, made for one test run."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Certificates(NamedTuple):
    """Paths of PEM files."""

    authority: str
    chain: str
    key: str

    def trusting(self) -> ssl.SSLContext:
        """What a client of HTTP trusts."""
        return ssl.create_default_context(cafile=self.authority)

    def grpc(self) -> Any:
        """What a client of gRPC trusts."""
        import grpc

        return grpc.ssl_channel_credentials(Path(self.authority).read_bytes())


def made(folder: Path) -> Certificates:
    """Signs a certificate of `localhost`, good for both ends of a connection."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer, subject = _name("tests' authority"), _name("localhost")
    authority = _builder(issuer, issuer, authority_key.public_key()).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    )
    own = _builder(subject, issuer, key.public_key()).add_extension(
        x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False
    )
    for name, builder in (("authority", authority), ("chain", own)):
        signed = builder.sign(authority_key, hashes.SHA256())
        (folder / name).write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / "key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return Certificates(*(str(folder / name) for name in Certificates._fields))


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject: x509.Name, issuer: x509.Name, key: Any) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
