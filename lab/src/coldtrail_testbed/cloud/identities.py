"""Who makes a call: access keys and the callers that they were given to."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256

from coldtrail_testbed.account.networks import FUNCTIONS, address_in
from coldtrail_testbed.facts import Caller

SOURCE_ADDRESS_HEADER = "x-testbed-source-address"
"""The header in which an intruder tells its address; it exists in this testbed only."""
ROLE_HEADER = "x-testbed-role"
"""The header in which a service tells as which state machine it calls; it exists in this testbed only."""

_INSTANCE_SYSTEM = "os/linux#5.10.240-265.1002.amzn2.x86_64"
_INSTANCE_PYTHON = "lang/python#3.11.13"

NOWHERE = "192.0.2.1"
"""The address of what has none."""
DEPLOYMENT_KEY = "AKIAX3VQK7RDMZJ2LNWS"
"""The access key of the user who deploys."""
STATE_MACHINES = Caller(
    "service", "states.amazonaws.com", "states.amazonaws.com", "states.amazonaws.com", "states"
)
API_GATEWAY = Caller(
    "service",
    "apigateway.amazonaws.com",
    "apigateway.amazonaws.com",
    "apigateway.amazonaws.com",
    "apigateway",
)
DEPLOYMENT = Caller(
    "user",
    "administrator",
    "cloudformation.amazonaws.com",
    "cloudformation.amazonaws.com",
    DEPLOYMENT_KEY,
)


class Identities:
    """The callers of a cloud by their access keys."""

    def __init__(self) -> None:
        self._callers = {caller.access_key: caller for caller in (STATE_MACHINES, API_GATEWAY, DEPLOYMENT)}

    def register(self, caller: Caller) -> None:
        """None; requests that are signed with the caller's key are its own from now on."""
        self._callers[caller.access_key] = caller

    def key_of(self, name: str) -> str | None:
        """The key that was registered last for `name`, None when it has none."""
        keys = [key for key, caller in self._callers.items() if caller.name == name]
        return keys[-1] if keys else None

    def caller(self, access_key: str, headers: Mapping[str, str]) -> Caller:
        """Who signed a request, with the address and the user agent that it carries."""
        known = self._callers.get(access_key)
        if known is None:
            known = Caller("user", "unknown", NOWHERE, "", access_key)
        if known.kind == "service" or known is DEPLOYMENT:
            return known
        address, agent = headers.get(SOURCE_ADDRESS_HEADER), headers.get("user-agent", "")
        if known.kind == "function" and not address:
            agent = _instance_agent(agent)
        return _as_sent(known, address, agent)


def role_of(caller: Caller, headers: Mapping[str, str]) -> str | None:
    """The function or the state machine whose role signs a request; None for people and the deployment."""
    if caller.kind == "function":
        return caller.name
    return headers.get(ROLE_HEADER) if caller.kind == "service" else None


def function_caller(function: str, access_key: str) -> Caller:
    """The caller that an instance of `function` is, by the access key of its role's session."""
    return Caller("function", function, instance_address(access_key), "", access_key)


def instance_address(access_key: str) -> str:
    """The public address of the instance with this access key: each leaves from one of the cloud's own."""
    digest = sha256(f"address {access_key}".encode()).digest()
    return address_in(FUNCTIONS[digest[0] % len(FUNCTIONS)], digest[1])


@lru_cache(maxsize=4096)
def _as_sent(caller: Caller, address: str | None, agent: str) -> Caller:
    # An intruder's own address means its own machine, whatever agent it sends.
    return replace(caller, address=address or caller.address, user_agent=agent)


@lru_cache(maxsize=256)
def _instance_agent(agent: str) -> str:
    """The user agent of an SDK as it is on a Lambda instance, not on the machine that records."""
    agent = re.sub(r"os/\S+?#\S+", _INSTANCE_SYSTEM, agent)
    agent = re.sub(r"lang/python#\S+", _INSTANCE_PYTHON, agent)
    # The SDK names the features it uses in the order of a set.
    return re.sub(r"(?<= m/)\S+", lambda features: ",".join(sorted(features[0].split(","))), agent)
