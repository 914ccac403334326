"""An attack on the account as data: which principal does what, and what a function does from then on."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from coldtrail_testbed.account.account import Account
from coldtrail_testbed.attacks.model import Attack
from coldtrail_testbed.cloud.rest_client import Sender
from coldtrail_testbed.facts import Caller
from coldtrail_testbed.incidents import Decisive, at_once

Payload = Mapping[str, Any]


class Burglar(Protocol):
    """Somebody far away who has means of the account; what is called inside `intrusion` is the attack's."""

    account: Account

    @property
    def sender(self) -> Sender:
        """Where its own calls come from."""

    @property
    def intrusion(self) -> AbstractContextManager[None]:
        """The time in which what is called belongs to the attack."""

    def plant(self) -> None:
        """None; from now on the function does what the attack put into it."""

    def invoke_as(self, who: Caller, function: str, payload: Payload) -> Any:
        """The answer of `function`, called directly by `who`."""

    def request(self, api: str, method: str, path: str) -> Any:
        """The decoded JSON body of a REST API's answer, asked for as a visitor does."""

    def upload(self, bucket: str, key: str, content: bytes) -> None:
        """None; the object is in the bucket, put there as users do."""


@dataclass(frozen=True)
class Target:
    """The function of one application, and an event that somebody who invokes it directly gives it."""

    function: str
    payload: Payload | None = None


Campaign = Callable[[Burglar, Target, Random], Iterator[float]]
"""A generator that acts and yields the seconds until it acts again."""


@dataclass(frozen=True)
class AccountAttack:
    """An attack that begins once in a run, at a drawn time (at an hour in `hours`, UTC, where given).

    `implant`, of the same name, is what the function does once the campaign has planted it. `decisive` tells
    the call after which nobody can take it for something else.
    """

    name: str
    summary: str
    targets: Mapping[str, Target]
    campaign: Campaign
    decisive: Decisive = at_once
    implant: Attack | None = None
    hours: tuple[int, int] | None = None
    shows_in_calls: bool = True
    """Whether the control plane is part of it, so that only CloudTrail tells the whole."""


def operation(name: str) -> Decisive:
    """Whether a call is of an operation of this name."""

    def decides(call: Any) -> bool:
        return bool(call.operation == name)

    return decides
