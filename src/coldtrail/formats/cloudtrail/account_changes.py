"""Changes of roles, people, keys and logs: what an intruder changes around functions, and not in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from coldtrail.features.names.masking import RawNames
from coldtrail.formats.cloudtrail.documents import Record
from coldtrail.formats.cloudtrail.making import change_by
from coldtrail.formats.cloudtrail.parameters import Parameters, mapping, text_of
from coldtrail.formats.cloudtrail.policies import (
    account_of,
    accounts_let_in,
    gives_all_rights,
    is_of_all_rights,
)
from coldtrail.records.witnesses import ApiCall, Change

_ROLES = (
    *("AttachRolePolicy", "DetachRolePolicy", "PutRolePolicy", "DeleteRolePolicy", "UpdateAssumeRolePolicy"),
    *("PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary", "CreateRole", "DeleteRole"),
)
_IDENTITIES = (
    *("CreateUser", "CreateAccessKey", "CreateLoginProfile", "UpdateLoginProfile", "AttachUserPolicy"),
    *("PutUserPolicy", "AddUserToGroup", "AttachGroupPolicy", "PutGroupPolicy", "DeactivateMFADevice"),
    *("CreatePolicyVersion", "SetDefaultPolicyVersion", "CreateOpenIDConnectProvider"),
    *("CreateSAMLProvider", "UpdateSAMLProvider"),
)
_FAMILIES = {
    **{("IAM", name): "roles" for name in _ROLES},
    **{("IAM", name): "identities" for name in _IDENTITIES},
    **{
        ("KMS", name): "keys" for name in ("CreateGrant", "PutKeyPolicy", "DisableKey", "ScheduleKeyDeletion")
    },
    **{("CloudTrail", name): "logs" for name in ("StartLogging", "CreateTrail")},
}
_SILENCES = {
    *(("CloudTrail", name) for name in ("StopLogging", "DeleteTrail", "DeleteEventDataStore")),
    *(
        ("CloudTrail", "StopEventDataStoreIngestion"),
        ("EC2", "DeleteFlowLogs"),
        ("GuardDuty", "DeleteDetector"),
    ),
    *(("Config", name) for name in ("StopConfigurationRecorder", "DeleteConfigurationRecorder")),
    ("Config", "DeleteDeliveryChannel"),
    ("Route53Resolver", "DeleteResolverQueryLogConfig"),
    ("Route53Resolver", "DisassociateResolverQueryLogConfig"),
    ("SecurityHub", "DisableSecurityHub"),
}
"""What makes a log of the account end."""
_SELECTS = {("CloudTrail", name) for name in ("PutEventSelectors", "UpdateTrail", "UpdateEventDataStore")}
_FORGETS = {("Logs", name) for name in ("DeleteLogGroup", "DeleteLogStream", "DeleteSubscriptionFilter")}
_FUNCTION_LOGS = "/aws/lambda/"
_DOCUMENTS = ("policyDocument", "assumeRolePolicyDocument", "policy")
_MOST_SELECTORS = 100


class AccountChanges:
    """Calls of IAM, of keys and of logs to the changes that they made."""

    def __init__(self) -> None:
        self._names = RawNames()

    def changes(self, call: ApiCall, record: Record) -> Iterator[Change]:
        """The change, also one that failed (`error_code`); none where the call changes nothing of these."""
        key = (call.service, call.operation)
        family = _FAMILIES.get(key)
        if family is not None:
            yield self._of_rights(call, family, mapping(Parameters.all(record.requestParameters)))
        elif key in _SILENCES:
            yield replace(change_by(call, "", "logs"), target=call.target, effects=("less logging",))
        elif key in _SELECTS:
            less = _logs_less(mapping(Parameters.all(record.requestParameters)))
            change = replace(change_by(call, "", "logs"), target=call.target)
            yield replace(change, effects=("less logging",)) if less else change
        elif key in _FORGETS and (call.target or "").startswith(_FUNCTION_LOGS):
            function = (call.target or "").removeprefix(_FUNCTION_LOGS).partition("/")[0]
            change = change_by(call, self._names[function] if function else "", "logs")
            yield replace(change, target=call.target, effects=("less logging",))

    def _of_rights(self, call: ApiCall, family: str, request: Mapping[str, object]) -> Change:
        document = text_of(request, *_DOCUMENTS)
        role, policy = text_of(request, "roleName"), text_of(request, "policyArn")
        grantee = account_of(text_of(request, "granteePrincipal") or "")
        every_right = is_of_all_rights(policy) or gives_all_rights(document)
        adds = not call.operation.startswith(("Detach", "Delete"))
        named = policy or (text_of(request, "policyName") if role else call.target)
        return replace(
            change_by(call, "", family),
            role=self._names[role] if role else None,
            target=self._names[named] if named else None,
            lets_in=tuple(dict.fromkeys((*accounts_let_in(document), *((grantee,) if grantee else ())))),
            effects=("all rights",) if every_right and adds else (),
        )


def _logs_less(request: Mapping[str, object]) -> bool:
    """Whether a trail is told to leave out what is managed, what is written, or other regions."""
    plain, advanced = request.get("eventSelectors"), request.get("advancedEventSelectors")
    if isinstance(plain, list) and plain:
        return not any(
            mapping(one).get("includeManagementEvents") is not False
            and mapping(one).get("readWriteType") in (None, "All", "WriteOnly")
            for one in plain[:_MOST_SELECTORS]
        )
    if isinstance(advanced, list) and advanced:
        return not any("Management" in _categories(mapping(one)) for one in advanced[:_MOST_SELECTORS])
    return any(request.get(key) is False for key in ("isMultiRegionTrail", "includeGlobalServiceEvents"))


def _categories(selector: Mapping[str, object]) -> list[object]:
    """The categories of events that an advanced selector selects."""
    fields = selector.get("fieldSelectors")
    found: list[object] = []
    for one in fields[:_MOST_SELECTORS] if isinstance(fields, list) else ():
        chosen = mapping(one).get("equals")
        if mapping(one).get("field") == "eventCategory" and isinstance(chosen, list):
            found += chosen
    return found
