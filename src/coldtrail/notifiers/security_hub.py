"""AWS Security Hub: a finding in ASFF for each alert, under the alert's id.

Security Hub takes findings of the caller's own account only, so alerts of other accounts name theirs in the
resource. A finding's workflow is the customer's and cannot be set again by an import; an end archives the
record.
Source: https://docs.aws.amazon.com/securityhub/latest/APIReference/API_BatchImportFindings.html (240 KB a
finding), https://docs.aws.amazon.com/securityhub/latest/partnerguide/guidelines-asff-mapping.html (256
characters of title, 1,024 of description)
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from coldtrail.alerts.showing.plain import short
from coldtrail.errors import ConfigError
from coldtrail.notifiers.aws import AwsSettings, Caller
from coldtrail.notifiers.bounds import bounded, iso
from coldtrail.records.delivery import Message
from coldtrail.records.intake import Permission

_LONGEST_DESCRIPTION = 1_024
_NORMALIZED = {"low": "LOW", "medium": "MEDIUM", "high": "HIGH", "critical": "CRITICAL"}


class SecurityHubSettings(AwsSettings, frozen=True, kw_only=True):
    """`[[notify]] kind = "security-hub"`"""

    account: str = ""
    """The account whose Security Hub it is; by default that of the credentials, which are asked once."""
    product_arn: str = ""
    """Of a partner's own product; by default the account's own."""


class SecurityHubNotifier:
    """Imports each message as the present state of its finding."""

    Settings: ClassVar[type[SecurityHubSettings]] = SecurityHubSettings
    digests: ClassVar[bool] = False

    def __init__(self, settings: SecurityHubSettings, environment: Mapping[str, str]) -> None:
        self._account, self._product = settings.account, settings.product_arn
        if self._account and not _is_account(self._account):
            raise ConfigError(f"account: {self._account!r} is no account of twelve digits.")
        self._caller = Caller(settings, environment, "Security Hub")

    def send(self, message: Message) -> None:
        """Imports the finding."""
        if not self._account:
            self._account = str(self._caller.call("sts", "get_caller_identity")["Account"])
        finding = self._finding(bounded(message))
        answer = self._caller.call("securityhub", "batch_import_findings", Findings=[finding])
        if answer.get("FailedCount"):
            failed = answer.get("FailedFindings") or [{}]
            raise self._caller.refused(str(failed[0].get("ErrorCode", "")))

    def needs(self) -> Sequence[Permission]:
        """To import findings."""
        arn = self._product_arn(self._account or "*")
        told = Permission(("securityhub:BatchImportFindings",), (arn,), "to tell alerts")
        return [*self._caller.needs(), told]

    def _product_arn(self, account: str) -> str:
        of = self._caller
        own = f"arn:{of.partition}:securityhub:{of.region}:{account}:product/{account}/default"
        return self._product or own

    def _finding(self, message: Message) -> dict[str, Any]:
        finding: dict[str, Any] = {
            "SchemaVersion": "2018-10-08",
            "Id": message.alert_id,
            "ProductArn": self._product_arn(self._account),
            "GeneratorId": "coldtrail",
            "AwsAccountId": self._account,
            "CreatedAt": iso(message.first_seen),
            "UpdatedAt": iso(time.time()),
            "FirstObservedAt": iso(message.first_seen),
            "LastObservedAt": iso(message.at),
            "Title": message.title,
            "Description": short("; ".join(message.lines) or message.title, _LONGEST_DESCRIPTION),
            "FindingProviderFields": {
                "Severity": {"Label": _NORMALIZED[message.severity], "Original": message.severity},
                "Types": ["Unusual Behaviors/Application"],
            },
            "ProductFields": _fields(message),
            "Resources": [_resource(message, self._caller.partition)],
            "RecordState": "ARCHIVED" if message.what == "resolve" else "ACTIVE",
        }
        if message.link:
            finding["SourceUrl"] = message.link
        return finding


def _fields(message: Message) -> dict[str, str]:
    named = {
        "ProviderName": "Coldtrail",
        "coldtrail/dedup_key": message.dedup_key,
        "coldtrail/event": message.event or "",
        "coldtrail/case": message.case_id or "",
        "coldtrail/count": str(message.count),
        "coldtrail/application": message.application,
    }
    return {name: value for name, value in named.items() if value.strip()}


def _resource(message: Message, partition: str) -> dict[str, Any]:
    account, region, function = message.account, message.region, message.function
    if function and region and _is_account(account):
        arn = f"arn:{partition}:lambda:{region}:{account}:function:{function}"
        return {"Type": "AwsLambdaFunction", "Id": arn, "Partition": partition, "Region": region}
    named = "/".join(part for part in (account, region, message.application, function) if part.strip())
    return {"Type": "Other", "Id": named or message.alert_id}


def _is_account(text: str) -> bool:
    return len(text) == 12 and text.isascii() and text.isdigit()
