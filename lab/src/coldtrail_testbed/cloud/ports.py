"""The servers of a local cloud, and what goes wrong inside them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from coldtrail_testbed.cloud.http_server import HttpServer
from coldtrail_testbed.errors import RunFailedError, TestbedError
from coldtrail_testbed.full_disk import is_full


@dataclass(frozen=True)
class Ports:
    """The servers of a cloud: AWS services, Lambda Runtime API, REST front."""

    aws: HttpServer
    runtime: HttpServer
    rest: HttpServer

    @contextmanager
    def failures_raised(self) -> Iterator[None]:
        """A context at whose end a failure inside a server is raised, and hides what came of it."""
        try:
            yield
        except Exception:
            self._raise_failure()
            raise
        self._raise_failure()

    def _raise_failure(self) -> None:
        for server in (self.aws, self.runtime, self.rest):
            for failure in server.failures:
                if isinstance(failure, TestbedError) or is_full(failure):
                    raise failure
                raise RunFailedError("the local cloud failed inside; this is a defect") from failure


def open_ports(stack: ExitStack) -> Ports:
    """Servers on free ports, which are closed with `stack`."""
    servers = []
    for _ in range(3):
        server = HttpServer()
        stack.callback(server.close)
        servers.append(server)
    return Ports(*servers)
