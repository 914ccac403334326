"""The people who work with the account, and the pipeline that deploys.

Some are IAM users with a second factor, some come through IAM Identity Center, as a session of a role that
bears their address. Each has a home, a machine of their own, and the hours in which they work.
"""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal

from coldtrail_testbed.account.networks import HEAD_OFFICE, HOMES, RUNNERS, Network, address_in
from coldtrail_testbed.facts import Caller
from coldtrail_testbed.telemetry.cloudtrail_identities import unique_id

PIPELINE_KEY = "AKIAQYLPMN5HJX3WVLEK"
PIPELINE_ROLE = "ReleaseDeployRole"
DEVELOPERS = "AWSReservedSSO_Developers_5d1f0c2ab7e94c36"
_BLINK = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0"
_MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_BLINK} Safari/537.36"
_WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_BLINK} Safari/537.36 Edg/143.0.0.0"
_FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0"
_CLI = "aws-cli/2.31.37 md/awscrt#0.28.4 ua/2.1 os/{} md/arch#{} lang/python#3.13.9"
_RUNNER = (
    "aws-cli/2.31.37 md/awscrt#0.28.4 ua/2.1 os/linux#6.11.0-1018-azure md/arch#x86_64 lang/python#3.13.9"
    " exec-env/GitHubActions"
)


@dataclass(frozen=True)
class Person:
    """Somebody who works with the account; hours are UTC."""

    name: str
    kind: Literal["user", "session"]
    home: Network
    browser: str
    tool: str
    hours: tuple[int, int] = (7, 17)
    is_administrator: bool = False

    def sits_at(self, network: Network) -> str:
        """The address under which this person is seen: an office has two for all, a home has one."""
        unlike = sum(sha256(self.name.encode()).digest())
        return address_in(network, unlike if network in HOMES else 10 + unlike % 2)

    def session(self, address: str, since: float, *, console: bool, agent: str = "") -> Caller:
        """A session that begins at `since`, in the console or with the command line."""
        key = unique_id("ASIA", f"{self.name} {since}")
        agent = agent or (self.browser if console else self.tool)
        if self.kind == "user":
            return Caller("user", self.name, address, agent, key, since=since, mfa=True, console=console)
        email = f"{self.name}@example.com"
        return Caller("session", email, address, agent, key, role=DEVELOPERS, since=since, console=console)


PEOPLE = (
    Person("ana.silva", "user", HOMES[0], _MAC, _CLI.format("macos#25.1.0", "arm64"), is_administrator=True),
    Person("jonas.weber", "user", HOMES[1], _FIREFOX, _CLI.format("linux#6.12.0", "x86_64")),
    Person("mei.tanaka", "user", HOMES[3], _MAC, _CLI.format("macos#25.1.0", "arm64"), (6, 16)),
    Person("lukas.berg", "session", HOMES[2], _WINDOWS, _CLI.format("windows#11", "amd64")),
    Person("noor.haddad", "session", HOMES[0], _MAC, _CLI.format("macos#25.0.0", "arm64"), (8, 18)),
    Person("tom.keller", "session", HOMES[1], _WINDOWS, _CLI.format("windows#11", "amd64"), (7, 16)),
)
PIPELINE = Caller("user", "release-pipeline", address_in(RUNNERS, 17), _RUNNER, PIPELINE_KEY)
ON_CALL = PEOPLE[1]


def pipeline_at(number: int, pipeline: Caller = PIPELINE) -> Caller:
    """The pipeline on one of the build runners: each job gets another one."""
    return replace(pipeline, address=address_in(RUNNERS, number))


def works_from(person: Person, *, at_home: bool, office: Network = HEAD_OFFICE) -> str:
    """The address from which a person works today."""
    return person.sits_at(person.home if at_home else office)
