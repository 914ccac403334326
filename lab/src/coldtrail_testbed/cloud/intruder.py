"""An attacker outside the cloud: real requests and signed calls, from an address of its own."""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from coldtrail_testbed.account.networks import FAR, address_in
from coldtrail_testbed.account.people import PIPELINE
from coldtrail_testbed.cloud.identities import SOURCE_ADDRESS_HEADER
from coldtrail_testbed.cloud.rest_client import RestClient, Sender, draw_visitor
from coldtrail_testbed.cloud.uploads import UPLOADER
from coldtrail_testbed.facts import Caller

LEAKED = PIPELINE
"""The user who deploys, whose access key an attacker has found."""

_AGENTS = (
    "Boto3/1.35.76 md/Botocore#1.35.76 ua/2.0 os/linux#6.8.0-49-generic md/arch#x86_64 lang/python#3.12.3",
    "aws-cli/2.22.12 md/awscrt#0.22.0 ua/2.0 os/linux#6.11.2-amd64 md/arch#x86_64 lang/python#3.12.6",
    "aws-sdk-go-v2/1.32.6 ua/2.1 os/linux lang/go#1.23.4 md/GOOS#linux md/GOARCH#amd64",
)
_REFUSED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "ExpiredToken")
_BUSY = ("Throttling", "ThrottlingException", "ProvisionedThroughputExceededException", "SlowDown")

MakeClient = Callable[[str, str], Any]
"""A boto3 client of a service, signing with an access key."""


@dataclass(frozen=True)
class Openings:
    """What the cloud shows to everybody outside, and to those who have found a key.

    `key_of` is the access key of the function's instance that was started last, None without one.
    """

    rest: RestClient
    make_client: MakeClient
    key_of: Callable[[str], str | None]
    intrusion: Callable[[str], AbstractContextManager[None]]
    now: Callable[[], float]
    register: Callable[[Caller], None] = lambda _caller: None


@dataclass(frozen=True)
class Attacker:
    """Where an attacker's calls with keys come from, and what its use of the application looks like.

    What everybody may do is done as everybody does it: nothing but its pace tells it from a visitor's.
    """

    own: Sender
    visitor: Sender


def draw_attacker(generator: Random) -> Attacker:
    """An attacker somewhere, with one of the common tools and browsers."""
    number, agent = generator.randrange(1, 255), generator.choice(_AGENTS)
    visitor = draw_visitor(generator)
    return Attacker(Sender(address_in(generator.choice(FAR), number), agent), visitor)


class OutsideIntruder:
    """The `Intruder` of one campaign: what its own calls start is marked as the attack's."""

    def __init__(self, attack: str, attacker: Attacker, openings: Openings) -> None:
        self._attack = attack
        self._attacker = attacker
        self._openings = openings
        self._clients: dict[tuple[str, str], Any] = {}
        self._senders: dict[str, Sender] = {}

    def request(self, api: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The decoded JSON body of a REST API's answer."""
        with self._openings.intrusion(self._attack):
            return self._openings.rest.request(self._attacker.visitor, api, method, path, body)

    def upload(self, bucket: str, key: str, content: bytes) -> None:
        """None; the object is in the bucket, put there as users do."""
        self._call(UPLOADER.access_key, "s3", "PutObject", Bucket=bucket, Key=key, Body=content)

    def invoke(self, function: str, payload: Mapping[str, Any]) -> Any:
        """The answer of `function`, called directly with a leaked user's key."""
        content = json.dumps(payload).encode()
        key = LEAKED.access_key
        answer = self._call(key, "lambda", "Invoke", FunctionName=function, Payload=content)
        return json.loads(answer["Payload"].read() or b"null") if answer else None

    def invoke_as(self, who: Caller, function: str, payload: Mapping[str, Any]) -> Any:
        """The answer of `function`, called directly by `who`, from where `who` is."""
        self._openings.register(who)
        self._senders[who.access_key] = Sender(who.address, who.user_agent)
        content = json.dumps(payload).encode()
        answer = self._call(who.access_key, "lambda", "Invoke", FunctionName=function, Payload=content)
        return json.loads(answer["Payload"].read() or b"null") if answer else None

    @property
    def sender(self) -> Sender:
        """Where the attacker's own calls come from."""
        return self._attacker.own

    @property
    def intrusion(self) -> AbstractContextManager[None]:
        """The time in which what is called belongs to the attack."""
        return self._openings.intrusion(self._attack)

    def call_as(self, function: str, service: str, operation: str, **parameters: Any) -> Any:
        """The answer of an AWS call, made with `function`'s role credentials; None when it is denied."""
        key = self._openings.key_of(function)
        return self._call(key, service, operation, **parameters) if key else None

    def now(self) -> float:
        """The time in UTC epoch seconds."""
        return self._openings.now()

    def _call(self, key: str, service: str, operation: str, **parameters: Any) -> Any:
        method = getattr(self._client(service, key), xform_name(operation))
        with self._openings.intrusion(self._attack):
            try:
                return method(**parameters)
            except ClientError as error:
                if error.response["Error"]["Code"] in (*_REFUSED, *_BUSY):
                    return None
                raise

    def _client(self, service: str, key: str) -> Any:
        if (service, key) not in self._clients:
            client = self._openings.make_client(service, key)
            visiting = key == UPLOADER.access_key
            sender = self._senders.get(key) or (self._attacker.visitor if visiting else self._attacker.own)
            client.meta.events.register("before-send", partial(_come_from, sender))
            self._clients[service, key] = client
        return self._clients[service, key]


def _come_from(sender: Sender, request: Any, **_: Any) -> None:
    request.headers[SOURCE_ADDRESS_HEADER] = sender.address
    request.headers["User-Agent"] = sender.user_agent
