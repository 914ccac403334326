"""CloudTrail records."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coldtrail_testbed.facts import Call, Caller
from coldtrail_testbed.telemetry.cloudtrail_records import (
    call_record,
    cloudtrail_event_id,
    event_time,
    execution_record,
    invocation_record,
    session_record,
)

from .truth import START, caller, calls, failed_run, run

_REAL = Path(__file__).parents[5] / "shared" / "data" / "cloudtrail-stratus"
# Fields of "CloudTrail record contents" that the recorded real events happen not to have.
_DOCUMENTED = {"additionalEventData", "errorCode", "errorMessage", "resources", "sharedEventID", "apiVersion"}
_IDENTITY = {"invokedBy"}


def _records() -> list[dict[str, Any]]:
    records = [call_record(call, START) for call in calls()]
    records += [invocation_record(run()), invocation_record(failed_run()), execution_record(failed_run())]
    return [*records, session_record(caller("GetLoyalty"), START)]


def _real() -> list[dict[str, Any]]:
    if not _REAL.is_dir():
        pytest.skip(f"no recorded real events in {_REAL}")
    return [record for path in sorted(_REAL.glob("*.json")) for record in json.loads(path.read_text())]


def test_keys_are_those_of_real_events() -> None:
    keys = {key for record in _real() for key in record} | _DOCUMENTED
    identities = {key for record in _real() for key in record["userIdentity"]} | _IDENTITY
    for record in _records():
        assert record.keys() <= keys
        assert record["userIdentity"].keys() <= identities


def test_what_every_real_event_has_ours_have() -> None:
    always = set.intersection(*(set(record) for record in _real())) - {"tlsDetails"}
    for record in _records():
        assert always <= record.keys()


def test_sessions_have_the_keys_of_real_sessions() -> None:
    sessions = [record["userIdentity"].get("sessionContext", {}) for record in _real()]
    real = {key for session in sessions for part in (session, *session.values()) for key in part}
    ours = call_record(calls()[0], START)["userIdentity"]["sessionContext"]
    assert {key for part in (ours, *ours.values()) for key in part} <= real


def test_a_call_of_a_function() -> None:
    record = call_record(calls()[1], START)
    assert (record["eventSource"], record["eventName"]) == ("s3.amazonaws.com", "PutObject")
    assert record["requestID"] == "P1"
    assert record["eventID"] == cloudtrail_event_id(calls()[1])
    assert "exec-env/AWS_Lambda_python3.11" in record["userAgent"]
    assert record["requestParameters"] == {
        "bucketName": "loyalty-reports",
        "key": "c-1.json",
        "Host": "loyalty-reports.s3.us-east-1.amazonaws.com",
    }
    assert (record["managementEvent"], record["eventCategory"]) == (False, "Data")
    assert record["tlsDetails"]["tlsVersion"] == "TLSv1.3"


def test_a_data_event_of_storage_counts_the_bytes_in_and_out() -> None:
    put = replace(calls()[1], sent_bytes=700, received_bytes=3)
    data = call_record(put, START)["additionalEventData"]
    assert (data["bytesTransferredIn"], data["bytesTransferredOut"]) == (700, 3)
    assert data["AuthenticationMethod"] == "AuthHeader"
    assert "additionalEventData" not in call_record(replace(put, operation="ListBuckets"), START)


def test_a_change_repeats_its_answer() -> None:
    call = Call(START, "lambda", "PublishVersion", caller("F"), "R", response={"version": "2"})
    assert call_record(call, START)["responseElements"] == {"version": "2"}
    assert call_record(replace(call, response=None), START)["responseElements"] is None


def test_a_sign_in_to_the_console_is_no_call_of_an_api() -> None:
    who = Caller("user", "ana", "81.95.112.11", "Mozilla/5.0", "ASIAANA", since=START, mfa=True, console=True)
    call = Call(START, "signin", "ConsoleLogin", who, "R", response={"ConsoleLogin": "Success"})
    record = call_record(call, START)
    assert (record["eventType"], record["eventSource"]) == ("AwsConsoleSignIn", "signin.amazonaws.com")
    assert record["userIdentity"].keys() == {"type", "principalId", "arn", "accountId", "userName"}
    assert record["additionalEventData"]["MFAUsed"] == "Yes"
    assert "requestID" not in record


def test_what_is_done_in_the_console_says_so() -> None:
    who = Caller("user", "ana", "81.95.112.11", "Mozilla/5.0", "ASIAANA", since=START, mfa=True, console=True)
    call = Call(START + 9, "iam", "ListRoles", who, "R")
    record = call_record(call, START)
    assert record["sessionCredentialFromConsole"] == "true"
    assert record["userIdentity"]["sessionContext"]["attributes"]["mfaAuthenticated"] == "true"
    assert record["tlsDetails"]["clientProvidedHostHeader"] == "iam.amazonaws.com"
    assert "sessionCredentialFromConsole" not in call_record(replace(call, caller=caller("F")), START)


def test_foreign_callers_and_those_whom_nobody_knows() -> None:
    foreign = Caller("foreign", "worker", "41.79.8.7", "go", "ASIAF", role="batch", account="905418037264")
    call = Call(START, "lambda", "Invoke", foreign, "R")
    record = call_record(call, START)
    assert record["userIdentity"]["accountId"] == "905418037264"
    assert record["userIdentity"]["principalId"].endswith(":worker")
    assert "sharedEventID" in record
    anyone = call_record(replace(call, caller=Caller("anyone", "", "41.79.8.7", "curl", "K")), START)
    assert anyone["userIdentity"] == {
        "type": "AWSAccount",
        "principalId": "",
        "accountId": "ANONYMOUS_PRINCIPAL",
    }


def test_a_denied_call() -> None:
    record = call_record(calls()[2], START)
    assert record["errorCode"] == "AccessDenied"
    assert "assumed-role/IngestLoyaltyFunctionRole/IngestLoyalty is not authorized" in record["errorMessage"]


def test_the_key_of_an_item_is_an_object() -> None:
    parameters = {"tableName": "T", "key": '{"id": "b-1"}'}
    call = Call(START, "dynamodb", "GetItem", caller("F"), "R", parameters=parameters)
    assert call_record(call, START)["requestParameters"] == {"tableName": "T", "key": {"id": "b-1"}}


def test_who_invokes() -> None:
    gateway = invocation_record(run())
    assert gateway["userIdentity"] == {"type": "AWSService", "invokedBy": "apigateway.amazonaws.com"}
    assert "tlsDetails" not in gateway
    assert gateway["requestParameters"]["invocationType"] == "RequestResponse"
    machine = invocation_record(run(trigger="states"))
    assert machine["userIdentity"]["invokedBy"] == "states.amazonaws.com"
    assert machine["requestParameters"] is None


def test_an_asynchronous_invocation_and_its_execution_share_their_request() -> None:
    accepted, executed = invocation_record(failed_run()), execution_record(failed_run())
    assert accepted["requestID"] == executed["requestID"] == failed_run().request_id
    assert accepted["eventID"] != executed["eventID"]
    assert (accepted["eventName"], executed["eventName"]) == ("Invoke", "InvokeExecution")
    assert executed["userIdentity"]["invokedBy"] == "lambda.amazonaws.com"


def test_times_are_whole_seconds() -> None:
    assert event_time(START + 0.999) == "2026-02-02T02:40:00Z"
