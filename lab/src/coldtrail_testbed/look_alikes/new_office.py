"""Half of the people move to a new office, in another country: a network that nobody has seen."""

from math import inf

from coldtrail_testbed.account.networks import NEW_OFFICE
from coldtrail_testbed.look_alikes.model import LookAlike, Stage, Window


def _begin(stage: Stage) -> Window:
    movers = stage.generator.sample(list(stage.account.people), len(stage.account.people) // 2)
    for person in movers:
        stage.account.offices[person.name] = NEW_OFFICE
    names = ",".join(person.name for person in movers)
    facts: dict[str, str | float] = {"people": names, "network": NEW_OFFICE.cidr}
    return Window(stage.now(), inf, (), facts)


LOOK_ALIKE = LookAlike(
    "new_office", "half of the people work from a new office abroad", _begin, after=0.4, of_account=True
)
