"""Which calls look around or reach for power: what stolen credentials are tried with first."""

from __future__ import annotations

from coldtrail.records.witnesses import ApiCall

_POWERFUL = frozenset(
    ("IAM", "Organizations", "CloudTrail", "GuardDuty", "Config", "SecurityHub", "AccessAnalyzer", "Account")
)
"""Services that rule the others, or watch them."""
_WHO_AM_I = frozenset(
    (
        *("GetCallerIdentity", "GetSessionToken", "GetFederationToken", "GetAccessKeyInfo"),
        *("DecodeAuthorizationMessage", "ListAccountAliases"),
    )
)
_LOOKING = ("List", "Describe", "BatchGet")
_OWN_WORK = frozenset(
    (
        *("ListObjects", "ListObjectsV2", "ListObjectVersions", "ListMultipartUploads", "ListParts"),
        *("DescribeTable", "DescribeStream", "DescribeExecution", "ListShards", "DescribeStreamSummary"),
    )
)
"""Lists that are usual work: of what one resource holds."""
_DENIED = ("AccessDenied", "UnauthorizedOperation", "Client.UnauthorizedOperation", "UnauthorizedAccess")


def is_telling(service: str, operation: str) -> bool:
    """Whether a call asks who it is, what there is in the account, or reaches for power."""
    if operation in _WHO_AM_I or service in _POWERFUL:
        return True
    return operation.startswith(_LOOKING) and operation not in _OWN_WORK


def is_denied(call: ApiCall) -> bool:
    """Whether the call was refused for want of a permission."""
    return call.error_code is not None and call.error_code.startswith(_DENIED)
