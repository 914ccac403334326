"""What an attacker does from outside is real, refused like anybody's, and marked as the attack's."""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest

from coldtrail_testbed.account.networks import FAR
from coldtrail_testbed.applications.model import Function, Grant, Table
from coldtrail_testbed.cloud.identities import function_caller
from coldtrail_testbed.cloud.intruder import LEAKED, OutsideIntruder
from coldtrail_testbed.cloud.local_cloud import LocalCloud
from coldtrail_testbed.facts import Call, Caller

from .small_cloud import small_application, small_cloud

_TABLE_ARN = "arn:aws:dynamodb:us-east-1:123456789012:table"


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    """A cloud in which a role may read one of two tables."""
    grants = (Grant(("dynamodb:GetItem",), f"{_TABLE_ARN}/Open"),)
    quiet = Function("Quiet", "lab.tests.testbed.woken.handler", grants=grants)
    application = small_application("Back", tables=[Table("Open"), Table("Closed")])
    application = replace(application, functions=[*application.functions, quiet])
    with small_cloud(application) as cloud:
        cloud.take_facts()
        yield cloud


@pytest.fixture
def intruder(cloud: LocalCloud) -> OutsideIntruder:
    return cloud.admit_intruder("the attack")


def _calls(cloud: LocalCloud, service: str) -> list[Call]:
    return [call for call in cloud.take_facts().calls if call.service == service]


def test_only_the_first_hop_of_a_request_is_the_attacks(cloud: LocalCloud, intruder: OutsideIntruder) -> None:
    calls = [("lambda", "invoke", {"FunctionName": "Back", "InvocationType": kind}) for kind in ("Event",)]
    intruder.request("small", "POST", "/do", {"calls": calls})
    cloud.settle()
    traces = cloud.take_traces()
    flows = {
        one["name"]: one["id"]
        for trace in traces
        for one in trace["segments"]
        if one["origin"] == "AWS::Lambda::Function"
    }
    assert set(flows) == {"Front", "Back"}
    assert cloud.attacked_flows == {flows["Front"]: "the attack"}
    assert all(call.attack is None for call in cloud.take_facts().calls)


def test_users_requests_are_nobodys_attack(cloud: LocalCloud, intruder: OutsideIntruder) -> None:
    intruder.request("small", "POST", "/do", {"calls": []})
    cloud.take_traces()
    cloud.attacked_flows.clear()
    cloud.request("small", "POST", "/do", {"calls": []})
    assert cloud.attacked_flows == {}


def test_a_function_is_invoked_with_a_leaked_key(cloud: LocalCloud, intruder: OutsideIntruder) -> None:
    intruder.invoke("Quiet", {"hello": "you"})
    assert list(cloud.attacked_flows.values()) == ["the attack"]
    [call] = _calls(cloud, "lambda")
    assert (call.operation, call.attack, call.error_code) == ("Invoke", "the attack", None)
    assert (call.caller.kind, call.caller.name) == ("user", LEAKED.name)
    assert _is_far_away(call.caller.address)
    assert "1.44" not in call.caller.user_agent


def test_nothing_can_be_done_as_a_function_that_never_ran(
    cloud: LocalCloud, intruder: OutsideIntruder
) -> None:
    assert intruder.call_as("Quiet", "dynamodb", "GetItem", TableName="Open", Key={"id": {"S": "1"}}) is None
    assert _calls(cloud, "dynamodb") == []


def test_stolen_credentials_may_do_what_the_role_may(cloud: LocalCloud, intruder: OutsideIntruder) -> None:
    cloud.foundation.identities.register(function_caller("Quiet", "ASIASTOLEN"))
    key = {"id": {"S": "1"}}
    assert intruder.call_as("Quiet", "dynamodb", "GetItem", TableName="Open", Key=key) is not None
    assert intruder.call_as("Quiet", "dynamodb", "GetItem", TableName="Closed", Key=key) is None
    allowed, denied = _calls(cloud, "dynamodb")
    assert (allowed.caller.kind, allowed.caller.name) == ("function", "Quiet")
    assert allowed.caller.address == denied.caller.address
    assert _is_far_away(allowed.caller.address)
    assert (allowed.error_code, denied.error_code) == (None, "AccessDeniedException")
    assert allowed.attack == denied.attack == "the attack"


def test_a_defective_campaign_is_not_hidden(cloud: LocalCloud, intruder: OutsideIntruder) -> None:
    cloud.foundation.identities.register(function_caller("Front", "ASIASTOLEN"))
    with pytest.raises(Exception, match="ResourceNotFoundException"):
        intruder.call_as("Front", "dynamodb", "GetItem", TableName="Nowhere", Key={"id": {"S": "1"}})


def test_what_an_intruders_call_starts_later_is_still_the_attacks(
    cloud: LocalCloud, intruder: OutsideIntruder
) -> None:
    cloud.foundation.identities.register(function_caller("Front", "ASIASTOLEN"))
    order = {"FunctionName": "Back", "InvocationType": "Event", "Payload": b"{}"}
    intruder.call_as("Front", "lambda", "Invoke", **order)
    cloud.settle()
    assert list(cloud.attacked_flows.values()) == ["the attack"]


def test_stolen_credentials_are_used_with_other_tools(cloud: LocalCloud, intruder: OutsideIntruder) -> None:
    cloud.foundation.identities.register(function_caller("Front", "ASIASTOLEN"))
    intruder.call_as("Front", "s3", "ListBuckets")
    [call] = _calls(cloud, "s3")
    assert "amzn2" not in call.caller.user_agent


def test_what_everybody_may_do_looks_like_a_visitors(cloud: LocalCloud, intruder: OutsideIntruder) -> None:
    intruder.request("small", "POST", "/do", {"calls": []})
    [request] = cloud.take_facts().requests
    assert request.address.startswith("203.0.113.")
    assert request.user_agent.startswith("Mozilla/5.0 ")


def test_an_upload_looks_like_a_visitors(cloud: LocalCloud, intruder: OutsideIntruder) -> None:
    cloud.client("s3").create_bucket(Bucket="uploads")
    cloud.take_facts()
    intruder.upload("uploads", "one.mp4", b"video")
    [call] = _calls(cloud, "s3")
    assert call.caller.address.startswith("203.0.113.")
    assert call.caller.user_agent.startswith("Mozilla/5.0 ")
    assert call.caller.access_key.startswith("AKIA")


def test_a_function_is_invoked_by_whoever_is_named(cloud: LocalCloud, intruder: OutsideIntruder) -> None:
    anyone = Caller("anyone", "", "186.19.64.7", "curl/8.14.1", "ANONYMOUS")
    intruder.invoke_as(anyone, "Quiet", {})
    [call] = _calls(cloud, "lambda")
    assert call.caller == anyone
    assert call.attack == "the attack"
    assert list(cloud.attacked_flows.values()) == ["the attack"]


def _is_far_away(address: str) -> bool:
    return any(ip_address(address) in ip_network(network.cidr) for network in FAR)
