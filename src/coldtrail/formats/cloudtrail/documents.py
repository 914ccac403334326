"""The fields of CloudTrail records that may enter: everything else stays in the decoder.

Source: AWS CloudTrail user guide, "CloudTrail record contents" and "CloudTrail userIdentity element".
"""

from __future__ import annotations

from msgspec import Raw, Struct, field

NO_RAW = Raw()


class Issuer(Struct, gc=False):
    """The role whose session it is."""

    type: str | None = None
    arn: str | None = None


class Attributes(Struct, gc=False):
    """Of a session."""

    creationDate: str | None = None


class Session(Struct, gc=False):
    """Of temporary credentials."""

    sessionIssuer: Issuer | None = None
    attributes: Attributes | None = None


class Scope(Struct, gc=False):
    """What the credentials were issued to."""

    issuerType: str | None = None
    credentialsIssuedTo: str | None = None
    credentialsIssuedToVersion: str | None = None
    sourceArn: str | None = None


class Identity(Struct, gc=False):
    """Who called."""

    type: str | None = None
    principalId: str | None = None
    arn: str | None = None
    accountId: str | None = None
    accessKeyId: str | None = None
    invokedBy: str | None = None
    sessionContext: Session | None = None
    inScopeOf: Scope | None = None


class Resource(Struct, gc=False):
    """What was touched."""

    ARN: str | None = None
    type: str | None = None
    accountId: str | None = None


class Additional(Struct, gc=False):
    """What the service that was called adds, whatever its types are."""

    bytesTransferredIn: object = None
    bytesTransferredOut: object = None
    AuthenticationMethod: object = None
    id_2: object = field(default=None, name="x-amz-id-2")
    xAmzId2: object = None
    customerEniId: object = None
    functionVersion: object = None


class Record(Struct, gc=False):
    """A record, or what holds some: an answer, a file, an event of EventBridge."""

    # Decoding is faster where keys stand in the order in which documents have them.
    eventVersion: str | None = None
    userIdentity: Raw = NO_RAW
    """Read apart: the same for all that one set of credentials did."""
    eventTime: str | None = None
    eventSource: str | None = None
    eventName: str | None = None
    awsRegion: str | None = None
    sourceIPAddress: str | None = None
    userAgent: str | None = None
    errorCode: str | None = None
    requestParameters: Raw = NO_RAW
    """Only listed keys of this and of the next two are taken."""
    responseElements: Raw = NO_RAW
    additionalEventData: Additional | None = None
    requestID: str | None = None
    eventID: str | None = None
    readOnly: bool | str | None = None
    resources: list[Resource] | None = None
    eventType: str | None = None
    recipientAccountId: str | None = None
    sharedEventID: str | None = None
    vpcEndpointId: str | None = None
    vpcEndpointAccountId: str | None = None
    eventCategory: str | None = None
    sessionCredentialFromConsole: bool | str | None = None
    Records: list[Raw] | None = None
    Events: list[Raw] | None = None
    """Of an answer of `LookupEvents`."""
    detail: Raw = NO_RAW
    """Of an event of EventBridge."""
    CloudTrailEvent: str | None = None
    """Of one event of `LookupEvents`."""
    eventJson: str | None = None
    """Of a row of CloudTrail Lake."""
    digestEndTime: str | None = None
    """Of a digest file."""
