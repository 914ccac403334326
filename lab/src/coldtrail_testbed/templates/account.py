"""A stack in an account: `account seed` fills its tables, `account drive` sends its users."""

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from email.message import EmailMessage
from random import Random
from typing import Any

import boto3
import requests

from coldtrail_testbed.applications import find_application
from coldtrail_testbed.applications.model import Application, Gap, Visit
from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.templates.references import References, logical_id

Clients = Callable[[str], Any]

_TIMEOUT_S = 60


@dataclass(frozen=True)
class Stack:
    """What CloudFormation tells of a deployed stack."""

    name: str
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]


def find_stack(name: str, cloudformation: Any) -> Stack:
    """The stack `name` of the account; what boto3 raises when there is none."""
    (described,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in described.get("Outputs", [])}
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in described.get("Parameters", [])}
    return Stack(name, outputs, parameters)


def seed(application: Application, stack: str, dynamodb: Any) -> int:
    """The number of items that were written into the stack's tables; `dynamodb` is a boto3 resource."""
    references, written = References(application), 0
    for table in application.tables:
        name = references.own_name(table.name).replace("${AWS::StackName}", stack)
        with dynamodb.Table(name).batch_writer() as batch:
            for item in table.items:
                batch.put_item(Item={key: _stored(value) for key, value in item.items()})
                written += 1
    return written


def _stored(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, float) else value


class AccountBrowser:
    """A user's browser, camera and mail program, at a real stack."""

    def __init__(self, stack: Stack, session: requests.Session, client: Clients) -> None:
        self._stack = stack
        self._session = session
        self._client = client

    def request(self, api: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The decoded JSON body of the API's answer; TestbedError when users are not let in."""
        url = self._stack.outputs[logical_id(api, "Url")] + path
        answer = self._session.request(method, url, json=body, timeout=_TIMEOUT_S)
        if answer.status_code == 403:
            raise TestbedError(f"{url} refuses this address: see the stack's parameter UsersAddresses")
        return answer.json()

    def upload(self, bucket: str, key: str, content: bytes) -> None:
        """None; the object is in the stack's bucket."""
        name = self._stack.outputs[logical_id(bucket, "Name")]
        self._client("s3").put_object(Bucket=name, Key=key, Body=content)

    def send_mail(self, recipient: str, subject: str, attachment: str, content: bytes) -> None:
        """None; the mail is sent, from and to the stack's domain; without a domain there is no mail."""
        domain = self._stack.parameters.get("MailDomain", "")
        if domain:
            message = EmailMessage()
            message["From"], message["Subject"] = f"user@{domain}", subject
            message["To"] = f"{recipient.partition('@')[0]}@{domain}"
            message.set_content(subject)
            message.add_attachment(
                content, maintype="application", subtype="octet-stream", filename=attachment
            )
            self._client("ses").send_raw_email(RawMessage={"Data": message.as_bytes()})

    def now(self) -> float:
        """The time in UTC epoch seconds."""
        return time.time()


def drive(
    visit: Visit,
    gap: Gap,
    browser: AccountBrowser,
    generator: Random,
    *,
    visits: int,
    sleep: Callable[[float], None],
) -> None:
    """None; so many users came, one after the other."""
    for _ in range(visits):
        sleep(gap(browser.now(), generator))
        for pause in visit(browser):
            sleep(pause)


def main(arguments: list[str] | None = None) -> None:
    """None; the stack's tables are filled, or its users have come."""
    parser = argparse.ArgumentParser(prog="python -m coldtrail_testbed.templates.account")
    parser.add_argument("action", choices=["seed", "drive"])
    parser.add_argument("application")
    parser.add_argument("--stack", required=True)
    parser.add_argument("--visits", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faster", type=float, default=1.0, help="how many times as fast users act")
    options = parser.parse_args(arguments)
    application = find_application(options.application)
    if options.action == "seed":
        print(f"{seed(application, options.stack, boto3.resource('dynamodb'))} items written")
        return
    stack = find_stack(options.stack, boto3.client("cloudformation"))
    with requests.Session() as session:
        drive(
            application.users(Random(f"{options.seed} users")),  # noqa: S311 - repeatable on purpose
            application.gap,
            AccountBrowser(stack, session, boto3.client),
            Random(f"{options.seed} gaps"),  # noqa: S311 - repeatable on purpose
            visits=options.visits,
            sleep=lambda seconds: time.sleep(seconds / options.faster),
        )


if __name__ == "__main__":
    try:
        main()
    except TestbedError as error:
        sys.exit(str(error))
