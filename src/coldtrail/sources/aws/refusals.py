"""What AWS answers instead of telemetry, as `SourceError`: whether to try again, and the remedy if not.

Codes: "Common error types" and "Errors" of each API in the AWS documentation.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from coldtrail.errors import SourceError

_THROTTLED = ("throttl", "slowdown", "toomanyrequests", "throughputexceeded", "limitexceeded", "priorrequest")
_DENIED = ("accessdenied", "unauthorizedoperation", "allaccessdisabled", "notauthorized", "forbidden")
_MISSING = ("nosuchbucket", "nonexistentqueue", "queuedoesnotexist", "resourcenotfound", "nosuchentity")
_PASSING = ("expiredtoken", "requesttimeout", "internal", "unavailable", "requestexpired", "timeout")
_CREDENTIALS = (
    *("invalidclienttokenid", "unrecognizedclient", "signaturedoesnotmatch", "invalidaccesskeyid"),
    *("missingauthenticationtoken", "incompletesignature", "optinrequired"),
)
_SKEWED = ("requesttimetooskewed", "requestinthefuture", "invalidsignature")
_TAKING_ON = "AssumeRole"
_SERVER_ERROR = 500
_TOO_MANY = 429
_FORBIDDEN = 403


@contextmanager
def asking(name: str, action: str, resource: str) -> Iterator[None]:
    """Turns what boto3 raises inside into `SourceError`: `action` on `resource` is what has to be allowed."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except ClientError as error:
        if error.operation_name == _TAKING_ON:
            # Credentials are fetched within whatever call needs them.
            action, resource = f"sts:{_TAKING_ON}", "the role that role_arn names, and in its trust policy"
        raise _refused(name, action, resource, error.response) from None
    except (BotoCoreError, ResponseParserError) as error:
        raise _failed(name, action, error) from None


def checked(name: str, action: str, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer of a call that always says something; raises `SourceError` where it says nothing: whoever
    stands between may answer rubbish, and boto3 reads that as an answer without anything."""
    if answer.keys() <= {"ResponseMetadata"}:
        raise SourceError(f"{name}: {action} got an answer that says nothing.", retryable=True)
    return answer


def code_of(error: Exception) -> str:
    """The code that a refused call was answered with, empty where it was not answered."""
    response: dict[str, Any] = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def _refused(name: str, action: str, resource: str, response: dict[str, Any]) -> SourceError:
    code = str(response.get("Error", {}).get("Code", ""))
    answer = response.get("ResponseMetadata", {})
    status = answer.get("HTTPStatusCode", 0)
    plain = code.casefold().replace(".", "").replace("_", "")

    def is_one(of: tuple[str, ...]) -> bool:
        return any(part in plain for part in of)

    if is_one(_THROTTLED) or status == _TOO_MANY:
        after = _seconds(answer.get("HTTPHeaders", {}).get("retry-after"))
        return SourceError(f"{name}: {action} is throttled ({code}).", retryable=True, retry_after_s=after)
    if is_one(_PASSING) or status >= _SERVER_ERROR:
        return SourceError(f"{name}: {action} failed for now ({code or status}).", retryable=True)
    if "kms" in plain:
        why = f"{name}: {resource} is encrypted ({code}): grant kms:Decrypt on its key to whoever reads it."
    elif is_one(_CREDENTIALS):
        why = f"{name}: the credentials are not accepted ({code}): correct them, or the region."
    elif is_one(_SKEWED):
        why = f"{name}: AWS did not accept the time of this request ({code}): set this machine's clock."
    elif is_one(_MISSING):
        why = f"{name}: {resource} does not exist ({code}): create it, or correct the settings."
    elif is_one(_DENIED) or status == _FORBIDDEN:
        why = f"{name}: {action} is not allowed ({code}): grant {action} on {resource}."
    else:
        why = f"{name}: {action} on {resource} was refused ({code or status}): correct the settings."
    return SourceError(why)


def _failed(name: str, action: str, error: Exception) -> SourceError:
    from botocore import exceptions

    kind = type(error).__name__
    if isinstance(error, exceptions.NoCredentialsError | exceptions.PartialCredentialsError):
        return SourceError(
            f"{name}: there are no AWS credentials ({kind}): give this machine a role, or set AWS_PROFILE."
        )
    if isinstance(error, exceptions.NoRegionError):
        return SourceError(f"{name}: there is no AWS region: set `region` for this source, or AWS_REGION.")
    if isinstance(
        error,
        exceptions.ParamValidationError
        | exceptions.ProfileNotFound
        | exceptions.InvalidRegionError
        | exceptions.ConfigParseError,
    ):
        return SourceError(f"{name}: {action} cannot be asked for ({kind}): correct the settings.")
    return SourceError(f"{name}: {action} got no answer that can be read ({kind}).", retryable=True)


def _seconds(header: str | None) -> float | None:
    try:
        return min(float(header), 3_600.0) if header else None
    except ValueError:
        return None
