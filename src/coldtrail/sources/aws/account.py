"""An account and region that a source reads: its clients, under an assumed role where one is named."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from msgspec import Struct

from coldtrail.errors import ConfigError
from coldtrail.records.intake import Permission
from coldtrail.sources.aws.refusals import asking

_CONNECT_S, _READ_S = 3.1, 20.0
_SESSION_S = 3_600


class AwsSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all sources in AWS have in common."""

    region: str = ""
    """By default what the environment, or an address among the settings, says."""
    role_arn: str = ""
    """A role to take on, in this account or another."""
    external_id_env: str = ""
    """The environment variable that holds the external id which that role asks for."""
    endpoint_url: str = ""
    """Where the services answer, if not at their usual addresses (a VPC endpoint, a local cloud)."""


def under_role(sts: Any, asked: Mapping[str, Any], core: Any, region: str | None) -> Any:
    """A session of the role that `asked` names, on a session of botocore; its credentials are asked for at
    the first call, and anew before they expire."""
    from boto3 import Session
    from botocore.credentials import DeferredRefreshableCredentials

    def refreshed() -> dict[str, str]:
        given = sts.assume_role(**asked)["Credentials"]
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given["SessionToken"],
            "expiry_time": given["Expiration"].isoformat(),
        }

    core._credentials = DeferredRefreshableCredentials(refreshed, "assume-role")
    return Session(botocore_session=core, region_name=region)


class Account:
    """Makes clients, each of a session of the source's own; nothing is asked before the first call."""

    def __init__(
        self, name: str, settings: AwsSettings, environment: Mapping[str, str], region: str = ""
    ) -> None:
        """`region` is what other settings say of it. Raises `ConfigError` where a secret is missing."""
        self._name, self._settings = name, settings
        self._external_id = ""
        if settings.external_id_env:
            self._external_id = environment.get(settings.external_id_env, "")
            if not self._external_id:
                raise ConfigError(
                    f"{name}: external_id_env names {settings.external_id_env}, which is not set; set it."
                )
        self._region = settings.region or region
        self._session: Any = None
        self._clients: dict[str, Any] = {}
        _boto3()

    @property
    def region(self) -> str:
        """Where it is read, as far as that is known without asking."""
        return self._region or "*"

    def arn(self, service: str, resource: str, *, account: str = "*") -> str:
        """The ARN of a resource here."""
        return f"arn:{self._partition()}:{service}:{self.region}:{account}:{resource}"

    def bucket_arn(self, path: str) -> str:
        """The ARN of a bucket, or of what lies in it."""
        return f"arn:{self._partition()}:s3:::{path}"

    def needs(self) -> list[Permission]:
        """What it takes to be in the account at all."""
        if not self._settings.role_arn:
            return []
        return [Permission(("sts:AssumeRole",), (self._settings.role_arn,), "to read as this role")]

    def client(self, service: str) -> Any:
        """The client of a service; raises `SourceError` where there are no credentials or no region."""
        if service not in self._clients:
            with asking(self._name, "sts:AssumeRole", self._settings.role_arn or "the role"):
                self._clients[service] = self._made(self._entered(), service)
        return self._clients[service]

    def close(self) -> None:
        """Closes all connections; they are made anew where the source goes on."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        self._session = None

    def _partition(self) -> str:
        if self._region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self._region.startswith("us-gov-") else "aws"

    def _entered(self) -> Any:
        if self._session is None:
            boto3 = _boto3()
            own = boto3.Session(botocore_session=_session(), region_name=self._region or None)
            self._session = own if not self._settings.role_arn else self._assumed(own)
        return self._session

    def _assumed(self, own: Any) -> Any:
        sts = self._made(own, "sts")
        asked = {
            "RoleArn": self._settings.role_arn,
            "RoleSessionName": f"coldtrail-{int(time.time())}",
            "DurationSeconds": _SESSION_S,
        }
        if self._external_id:
            asked["ExternalId"] = self._external_id

        return under_role(sts, asked, _session(), own.region_name)

    def _made(self, session: Any, service: str) -> Any:
        from botocore.config import Config

        return session.client(
            service,
            endpoint_url=self._settings.endpoint_url or None,
            config=Config(
                # The source pauses by itself, and says so.
                retries={"total_max_attempts": 1, "mode": "standard"},
                connect_timeout=_CONNECT_S,
                read_timeout=_READ_S,
                user_agent_extra="coldtrail",
            ),
        )


def _session() -> Any:
    """A session of its own, but for the descriptions of services, which are large and never change."""
    from botocore.session import Session

    session = Session()
    session.register_component("data_loader", _loader())
    return session


@cache
def _loader() -> Any:
    from botocore.loaders import create_loader

    return create_loader()


def _boto3() -> Any:
    try:
        import boto3
    except ModuleNotFoundError:
        raise ConfigError(
            "To read what an AWS account records takes boto3, which is not installed: "
            "`pip install 'coldtrail[aws]'`."
        ) from None
    return boto3
