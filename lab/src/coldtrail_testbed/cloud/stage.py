"""What a benign look-alike may change in a run."""

from collections.abc import Callable
from random import Random

from coldtrail_testbed.applications.model import Application
from coldtrail_testbed.cloud.arrivals import Arrivals
from coldtrail_testbed.cloud.local_cloud import LocalCloud


class RunStage:
    """The `Stage` of one look-alike."""

    def __init__(
        self, application: Application, generator: Random, cloud: LocalCloud, arrivals: Arrivals
    ) -> None:
        self.application = application
        self.generator = generator
        self.account = cloud.account
        self._cloud = cloud
        self._arrivals = arrivals

    def now(self) -> float:
        """The time in UTC epoch seconds."""
        return self._cloud.now()

    def later(self, time: float, activity: Callable[[], None]) -> None:
        """None; `activity` happens at `time`; it keeps no run alive."""
        self._cloud.foundation.agenda.add(time, activity, background=True)

    def release(self, function: str, handler: str) -> str:
        """The new version of `function`, which runs `handler` from now on, on cold instances."""
        return self._cloud.release(function, handler)

    def add_function(self, name: str) -> None:
        """None; one of the application's `later` functions is deployed and gets its triggers."""
        self._cloud.add_function(name)

    def slow_down(self, partner: str, factor: float, until: float) -> None:
        """None; calls of a REST API or a service take `factor` times as long."""
        self._cloud.foundation.disturbances.slow_down(partner, factor, until)

    def throttle(self, service: str, share: float, until: float) -> None:
        """None; so large a share of the calls of a service is throttled."""
        self._cloud.foundation.disturbances.throttle(service, share, until)

    def hurry(self, factor: float, until: float) -> None:
        """None; users come `factor` times as often."""
        self._arrivals.hurry(factor, until)

    def pause_users(self, until: float) -> None:
        """None; nobody comes before `until`."""
        self._arrivals.pause(until)

    def renew_instances(self) -> None:
        """None; no later invocation finds a warm instance of today's."""
        self._cloud.renew_instances()
