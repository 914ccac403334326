"""What attackers of the account do, in an account where nothing runs."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from random import Random
from typing import Any

import pytest

from coldtrail_testbed.account.account import Account
from coldtrail_testbed.account.attacks import ACCOUNT_ATTACKS, IMPLANTS, account_attacks
from coldtrail_testbed.account.attacks.foreign_permission import FOREIGN_ACCOUNT
from coldtrail_testbed.account.attacks.means import some_means
from coldtrail_testbed.account.attacks.model import AccountAttack
from coldtrail_testbed.account.networks import FAR
from coldtrail_testbed.applications import APPLICATIONS
from coldtrail_testbed.attacks import ATTACKS
from coldtrail_testbed.attacks.model import Place
from coldtrail_testbed.attacks.plan import drawn_begin
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.function_runs import Deployment
from coldtrail_testbed.cloud.rest_client import Sender
from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.facts import Call, Caller

from .conftest import NotedLambdas, Office, office_on

_FAR = Sender("186.19.64.9", "aws-cli/2.22.12")
_ALL = [(name, application) for name, attack in ACCOUNT_ATTACKS.items() for application in attack.targets]


class _Notebook:
    """A burglar that notes what it does."""

    def __init__(self, attack: str, office: Office) -> None:
        self._attack = attack
        self._office = office
        self.account: Account = office.account
        self.sender = _FAR
        self.planted: float | None = None
        self.invoked: list[tuple[Caller, str]] = []
        self.others = 0

    @property
    def intrusion(self) -> AbstractContextManager[None]:
        return self._office.base.running.intrusion(self._attack)

    def plant(self) -> None:
        self.planted = self.account.now()

    def invoke_as(self, who: Caller, function: str, payload: Mapping[str, Any]) -> Any:
        assert payload
        self.invoked.append((who, function))

    def request(self, api: str, method: str, path: str) -> Any:
        self.others += 1

    def upload(self, bucket: str, key: str, content: bytes) -> None:
        assert content
        self.others += 1


def _carry_out(name: str, application: str, base: Foundation, seed: int = 1) -> tuple[_Notebook, list[Call]]:
    office, attack = office_on(base), ACCOUNT_ATTACKS[name]
    target = attack.targets[application]
    _deploy(office.lambdas, target.function)
    notebook = _Notebook(name, office)
    for pause in attack.campaign(notebook, target, Random(seed)):
        assert pause > 0
        base.clock.advance(pause)
    return notebook, office.calls()


def _deploy(lambdas: NotedLambdas, function: str) -> None:
    functions = {one.name: one for application in APPLICATIONS.values() for one in application.functions}
    known = functions[function]
    lambdas.deployments[function] = Deployment(known, known.handler, {})


@pytest.mark.parametrize(("name", "application"), _ALL)
def test_all_that_is_called_is_the_attacks_and_comes_from_far_away(
    name: str, application: str, foundation: Foundation
) -> None:
    notebook, calls = _carry_out(name, application, foundation)
    assert {call.attack for call in calls} <= {name}
    addresses = {call.caller.address for call in calls} | {who.address for who, _ in notebook.invoked}
    assert all(any(ip_address(one) in ip_network(net.cidr) for net in FAR) for one in addresses)
    assert bool(calls) is ACCOUNT_ATTACKS[name].shows_in_calls or name == "slow_exfiltration"


@pytest.mark.parametrize(("name", "application"), _ALL)
def test_an_implant_is_planted_where_there_is_one(
    name: str, application: str, foundation: Foundation
) -> None:
    notebook, _ = _carry_out(name, application, foundation)
    assert (notebook.planted is not None) is (name in IMPLANTS)
    if name in IMPLANTS:
        place = IMPLANTS[name].places[application]
        assert isinstance(place, Place)
        assert place.function == ACCOUNT_ATTACKS[name].targets[application].function


@pytest.mark.parametrize(
    ("name", "decisive"),
    [
        ("console_takeover", "CreateAccessKey"),
        ("backdoor_code", "UpdateFunctionCode"),
        ("backdoor_layer", "UpdateFunctionConfiguration"),
        ("backdoor_extension", "UpdateFunctionConfiguration"),
        ("opened_url", "CreateFunctionUrlConfig"),
        ("foreign_permission", "AddPermission"),
        ("wallet_memory", "UpdateFunctionConfiguration"),
        ("wallet_rate", None),
        ("slow_exfiltration", None),
    ],
)
def test_one_call_decides(name: str, decisive: str | None, foundation: Foundation) -> None:
    for seed in range(4):
        _, calls = _carry_out(name, "airline", foundation, seed)
        deciding = [call.operation for call in calls if ACCOUNT_ATTACKS[name].decisive(call)]
        assert deciding == ([decisive] if decisive else [])


def test_who_invokes_in_the_end(foundation: Foundation) -> None:
    (anyone,) = {who for who, _ in _carry_out("opened_url", "airline", foundation)[0].invoked}
    assert anyone.kind == "anyone"
    (foreign,) = {who for who, _ in _carry_out("foreign_permission", "vod", foundation)[0].invoked}
    assert (foreign.kind, foreign.account) == ("foreign", FOREIGN_ACCOUNT)
    notebook, calls = _carry_out("console_takeover", "airline", foundation)
    (person,) = {who for who, _ in notebook.invoked}
    assert person == calls[0].caller
    assert (calls[0].operation, person.console) == ("ConsoleLogin", True)
    assert person.name.removesuffix("@example.com") in {one.name for one in notebook.account.people}


def test_a_takeover_begins_at_night() -> None:
    midnight = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
    arrivals = [midnight + hour * 3600 for hour in range(72)]
    for seed in range(10):
        hours = ACCOUNT_ATTACKS["console_takeover"].hours
        begin = drawn_begin(seed, "console_takeover", hours, arrivals)
        assert datetime.fromtimestamp(begin, UTC).hour < 4


def test_a_flood_is_hundreds_of_requests_in_minutes(foundation: Foundation) -> None:
    begin = foundation.clock.now()
    notebook, _ = _carry_out("wallet_rate", "airline", foundation)
    assert notebook.others > 200
    assert foundation.clock.now() - begin < 900


def test_each_attack_has_another_victim(foundation: Foundation) -> None:
    office = office_on(foundation)
    burglar = _Notebook("theft", office)
    robbed = [some_means(burglar, Random(1)) for _ in range(len(office.account.people) + 1)]
    assert len({who.access_key for who in robbed}) == len(robbed)
    assert (robbed[-1].name, robbed[-1].address) == ("release-pipeline", _FAR.address)


def test_names_are_sorted_out() -> None:
    chosen, others = account_attacks(["paper", "backdoor_code", "account", "none"], "vod")
    assert others == ["paper", "account", "none"]
    assert {attack.name for attack in chosen} == set(ACCOUNT_ATTACKS) - {"slow_exfiltration"}
    with pytest.raises(TestbedError, match="no attack 'slow_exfiltration' on vod"):
        account_attacks(["slow_exfiltration"], "vod")


def test_names_are_taken_once_in_all() -> None:
    assert not set(ATTACKS) & set(ACCOUNT_ATTACKS)
    for attack in _attacks():
        for application, target in attack.targets.items():
            assert target.function in {one.name for one in APPLICATIONS[application].functions}


def _attacks() -> Iterator[AccountAttack]:
    yield from ACCOUNT_ATTACKS.values()
