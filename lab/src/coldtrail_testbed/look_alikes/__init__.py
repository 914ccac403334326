"""The benign look-alikes of the testbed: to add one, write its file and add its line here."""

from collections.abc import Sequence

from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.look_alikes import (
    cold_burst,
    key_rotation,
    new_function,
    new_office,
    new_version,
    on_call,
    pipeline_moved,
    region_failover,
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
        new_office.LOOK_ALIKE,
        on_call.LOOK_ALIKE,
        key_rotation.LOOK_ALIKE,
        pipeline_moved.LOOK_ALIKE,
        region_failover.LOOK_ALIKE,
    )
}


def find_look_alikes(names: Sequence[str]) -> list[LookAlike]:
    """The look-alikes called `names`; TestbedError names the known ones otherwise.

    `none`, `all` (those that show in flows) and `account` (those that show in what happens to the account)
    are names too.
    """
    groups = {
        "none": (),
        "all": tuple(name for name, one in LOOK_ALIKES.items() if not one.of_account),
        "account": tuple(name for name, one in LOOK_ALIKES.items() if one.of_account),
    }
    for name in names:
        if name not in LOOK_ALIKES and name not in groups:
            choices = ", ".join([*groups, *LOOK_ALIKES])
            raise TestbedError(f"there is no benign look-alike {name!r}; choose from: {choices}")
    wanted = [one for name in names for one in groups.get(name, (name,))]
    return [LOOK_ALIKES[name] for name in dict.fromkeys(wanted)]
