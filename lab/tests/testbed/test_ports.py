from contextlib import ExitStack

import pytest

from coldtrail_testbed.cloud.ports import open_ports
from coldtrail_testbed.errors import RunFailedError, TestbedError


@pytest.mark.parametrize(
    ("failure", "raised", "text"),
    [(KeyError("k"), RunFailedError, "defect"), (TestbedError("the reason"), TestbedError, "the reason")],
)
def test_a_failure_inside_a_server_hides_what_came_of_it(
    failure: Exception, raised: type[Exception], text: str
) -> None:
    with ExitStack() as stack:
        ports = open_ports(stack)
        ports.rest.failures.append(failure)
        with pytest.raises(raised, match=text), ports.failures_raised():
            raise ConnectionError("the server hung up")


def test_what_fails_outside_of_the_servers_is_raised_as_it_is() -> None:
    with ExitStack() as stack:
        ports = open_ports(stack)
        with pytest.raises(ZeroDivisionError), ports.failures_raised():
            raise ZeroDivisionError


def test_each_server_has_a_port_of_its_own() -> None:
    with ExitStack() as stack:
        ports = open_ports(stack)
        servers = (ports.aws, ports.runtime, ports.rest)
        assert len({server.address for server in servers}) == 3
