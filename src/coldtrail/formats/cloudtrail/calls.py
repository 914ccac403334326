"""The call that a record tells of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from coldtrail.features.names.masking import RawNames
from coldtrail.formats.callers import Agents, service_of
from coldtrail.formats.cloudtrail.documents import Identity, Record, Resource
from coldtrail.formats.cloudtrail.parameters import mapping, number_of, target_of, text_of
from coldtrail.formats.moments import moment_of, within
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.formats.services import Operations, Resources, Services
from coldtrail.records.witnesses import ApiCall

_DATED = re.compile(r"(.+?)_?20\d{2}_?\d{2}_?\d{2}(?:v\d)?")
"""How the names of older operations end (`UpdateFunctionCode20150331v2`): with the date of their API."""
_SERVICE_SUFFIX = ".amazonaws.com"
_LAMBDA = "lambda.amazonaws.com"
_EXPIRY = "%b %d, %Y, %I:%M:%S %p"
"""`Jul 10, 2023, 12:34:56 PM`: how STS writes when credentials expire."""


class CallMaker:
    """Records to calls."""

    def __init__(self, max_chars: int, pseudonyms: Pseudonyms) -> None:
        self._services = Services(max_chars)
        self._operations = _Undated(max_chars)
        self._resources = Resources()
        self._names = RawNames()
        self._agents = Agents()
        self._pseudonyms = pseudonyms

    def make(self, record: Record, event_id: str, time: float, digest: str) -> ApiCall:
        """The call; `digest` stands for all of the record."""
        identity = record.userIdentity or Identity()
        service = self._service(record.eventSource or "")
        request, more = mapping(record.requestParameters), mapping(record.additionalEventData)
        agent = self._agents[record.userAgent or ""]
        address = record.sourceIPAddress or ""
        source_service = service_of(address)
        session = _session_of(identity)
        invoked_by = service_of(identity.invokedBy or "")
        issued = _issued(record) if service == "STS" else None
        in_function = agent.in_function or (issued is not None and invoked_by == _LAMBDA)
        target = target_of(service, request, self._pseudonyms.__getitem__) or _resource(record.resources)
        names = self._names
        return ApiCall(
            event_id=event_id,
            time=time,
            account=names[record.recipientAccountId or identity.accountId or ""],
            region=names[record.awsRegion or ""],
            service=service,
            operation=self._operations[record.eventName or ""],
            digest=digest,
            shared_id=self._name(record.sharedEventID),
            target=self._resources[target] if target else None,
            target_account=_owner(record.resources, target),
            error_code=self._name(record.errorCode),
            request_id=self._name(record.requestID),
            extended_request_id=self._name(text_of(more, "x-amz-id-2", "xAmzId2")),
            access_key=self._hidden(identity.accessKeyId),
            principal=self._hidden(identity.arn or identity.principalId),
            principal_kind=self._name(identity.type),
            principal_account=self._name(identity.accountId),
            role=self._name(_role_of(identity)),
            session=self._hidden(session),
            session_function=self._name(_named_session(request, session) if in_function else None),
            credentials_of=self._name(_function_of(identity)),
            issued=_issued_at(identity),
            invoked_by=invoked_by,
            source_ip=self._hidden(address) if source_service is None else None,
            source_service=source_service,
            user_agent=agent.family,
            environment=agent.environment,
            vpc_endpoint=self._name(record.vpcEndpointId),
            vpc_endpoint_account=self._name(record.vpcEndpointAccountId),
            read_only=_flag(record.readOnly),
            data_event=record.eventCategory == "Data",
            console=_flag(record.sessionCredentialFromConsole) is True,
            presigned=text_of(more, "AuthenticationMethod") == "QueryString",
            bytes_in=number_of(more, "bytesTransferredIn"),
            bytes_out=number_of(more, "bytesTransferredOut"),
            function_version=self._name(_version(text_of(more, "functionVersion"))),
            interface=self._name(text_of(more, "customerEniId")),
            issued_key=self._hidden(text_of(issued, "accessKeyId")) if issued else None,
            issued_role=self._name(text_of(request, "roleArn")) if issued else None,
            issued_until=_expiry(text_of(issued, "expiration")) if issued else None,
        )

    def _service(self, source: str) -> str:
        name = source.removesuffix(_SERVICE_SUFFIX)
        return "Lambda" if name.startswith("lambda-") else self._services[name]

    def _name(self, name: str | None) -> str | None:
        return self._names[name] if name else None

    def _hidden(self, name: str | None) -> str | None:
        return self._pseudonyms[name] if name else None


class _Undated(Operations):
    """Operations without the date of their API."""

    def __missing__(self, name: str) -> str:
        dated = _DATED.fullmatch(name[:256])
        return self._keep(name, super().__missing__(dated[1] if dated is not None else name))


def _session_of(identity: Identity) -> str | None:
    """The name of a role's session: the end of its ARN, or of its principal's id."""
    if identity.type != "AssumedRole":
        return None
    parts = (identity.arn or "").split("/", 2)
    if len(parts) == 3:
        return parts[2]
    return (identity.principalId or "").partition(":")[2] or None


def _named_session(request: Mapping[str, object], session: str | None) -> str | None:
    return text_of(request, "roleSessionName") or session


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


def _issued(record: Record) -> Mapping[str, object] | None:
    """Credentials that the call gave out, without their secrets being looked at."""
    return mapping(mapping(record.responseElements).get("credentials")) or None


def _expiry(text: str | None) -> float | None:
    if not text or len(text) > 64:
        return None
    try:
        return within(datetime.strptime(" ".join(text.split()), _EXPIRY).replace(tzinfo=UTC).timestamp())
    except (ValueError, OverflowError):
        return moment_of(text)


def _resource(resources: list[Resource] | None) -> str | None:
    """The first resource, but no object (its key is payload) and no person."""
    for resource in resources or ():
        arn = resource.ARN or ""
        if arn and not (resource.type or "").endswith("Object") and ":user/" not in arn:
            return None if ":assumed-role/" in arn else arn
    return None


def _owner(resources: list[Resource] | None, target: str | None) -> str | None:
    for resource in resources or ():
        if resource.accountId and not (resource.type or "").endswith("Object"):
            return resource.accountId if _is_account(resource.accountId) else None
    parts = (target or "").split(":", 5)
    return parts[4] if len(parts) == 6 and _is_account(parts[4]) else None


def _is_account(text: str) -> bool:
    return len(text) == 12 and text.isascii() and text.isdigit()


def _version(arn: str | None) -> str | None:
    """The version that `functionVersion` ends with (`arn:…:function:pay:7`)."""
    return (arn or "").rpartition(":")[2][:64] or None


def _flag(value: bool | str | None) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.casefold())
    return value
