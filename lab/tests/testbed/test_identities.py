from dataclasses import replace
from ipaddress import ip_address, ip_network

from coldtrail_testbed.account.networks import FUNCTIONS, Network
from coldtrail_testbed.cloud.identities import (
    DEPLOYMENT,
    DEPLOYMENT_KEY,
    SOURCE_ADDRESS_HEADER,
    STATE_MACHINES,
    Identities,
    function_caller,
)

_AGENT = (
    "Boto3/1.42.0 md/Botocore#1.42.0 ua/2.1 os/linux#6.1.0-mine md/arch#x86_64 lang/python#3.12.1 exec-env/x"
)


def test_a_key_names_its_caller_and_the_request_its_agent() -> None:
    identities = Identities()
    caller = function_caller("GetLoyalty", "ASIA1")
    identities.register(caller)
    seen = identities.caller("ASIA1", {"user-agent": _AGENT})
    assert replace(seen, user_agent="") == caller
    assert "mine" not in seen.user_agent
    assert "lang/python#3.11" in seen.user_agent
    assert seen.user_agent.endswith("exec-env/x")


def test_the_sdks_features_are_told_in_one_order() -> None:
    identities = Identities()
    identities.register(function_caller("GetLoyalty", "ASIA1"))
    agents = {
        identities.caller("ASIA1", {"user-agent": f"Boto3/1.40.0 {features} cfg/retry"}).user_agent
        for features in ("m/b,Z,D", "m/D,b,Z")
    }
    assert agents == {"Boto3/1.40.0 m/D,Z,b cfg/retry"}


def test_an_intruder_comes_from_its_own_address() -> None:
    identities = Identities()
    identities.register(function_caller("GetLoyalty", "ASIA1"))
    seen = identities.caller("ASIA1", {SOURCE_ADDRESS_HEADER: "192.0.2.77", "user-agent": "python-requests"})
    assert (seen.name, seen.address, seen.user_agent) == ("GetLoyalty", "192.0.2.77", "python-requests")


def test_services_call_under_their_principal() -> None:
    identities = Identities()
    assert identities.caller("states", {"user-agent": _AGENT}) == STATE_MACHINES
    assert identities.caller(DEPLOYMENT_KEY, {"user-agent": _AGENT}) == DEPLOYMENT


def test_the_last_key_of_a_name_is_its_own() -> None:
    identities = Identities()
    identities.register(function_caller("A", "ASIA1"))
    identities.register(function_caller("A", "ASIA2"))
    assert identities.key_of("A") == "ASIA2"
    assert identities.caller("ASIA1", {}).name == "A"
    assert identities.caller("ASIA3", {}).name == "unknown"
    assert identities.key_of("B") is None


def test_each_instance_has_an_address_of_the_clouds_that_stays_its_own() -> None:
    addresses = {function_caller("A", f"ASIA{number}").address for number in range(12)}
    assert len(addresses) >= 11
    assert function_caller("A", "ASIA1").address == function_caller("B", "ASIA1").address
    assert all(any(_lies_in(one, network) for network in FUNCTIONS) for one in addresses)


def _lies_in(address: str, network: Network) -> bool:
    return ip_address(address) in ip_network(network.cidr)
