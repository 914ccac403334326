"""A benign look-alike as data: a change of normal life that a good detector must not cry over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Protocol

from coldtrail_testbed.account.account import Account
from coldtrail_testbed.applications.model import Application


class Stage(Protocol):
    """What a look-alike changes in a run; `until` is a UTC epoch time."""

    application: Application
    generator: Random
    account: Account

    def now(self) -> float:
        """The time in UTC epoch seconds."""

    def later(self, time: float, activity: Callable[[], None]) -> None:
        """None; `activity` happens at `time`."""

    def release(self, function: str, handler: str) -> str:
        """The new version of `function`, which runs `handler` from now on, on cold instances."""

    def add_function(self, name: str) -> None:
        """None; one of the application's `later` functions is deployed and gets its triggers."""

    def slow_down(self, partner: str, factor: float, until: float) -> None:
        """None; calls of a REST API or a service take `factor` times as long."""

    def throttle(self, service: str, share: float, until: float) -> None:
        """None; so large a share of the calls of a service is throttled."""

    def hurry(self, factor: float, until: float) -> None:
        """None; users come `factor` times as often."""

    def pause_users(self, until: float) -> None:
        """None; nobody comes before `until`."""

    def renew_instances(self) -> None:
        """None; no later invocation finds a warm instance of today's."""


@dataclass(frozen=True)
class Window:
    """When a look-alike was at work, and in which functions; its fact `region` says where they ran then."""

    begin: float
    end: float
    functions: tuple[str, ...]
    facts: Mapping[str, str | float]


@dataclass(frozen=True)
class LookAlike:
    """It begins when `after` of the run's users have come; `begin` changes the stage.

    One that is `of_account` shows in what people, the pipeline or the platform do.
    """

    name: str
    summary: str
    begin: Callable[[Stage], Window]
    after: float = 0.5
    of_account: bool = False
