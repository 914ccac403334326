"""The `userIdentity` of CloudTrail records.

After "CloudTrail userIdentity element" (CloudTrail user guide). Functions' roles have the names that SAM
gives them, but for stack and suffix; unique ids follow from the names.
"""

from hashlib import sha256
from typing import Any

from coldtrail_testbed.cloud.identifiers import ACCOUNT, role_name
from coldtrail_testbed.facts import Caller

STATES = "states.amazonaws.com"
_STATES_ROLE = "StateMachineRole"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def user_identity(caller: Caller, since: str) -> dict[str, Any]:
    """Who `caller` is; `since` is the time at which a role's session was created, as CloudTrail writes it."""
    if caller.kind == "function":
        return assumed_role(role_name(caller.name), caller.name, caller.access_key, since)
    if caller.name == STATES:
        session = unique_id("", _STATES_ROLE + since)
        key = unique_id("ASIA", _STATES_ROLE + since)
        return assumed_role(_STATES_ROLE, session, key, since) | {"invokedBy": STATES}
    if caller.kind == "service":
        return {"type": "AWSService", "invokedBy": caller.name}
    if caller.kind == "session":
        return assumed_role(caller.role, caller.name, caller.access_key, since)
    if caller.kind == "foreign":
        # What a foreign account's trail says of its principals, this one's does not.
        return {
            "type": "AWSAccount",
            "principalId": f"{unique_id('AROA', caller.role)}:{caller.name}",
            "accountId": caller.account,
        }
    if caller.kind == "anyone":
        return {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}
    return _iam_user(caller, since)


def role_arn(role: str) -> str:
    """The ARN of a role."""
    return f"arn:aws:iam::{ACCOUNT}:role/{role}"


def assumed_role(role: str, session: str, access_key: str, since: str) -> dict[str, Any]:
    """The session `session` of a role."""
    principal = unique_id("AROA", role)
    issuer = {
        "type": "Role",
        "principalId": principal,
        "arn": role_arn(role),
        "accountId": ACCOUNT,
        "userName": role,
    }
    return {
        "type": "AssumedRole",
        "principalId": f"{principal}:{session}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}",
        "accountId": ACCOUNT,
        "accessKeyId": access_key,
        "sessionContext": {
            "sessionIssuer": issuer,
            "attributes": {"creationDate": since, "mfaAuthenticated": "false"},
        },
    }


def _iam_user(caller: Caller, since: str) -> dict[str, Any]:
    identity: dict[str, Any] = {
        "type": "IAMUser",
        "principalId": unique_id("AIDA", caller.name),
        "arn": f"arn:aws:iam::{ACCOUNT}:user/{caller.name}",
        "accountId": ACCOUNT,
        "accessKeyId": caller.access_key,
        "userName": caller.name,
    }
    if caller.since is not None:
        identity["sessionContext"] = {
            "attributes": {"creationDate": since, "mfaAuthenticated": str(caller.mfa).lower()}
        }
    by_service = caller.address.endswith(".amazonaws.com")
    return identity | ({"invokedBy": caller.address} if by_service else {})


def unique_id(prefix: str, name: str) -> str:
    """A unique id as IAM makes them, that follows from `name`: the prefix and sixteen letters and digits."""
    return prefix + "".join(_LETTERS[byte % 32] for byte in sha256(name.encode()).digest()[:16])
