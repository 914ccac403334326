"""The benign look-alikes of the testbed: to add one, write its file and add its line here."""

from collections.abc import Sequence

from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.look_alikes import (
    cold_burst,
    new_function,
    new_version,
    retry_storm,
    sale_day,
    slow_partner,
)
from coldtrail_testbed.look_alikes.model import LookAlike

LOOK_ALIKES: dict[str, LookAlike] = {
    look_alike.name: look_alike
    for look_alike in (
        new_version.LOOK_ALIKE,
        slow_partner.LOOK_ALIKE,
        retry_storm.LOOK_ALIKE,
        cold_burst.LOOK_ALIKE,
        sale_day.LOOK_ALIKE,
        new_function.LOOK_ALIKE,
    )
}


def find_look_alikes(names: Sequence[str]) -> list[LookAlike]:
    """The look-alikes called `names` (`none` and `all` too); TestbedError names the known ones otherwise."""
    groups = {"none": (), "all": tuple(LOOK_ALIKES)}
    for name in names:
        if name not in LOOK_ALIKES and name not in groups:
            choices = ", ".join([*groups, *LOOK_ALIKES])
            raise TestbedError(f"there is no benign look-alike {name!r}; choose from: {choices}")
    wanted = [one for name in names for one in groups.get(name, (name,))]
    return [LOOK_ALIKES[name] for name in dict.fromkeys(wanted)]
