"""An attacker of the account at work: what it calls belongs to its attack, what it planted begins."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from coldtrail_testbed.account.account import Account
from coldtrail_testbed.account.attacks.model import Payload
from coldtrail_testbed.cloud.intruder import OutsideIntruder
from coldtrail_testbed.cloud.rest_client import Sender
from coldtrail_testbed.facts import Caller


class OutsideBurglar:
    """The `Burglar` of one attack; `begin_implant` is called when it plants what its function does later."""

    def __init__(
        self, account: Account, intruder: OutsideIntruder, function: str, begin_implant: Callable[[], None]
    ) -> None:
        self.account = account
        self._intruder = intruder
        self._function = function
        self._begin_implant = begin_implant

    @property
    def sender(self) -> Sender:
        """Where its own calls come from."""
        return self._intruder.sender

    @property
    def intrusion(self) -> AbstractContextManager[None]:
        """The time in which what is called belongs to the attack."""
        return self._intruder.intrusion

    def plant(self) -> None:
        """None; the function does what the attack put into it, and no release takes it out again."""
        self.account.leave_alone(self._function)
        self._begin_implant()

    def invoke_as(self, who: Caller, function: str, payload: Payload) -> Any:
        """The answer of `function`, called directly by `who`."""
        return self._intruder.invoke_as(who, function, payload)

    def request(self, api: str, method: str, path: str) -> Any:
        """The decoded JSON body of a REST API's answer, asked for as a visitor does."""
        return self._intruder.request(api, method, path)

    def upload(self, bucket: str, key: str, content: bytes) -> None:
        """None; the object is in the bucket, put there as users do."""
        self._intruder.upload(bucket, key, content)
