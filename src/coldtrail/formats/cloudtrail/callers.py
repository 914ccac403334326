"""Who called, by a record's `userIdentity`: worked out once for all that one set of credentials did."""

from __future__ import annotations

from typing import NamedTuple

from coldtrail.features.names.masking import RawNames
from coldtrail.formats.callers import service_of
from coldtrail.formats.cloudtrail.documents import Identity
from coldtrail.formats.json_reading import JsonReader
from coldtrail.formats.moments import moment_of
from coldtrail.formats.pseudonyms import Pseudonyms

_MAX_CACHED = 20_000
_MAX_CACHED_BYTES = 4_096


class Caller(NamedTuple):
    """Who called; what names a person or a key is a pseudonym."""

    access_key: str | None = None
    principal: str | None = None
    principal_kind: str | None = None
    principal_account: str | None = None
    role: str | None = None
    session: str | None = None
    session_name: str | None = None
    """As it is: to be shown only where it is a function's."""
    credentials_of: str | None = None
    issued: float | None = None
    invoked_by: str | None = None


class Callers:
    """Callers by the bytes of their identities."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._read = JsonReader(Identity, "CloudTrail record")
        self._known: dict[bytes, Caller] = {}
        self._names = RawNames()
        self._pseudonyms = pseudonyms

    def of(self, raw: bytes, problems: list[str]) -> Caller:
        """Who called, as the JSON of an identity says; raises `DocumentError` where it is none."""
        known = self._known.get(raw)
        if known is not None:
            return known
        before = len(problems)
        caller = self._caller(self._read(raw, problems))
        if len(raw) <= _MAX_CACHED_BYTES and len(problems) == before:
            if len(self._known) >= _MAX_CACHED:
                self._known.clear()
            self._known[raw] = caller
        return caller

    def _caller(self, identity: Identity) -> Caller:
        session = _session_of(identity)
        return Caller(
            self._hidden(identity.accessKeyId),
            self._hidden(identity.arn or identity.principalId),
            self._name(identity.type),
            self._name(identity.accountId),
            self._name(_role_of(identity)),
            self._hidden(session),
            self._name(session),
            self._name(_function_of(identity)),
            _issued_at(identity),
            service_of(identity.invokedBy or ""),
        )

    def _name(self, name: str | None) -> str | None:
        return self._names[name] if name else None

    def _hidden(self, name: str | None) -> str | None:
        return self._pseudonyms[name] if name else None


def _session_of(identity: Identity) -> str | None:
    """The name of a role's session: the end of its ARN, or of its principal's id."""
    if identity.type != "AssumedRole":
        return None
    parts = (identity.arn or "").split("/", 2)
    if len(parts) == 3:
        return parts[2]
    return (identity.principalId or "").partition(":")[2] or None


def _role_of(identity: Identity) -> str | None:
    context = identity.sessionContext
    issuer = context.sessionIssuer if context is not None else None
    return issuer.arn if issuer is not None and issuer.type == "Role" else None


def _function_of(identity: Identity) -> str | None:
    """The ARN, with its version where that is said, of the function that the credentials were issued to."""
    scope = identity.inScopeOf
    if scope is None or scope.issuerType != "AWS::Lambda::Function":
        return None
    return scope.credentialsIssuedToVersion or scope.credentialsIssuedTo or scope.sourceArn


def _issued_at(identity: Identity) -> float | None:
    context = identity.sessionContext
    attributes = context.attributes if context is not None else None
    created = attributes.creationDate if attributes is not None else None
    return moment_of(created) if created else None
