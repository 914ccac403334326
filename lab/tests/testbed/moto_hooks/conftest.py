"""A hooked moto that the tests of all hooks share."""

from collections.abc import Iterator

import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from coldtrail_testbed.cloud import moto_hooks
from coldtrail_testbed.cloud.aws_endpoint import AwsEndpoint
from coldtrail_testbed.cloud.deployment import Clients, clients_at, deploy
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.http_server import HttpServer

from .things import APPLICATION, Events


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def client(foundation: Foundation, events: Events) -> Iterator[Clients]:
    """Clients of a moto with all hooks in place and `APPLICATION` deployed."""
    server = HttpServer()
    server.serve(AwsEndpoint(foundation, DomainDispatcherApplication(create_backend_app)).answer)
    clients = clients_at(f"http://{server.address}")
    with moto_hooks.installed(events, f"http://{server.address}", seed=1):
        deploy(APPLICATION, clients)
        yield clients
    server.close()
    assert server.failures == []
