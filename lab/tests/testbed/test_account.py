"""Filling the tables of a stack and sending users to it: everything that needs no account."""

import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from email import message_from_bytes
from random import Random
from typing import Any

import pytest

from coldtrail_testbed.applications import APPLICATIONS
from coldtrail_testbed.applications.model import Browser
from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.templates.account import AccountBrowser, Stack, drive, find_stack, seed

_STACK = Stack(
    "vod",
    {"PaymentsUrl": "https://a1.execute-api.test/Prod", "VodSourceName": "vod-source-210987654321"},
    {"MailDomain": "mail.test"},
)


class _Answer:
    def __init__(self, status: int) -> None:
        self.status_code = status

    def json(self) -> Any:
        return {"chargeId": "ch"}


class _Session:
    """What would go over the network."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.requests: list[tuple[str, str, Any]] = []

    def request(self, method: str, url: str, *, json: Any, timeout: float) -> _Answer:
        assert timeout > 0
        self.requests.append((method, url, json))
        return _Answer(self.status)


class _Client:
    """Any boto3 client: writes down what it is asked for."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, operation: str) -> Any:
        return lambda **parameters: self.calls.append((operation, parameters))


def _browser(session: _Session, client: _Client, stack: Stack = _STACK) -> AccountBrowser:
    return AccountBrowser(stack, session, lambda _service: client)  # type: ignore[arg-type]


def test_requests_go_to_the_stacks_api() -> None:
    session = _Session()
    answer = _browser(session, _Client()).request("payments", "POST", "/charge", {"amount": 90})
    assert answer == {"chargeId": "ch"}
    assert session.requests == [("POST", "https://a1.execute-api.test/Prod/charge", {"amount": 90})]


def test_a_refused_address_is_told_as_such() -> None:
    with pytest.raises(TestbedError, match="see the stack's parameter UsersAddresses"):
        _browser(_Session(403), _Client()).request("payments", "POST", "/charge", {})


def test_uploads_go_to_the_stacks_bucket() -> None:
    client = _Client()
    _browser(_Session(), client).upload("vod-source", "uploads/a.mp4", b"film")
    expected = {"Bucket": "vod-source-210987654321", "Key": "uploads/a.mp4", "Body": b"film"}
    assert client.calls == [("put_object", expected)]


def test_mail_goes_to_the_stacks_domain_with_its_attachment() -> None:
    client = _Client()
    _browser(_Session(), client).send_mail("upload@mail.vod.example", "A film", "a.mp4", b"film")
    ((operation, parameters),) = client.calls
    message = message_from_bytes(parameters["RawMessage"]["Data"])
    assert (operation, message["To"]) == ("send_raw_email", "upload@mail.test")
    (attachment,) = [part for part in message.walk() if part.get_filename() == "a.mp4"]
    assert attachment.get_payload(decode=True) == b"film"


def test_without_a_domain_no_mail_is_sent() -> None:
    client = _Client()
    _browser(_Session(), client, Stack("vod", {}, {"MailDomain": ""})).send_mail("a@b", "s", "f", b"")
    assert client.calls == []


def test_users_come_one_after_the_other() -> None:
    pauses: list[float] = []

    def visit(_browser: Browser) -> Iterator[float]:
        yield 5.0
        yield 6.0

    browser = _browser(_Session(), _Client())
    drive(visit, lambda _time, _generator: 30.0, browser, Random(1), visits=2, sleep=pauses.append)
    assert pauses == [30.0, 5.0, 6.0, 30.0, 5.0, 6.0]


def test_a_stack_is_found_by_its_name() -> None:
    class CloudFormation:
        def describe_stacks(self, **parameters: str) -> Any:
            assert parameters == {"StackName": "mine"}
            output = {"OutputKey": "AirlineUrl", "OutputValue": "https://x"}
            return {"Stacks": [{"Outputs": [output], "Parameters": []}]}

    assert find_stack("mine", CloudFormation()) == Stack("mine", {"AirlineUrl": "https://x"}, {})


class _Table:
    """A table that takes batches."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []

    def batch_writer(self) -> "_Table":
        return self

    def __enter__(self) -> "_Table":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def put_item(self, **parameters: Any) -> None:
        self.items.append(parameters["Item"])


class _DynamoDB:
    """Tables by their names."""

    def __init__(self) -> None:
        self.tables: dict[str, _Table] = {}

    def Table(self, name: str) -> _Table:  # noqa: N802 - boto3's name
        return self.tables.setdefault(name, _Table())


@pytest.mark.parametrize(("app", "table"), [("airline", "Configuration"), ("vod", "configuration")])
def test_seeding_fills_the_stacks_tables(app: str, table: str) -> None:
    dynamodb = _DynamoDB()
    written = seed(APPLICATIONS[app], "mine", dynamodb)
    assert written == sum(len(each.items) for each in APPLICATIONS[app].tables)
    settings = dynamodb.tables[f"mine-{table}"].items
    assert settings
    assert not any(isinstance(value, float) for item in settings for value in item.values())
    assert any(isinstance(item["value"], Decimal) for item in settings)


def test_an_unknown_application_is_one_sentence() -> None:
    command = [sys.executable, "-m", "coldtrail_testbed.templates.account", "seed", "hotel", "--stack", "x"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert run.returncode == 1
    assert run.stderr.startswith("there is no application 'hotel'; choose one of: airline")
