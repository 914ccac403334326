"""Who calls functions, as the audit log tells it: a few principals, of which some come and go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.random import Generator

from benchmarks.worlds.days.attacks import CALLER, Attack
from benchmarks.worlds.days.functions import ACCOUNT, REGION, Function
from benchmarks.worlds.days.telling import BEGIN, DAY_S
from coldtrail.records.encounter import Encounter
from coldtrail.records.witnesses import ApiCall

_NEW_A_DAY = 0.01
"""A principal of the house that was not there before."""
_MOST_A_DAY = 40
_PLACED = {"source_network", "source_country"} & set(ApiCall.__struct_fields__)


class Visitors:
    """Those of one function."""

    def __init__(self, random: Generator, place: int) -> None:
        self._place = place
        self._number = int(random.integers(1, 6))
        self._calls = 0

    def of_day(
        self, random: Generator, function: Function, day: int, attacks: list[Attack]
    ) -> Iterator[Encounter]:
        """The calls of a day, and those of attackers."""
        if random.random() < _NEW_A_DAY:
            self._number += 1
        number = min(int(random.poisson(max(function.a_day, 2.0))), _MOST_A_DAY)
        for time in day + np.clip(random.normal(0.55, 0.12, number), 0.0, 0.999):
            who = int(random.integers(self._number))
            address = int(random.integers(4))
            yield self._call(
                function, float(time), f"p-{self._place}-{who}", f"house-{who}", address, "IE", "Boto3"
            )
        for attack in attacks:
            if attack.kind == CALLER and day <= attack.begin < day + 1:
                for time in attack.begin + np.sort(random.random(40)) * (attack.end - attack.begin):
                    who = f"p-stranger-{self._place}-{day}"
                    yield self._call(function, float(time), who, "far", 1, "ZZ", "aws-cli")

    def _call(
        self, function: Function, time: float, who: str, network: str, address: int, country: str, agent: str
    ) -> Encounter:
        self._calls += 1
        at = BEGIN + time * DAY_S
        placed: dict[str, Any] = {}
        if _PLACED:
            placed = {"source_network": f"n-{network}", "source_country": country}
        call = ApiCall(
            f"invoke-{self._place}-{self._calls}",
            at,
            ACCOUNT,
            REGION,
            "Lambda",
            "Invoke",
            target=function.key.function,
            principal=who,
            principal_kind="AssumedRole",
            principal_account=ACCOUNT,
            access_key=f"{who}-key",
            source_ip=f"p-{network}-{address}",
            user_agent=agent,
            data_event=True,
            request_id=f"q-{self._place}-{self._calls}",
            **placed,
        )
        return Encounter(at, call, None, function.key)
