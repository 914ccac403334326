from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from coldtrail.errors import ConfigError
from coldtrail.notifiers.notifier import DeliveryError
from coldtrail.notifiers.security_hub import SecurityHubNotifier, SecurityHubSettings
from tests.notifiers.cloud import REGION, client, cloud
from tests.notifiers.http_server import Place
from tests.notifiers.messages import LONG, a_message


def notifier(place: Place | None = None, **table: Any) -> SecurityHubNotifier:
    url = f"http://127.0.0.1:{place.port}" if place else ""
    whole = {"region": REGION, "endpoint_url": url} | table
    return SecurityHubNotifier(msgspec.convert(whole, SecurityHubSettings), {})


def findings(*messages: Any, **table: Any) -> list[dict[str, Any]]:
    with cloud("hush") as place:
        sender = notifier(place, **table)
        for message in messages:
            sender.send(message)
        bodies = [one.body for one in place.requests if one.path.startswith("/findings")]
    return [json.loads(body)["Findings"][0] for body in bodies]


def test_a_finding_stands_under_the_id_of_the_alert_and_is_archived_at_its_end() -> None:
    first, update, end = findings(*(a_message(what=what) for what in ("trigger", "update", "resolve")))
    assert {one["Id"] for one in (first, update, end)} == {a_message().alert_id}
    assert [one["RecordState"] for one in (first, update, end)] == ["ACTIVE", "ACTIVE", "ARCHIVED"]
    assert first["UpdatedAt"] <= update["UpdatedAt"] <= end["UpdatedAt"]
    assert first["CreatedAt"] == end["CreatedAt"]
    assert first["Resources"][0]["Id"] == "arn:aws:lambda:eu-west-1:123456789012:function:Confirm"
    assert first["FindingProviderFields"]["Severity"]["Label"] == "HIGH"
    stored = client("securityhub").get_findings()["Findings"]
    assert a_message().alert_id in {one["Id"] for one in stored}


def test_findings_are_of_the_account_that_calls_wherever_the_alert_was() -> None:
    (own,) = findings(a_message(account="999999999999"))
    assert own["AwsAccountId"] == "123456789012"
    assert own["ProductArn"].endswith(":123456789012:product/123456789012/default")
    assert ":999999999999:" in own["Resources"][0]["Id"]
    (other,) = findings(a_message(account="other", function=""), account="210987654321")
    assert other["AwsAccountId"] == "210987654321"
    assert other["Resources"] == [{"Type": "Other", "Id": "other/eu-west-1/airline"}]


def test_findings_keep_to_the_limits_of_the_format() -> None:
    (long,) = findings(LONG)
    assert len(long["Title"]) <= 256
    assert len(long["Description"]) <= 1_024
    assert len(json.dumps(long)) <= 240_000


@pytest.mark.parametrize(("code", "retryable"), [("InternalException", True), ("InvalidInput", False)])
def test_a_finding_that_failed_is_a_failure(code: str, retryable: bool) -> None:
    with cloud("hush") as place:
        answer = {"FailedCount": 1, "SuccessCount": 0, "FailedFindings": [{"Id": "x", "ErrorCode": code}]}
        place.taken = lambda: (200, json.dumps(answer).encode())
        with pytest.raises(DeliveryError, match=code) as caught:
            notifier(place, account="123456789012").send(a_message())
    assert caught.value.retryable is retryable


def test_an_account_has_twelve_digits() -> None:
    with pytest.raises(ConfigError, match="account"):
        notifier(account="prod")
    (need,) = notifier().needs()
    assert need.actions == ("securityhub:BatchImportFindings",)
