"""Calls to AWS: one client, under a role where one is named, each call within one deadline.

An error names the service and AWS's code for what is wrong; the rest of the answer is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from coldtrail.errors import ConfigError
from coldtrail.notifiers.deadline import DEADLINE_S, STEP_S, allowed_time
from coldtrail.notifiers.http import pause_of
from coldtrail.notifiers.notifier import DeliveryError
from coldtrail.notifiers.secret import secret
from coldtrail.records.intake import Permission
from coldtrail.sources.aws.account import under_role

_CODE = re.compile(r"[A-Za-z0-9.:_-]{1,60}")
_PASSING = re.compile(r"Throttl|TooManyRequests|RequestLimit|Expired|Internal|Unavailable|Timeout|SlowDown")
"""Of codes that come with a status of 400, those that may pass by themselves."""


class AwsSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What channels in AWS have in common."""

    region: str = ""
    """By default what an ARN among the settings, or the environment, says."""
    role_arn: str = ""
    """A role to take on, in this account or another."""
    external_id_env: str = ""
    """Name of the environment variable with the external id that the role asks for."""
    endpoint_url: str = ""
    """Where the services answer, if not at their usual addresses (a VPC endpoint, a local cloud)."""
    timeout_s: float = DEADLINE_S
    """How long an answer may take, in seconds, 25 at most."""


class Caller:
    """Makes the calls of one channel; nothing is asked before the first."""

    def __init__(
        self, settings: AwsSettings, environment: Mapping[str, str], told: str, region: str = ""
    ) -> None:
        """`region` is what an ARN says. Raises `ConfigError`, among others where no region is known."""
        allowed_time(settings.timeout_s)
        self._settings, self._told = settings, told
        variable = settings.external_id_env
        self._external_id = secret(environment, variable, "external_id_env") if variable else ""
        own = _boto3().Session(region_name=settings.region or region or None)
        if not own.region_name:
            raise ConfigError("region: no region is known; name one.")
        self.region: str = own.region_name
        self._own, self._session = own, None
        self._clients: dict[str, Any] = {}

    @property
    def partition(self) -> str:
        """`aws`, or that of China or of the government."""
        starts = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
        return next((name for start, name in starts.items() if self.region.startswith(start)), "aws")

    def needs(self) -> list[Permission]:
        """What it takes to be in the account at all."""
        role = self._settings.role_arn
        return [Permission(("sts:AssumeRole",), (role,), "to notify as this role")] if role else []

    def call(self, service: str, operation: str, **given: Any) -> dict[str, Any]:
        """The answer of a call; raises `DeliveryError`."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer: dict[str, Any] = getattr(self._client(service), operation)(**given)
        except ClientError as error:
            raise self._refused(error.response) from None
        except (BotoCoreError, OSError, ValueError) as error:
            told = f"{self._told} could not be asked ({type(error).__name__}); it is tried again."
            raise DeliveryError(told, retryable=True) from None
        return answer

    def refused(self, code: str) -> DeliveryError:
        """What a code means that stands in an answer, of one message among several."""
        return self._refused({"Error": {"Code": code}})

    def _refused(self, answer: Mapping[str, Any]) -> DeliveryError:
        code = str(answer.get("Error", {}).get("Code", ""))
        status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
        headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        shown = code if _CODE.fullmatch(code) else "no code"
        if status >= 500 or status in (408, 425, 429) or _PASSING.search(shown):
            return DeliveryError(
                f"{self._told} answered {status} ({shown}); it is tried again.",
                retryable=True,
                retry_after_s=pause_of(headers.get("retry-after")),
            )
        return DeliveryError(
            f"{self._told} refused the message ({shown}); mend the settings or the rights, then run "
            "`coldtrail outbox replay`.",
            retryable=False,
        )

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            if self._session is None:
                self._session = self._assumed() if self._settings.role_arn else self._own
            self._clients[service] = self._made(self._session, service)
        return self._clients[service]

    def _assumed(self) -> Any:
        """A session of the role, whose credentials are asked for anew before they expire."""
        from botocore.session import Session

        sts = self._made(self._own, "sts")
        asked = {"RoleArn": self._settings.role_arn, "RoleSessionName": "coldtrail-notify"}
        if self._external_id:
            asked["ExternalId"] = self._external_id
        return under_role(sts, asked, Session(), self.region)

    def _made(self, session: Any, service: str) -> Any:
        from botocore.config import Config

        config = Config(
            retries={"total_max_attempts": 1, "mode": "standard"},
            connect_timeout=min(self._settings.timeout_s, STEP_S),
            read_timeout=self._settings.timeout_s,
            user_agent_extra="coldtrail",
        )
        return session.client(service, endpoint_url=self._settings.endpoint_url or None, config=config)


def region_of(arn: str) -> str:
    """The region of an ARN; empty where it is none or has none."""
    parts = arn.split(":")
    return parts[3] if len(parts) > 5 and parts[0] == "arn" else ""


def _boto3() -> Any:
    try:
        import boto3
    except ModuleNotFoundError:
        raise ConfigError(
            "Channels in AWS take boto3, which is not installed: `pip install 'coldtrail[aws]'`."
        ) from None
    return boto3
