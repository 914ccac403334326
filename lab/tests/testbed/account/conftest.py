"""An account whose Lambda service only notes what is deployed."""

from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from coldtrail_testbed.account.account import Account
from coldtrail_testbed.applications.model import Function
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.function_runs import Deployment
from coldtrail_testbed.facts import Call

NAMES = ("GetLoyalty", "ChargePayment", "dynamo", "encode")


class NotedLambdas:
    """What is deployed, and nothing that runs."""

    def __init__(self) -> None:
        self.deployments = {
            name: Deployment(Function(name, f"app.{name}.handler"), f"app.{name}.handler", {})
            for name in NAMES
        }

    def replace(self, deployment: Deployment) -> str:
        name = deployment.function.name
        version = str(int(self.deployments[name].version) + 1)
        self.deployments[name] = replace(deployment, version=version)
        return version


@dataclass(frozen=True)
class Office:
    """An account, what is deployed in it, and the ground that it stands on."""

    account: Account
    lambdas: NotedLambdas
    base: Foundation

    def calls(self) -> list[Call]:
        """The calls since the last time."""
        return self.base.facts.take().calls


@pytest.fixture
def office(foundation: Foundation) -> Office:
    """The account of seed 1."""
    return office_on(foundation)


def office_on(base: Foundation) -> Office:
    """An account on a foundation."""
    lambdas = NotedLambdas()
    return Office(Account(base, cast(Any, lambdas), 1), lambdas, base)
