"""Drip leak: the data leakage, but once in a thousand runs."""

from dataclasses import replace

from coldtrail_testbed.attacks import data_leakage
from coldtrail_testbed.attacks.model import Attack, OneIn

_PACE = OneIn(1000)

ATTACK = Attack(
    name="drip_leak",
    summary="leaks data to a public bucket once in a thousand runs",
    places={
        "airline": replace(data_leakage.AIRLINE, pace=_PACE),
        "vod": replace(data_leakage.VOD, pace=_PACE),
    },
)
