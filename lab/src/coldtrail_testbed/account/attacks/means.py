"""With whose means an attacker comes: a leaked key of the pipeline, or somebody's session."""

from dataclasses import replace
from random import Random

from coldtrail_testbed.account.attacks.model import Burglar
from coldtrail_testbed.account.people import PIPELINE
from coldtrail_testbed.facts import Caller

_BROWSERS = (
    "Mozilla/5.0 (Windows NT 6.1; Win64; x64; rv:115.0) Gecko/20100101 Firefox/115.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
)


def leaked_key(burglar: Burglar) -> Caller:
    """The pipeline's key, used from where the attacker is."""
    return replace(PIPELINE, address=burglar.sender.address, user_agent=burglar.sender.user_agent)


def stolen_session(burglar: Burglar, generator: Random, *, console: bool) -> Caller:
    """A session of somebody who works with the account, used from where the attacker is.

    Each attack of a run has another victim, as long as there are some.
    """
    account = burglar.account
    person = generator.choice([one for one in account.people if one not in account.victims] or account.people)
    account.victims.append(person)
    agent = generator.choice(_BROWSERS) if console else burglar.sender.user_agent
    return person.session(burglar.sender.address, burglar.account.now(), console=console, agent=agent)


def some_means(burglar: Burglar, generator: Random) -> Caller:
    """A stolen session of the command line, or the leaked key when everybody has been robbed."""
    if len(burglar.account.victims) < len(burglar.account.people):
        return stolen_session(burglar, generator, console=False)
    return leaked_key(burglar)
