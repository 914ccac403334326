"""The call that a record tells of."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple

from coldtrail.config import Settings
from coldtrail.features.names.masking import RawNames
from coldtrail.formats.addresses import Addresses
from coldtrail.formats.callers import Agents
from coldtrail.formats.cloudtrail.callers import Caller, Callers
from coldtrail.formats.cloudtrail.documents import Additional, Record, Resource
from coldtrail.formats.cloudtrail.parameters import Parameters, mapping, number_of, text_of
from coldtrail.formats.ids import as_told, is_id
from coldtrail.formats.moments import moment_of, within
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.formats.services import Operations, Resources, Services, invocation_type_in
from coldtrail.records.flow import InvocationType
from coldtrail.records.witnesses import ApiCall

_DATED = re.compile(r"(.+?)_?20\d{2}_?\d{2}_?\d{2}(?:v\d)?")
"""How the names of older operations end (`UpdateFunctionCode20150331v2`): with the date of their API."""
_SERVICE_SUFFIX = ".amazonaws.com"
_LAMBDA = "lambda.amazonaws.com"
_EXPIRY = "%b %d, %Y, %I:%M:%S %p"
"""`Jul 10, 2023, 12:34:56 PM`: how STS writes when credentials expire."""
_MAX_ID_CHARS = 2_048
_NOTHING = Additional()
_NOBODY = Caller()
_FLAGS = {"true": True, "false": False}


class _Given(NamedTuple):
    """Credentials that a call gave out."""

    key: str | None = None
    role: str | None = None
    until: float | None = None
    session_function: str | None = None
    """The name of their session, where they were given to a function."""


_NOTHING_GIVEN = _Given()
_NOTHING_ASKED = False, None


class CallMaker:
    """Records to calls."""

    def __init__(self, settings: Settings, pseudonyms: Pseudonyms) -> None:
        max_chars = settings.limits.max_name_chars
        self._services = _Sources(max_chars)
        self._operations = _Undated(max_chars)
        self._resources = Resources()
        self._names = RawNames()
        self._agents = Agents()
        self._callers = Callers(pseudonyms)
        self._parameters = Parameters(pseudonyms.__getitem__)
        self._addresses = Addresses(settings, pseudonyms)
        self._pseudonyms = pseudonyms

    def make(self, record: Record, event_id: str, time: float, digest: str, problems: list[str]) -> ApiCall:
        """The call; `digest` stands for all of the record."""
        names = self._names
        identity = bytes(record.userIdentity)
        caller = self._callers.of(identity, problems) if identity[:1] == b"{" else _NOBODY
        service = self._services[record.eventSource or ""]
        agent = self._agents[record.userAgent or ""]
        more = record.additionalEventData or _NOTHING
        place = self._addresses[record.sourceIPAddress or ""]
        target = self._parameters.target(service, record.requestParameters)
        resources = record.resources
        if target is None and resources:
            target = _resource(resources)
        account = record.recipientAccountId or caller.principal_account
        given = self._given(record, caller) if service == "STS" else _NOTHING_GIVEN
        # By their places: so many names would take longer than all the rest.
        return ApiCall(
            event_id,
            time,
            names[account] if account else "",
            names[record.awsRegion] if record.awsRegion else "",
            service,
            self._operations[record.eventName or ""],
            digest,
            _id(record.sharedEventID) if record.sharedEventID else None,
            self._resources[target] if target else None,
            _owner(resources, target),
            names[record.errorCode] if record.errorCode else None,
            _request_id(record.requestID),
            _id(more.id_2 or more.xAmzId2),
            caller.access_key,
            caller.principal,
            caller.principal_kind,
            caller.principal_account,
            caller.role,
            caller.session,
            caller.session_name if agent.in_function else given.session_function,
            caller.credentials_of,
            caller.issued,
            caller.invoked_by,
            place.address,
            place.service,
            agent.family,
            agent.environment,
            names[record.vpcEndpointId] if record.vpcEndpointId else None,
            names[record.vpcEndpointAccountId] if record.vpcEndpointAccountId else None,
            _flag(record.readOnly),
            record.eventCategory == "Data",
            _flag(record.sessionCredentialFromConsole) is True,
            more.AuthenticationMethod == "QueryString",
            number_of(more.bytesTransferredIn),
            number_of(more.bytesTransferredOut),
            self._version(more.functionVersion),
            _id(more.customerEniId),
            given.key,
            given.role,
            given.until,
            *(self._asked(record) if service == "Lambda" else _NOTHING_ASKED),
            *place[2:],
        )

    def _asked(self, record: Record) -> tuple[bool, InvocationType | None]:
        """Whether the call only asks if a function might be invoked, and how it starts it."""
        if not (record.eventName or "").startswith("Invoke"):
            return _NOTHING_ASKED
        told = text_of(mapping(self._parameters.all(record.requestParameters)), "invocationType") or ""
        return told.casefold() == "dryrun", invocation_type_in(told)

    def _version(self, arn: object) -> str | None:
        """The version that `functionVersion` ends with (`arn:…:function:pay:7`)."""
        version = arn.rpartition(":")[2][:64] if isinstance(arn, str) else ""
        return self._names[version] if version else None

    def _given(self, record: Record, caller: Caller) -> _Given:
        """The credentials that the call gave out, without their secrets being looked at."""
        given = mapping(mapping(self._parameters.all(record.responseElements)).get("credentials"))
        if not given:
            return _NOTHING_GIVEN
        asked = mapping(self._parameters.all(record.requestParameters))
        key, role = text_of(given, "accessKeyId"), text_of(asked, "roleArn")
        name = text_of(asked, "roleSessionName") if caller.invoked_by == _LAMBDA else None
        return _Given(
            self._pseudonyms[key] if key else None,
            self._names[role] if role else None,
            _expiry(text_of(given, "expiration")),
            self._names[name] if name else None,
        )


class _Sources(Services):
    """Services by the sources of events; those of Lambda's newer families are Lambda's."""

    def __missing__(self, source: str) -> str:
        name = source.removesuffix(_SERVICE_SUFFIX)
        return self._keep(source, "Lambda" if name.startswith("lambda-") else super().__missing__(name))


class _Undated(Operations):
    """Operations without the date of their API."""

    def __missing__(self, name: str) -> str:
        dated = _DATED.fullmatch(name[:256])
        return self._keep(name, super().__missing__(dated[1] if dated is not None else name))


def _id(text: object) -> str | None:
    """An id that no other call shares: not remembered, unlike names."""
    if text is None or not isinstance(text, str):
        return None
    return text if is_id(text, _MAX_ID_CHARS) else None


def _request_id(text: object) -> str | None:
    found = _id(text)
    return found and as_told(found)


def _expiry(text: str | None) -> float | None:
    if not text or len(text) > 64:
        return None
    try:
        return within(datetime.strptime(" ".join(text.split()), _EXPIRY).replace(tzinfo=UTC).timestamp())
    except (ValueError, OverflowError):
        return moment_of(text)


def _resource(resources: list[Resource]) -> str | None:
    """The first resource, but no object (its key is payload) and no person."""
    for resource in resources:
        arn = resource.ARN or ""
        if arn and not (resource.type or "").endswith("Object") and ":user/" not in arn:
            return None if ":assumed-role/" in arn else arn
    return None


def _owner(resources: list[Resource] | None, target: str | None) -> str | None:
    for resource in resources or ():
        account = resource.accountId
        if account and not (resource.type or "").endswith("Object"):
            return account if _is_account(account) else None
    if target is None or not target.startswith("arn:"):
        return None
    parts = target.split(":", 5)
    return parts[4] if len(parts) == 6 and _is_account(parts[4]) else None


def _is_account(text: str) -> bool:
    return len(text) == 12 and text.isascii() and text.isdigit()


def _flag(value: bool | str | None) -> bool | None:
    return _FLAGS.get(value.casefold()) if isinstance(value, str) else value
