"""Under another key of pseudonyms the detectors of signals tell the same, in the same order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from math import inf
from random import Random

import msgspec
import pytest

from coldtrail.config import Settings
from coldtrail.detectors.signalling import Signalling
from coldtrail.records.encounter import What
from coldtrail.records.signal import Signal
from coldtrail.records.witnesses import Access, ApiCall, Change, Network, Report
from tests.contracts.encounters import ACCOUNT, BEGIN, BUSY, DAY_S, REGION, fortnight
from tests.contracts.test_signals_of_the_line import observed

STRANGE = BEGIN + 6 * DAY_S + 40_000.0
_PSEUDONYM = re.compile(rb"p-[0-9a-z]+(?:-key)?")


def flood() -> Iterator[What]:
    """What many make up within one second."""
    random = Random(3)
    for number in range(240):
        who, place = f"p-who{number % 60}", f"p-place{number}"
        yield Change(
            f"change-{number}", STRANGE, ACCOUNT, REGION, f"f{number % 4}", "UpdateFunctionCode",
            principal=who, access_key=f"{who}-key", source_ip=place, user_agent="aws-cli",
        )  # fmt: skip
        yield ApiCall(
            f"invoke-flood-{number}", STRANGE, ACCOUNT, REGION, "Lambda", "Invoke", target="pay",
            principal=who, source_ip=place, user_agent=f"tool-{number % 9}", request_id=f"flood-{number}",
        )  # fmt: skip
        yield Report(STRANGE, f"flood-{number}", "pay", account=ACCOUNT, region=REGION)
        yield Access(STRANGE, f"g-flood-{number}", f"flood-{number}", principal=who, source_ip=place)
        size = random.randrange(10**6)
        yield Network(
            STRANGE, STRANGE, ACCOUNT, REGION, interface="eni-1", outgoing=True, remote=place,
            remote_place="public", port=number, bytes=size,
        )  # fmt: skip


@cache
def told() -> tuple[What, ...]:
    return (*(one.what for one in fortnight() if one.actor is None or one.actor == BUSY), *flood())


def under(what: What, key: bytes, back: dict[bytes, bytes]) -> What:
    """The record as it is told with another key; `back` takes what its pseudonyms stood for."""

    def other(found: re.Match[bytes]) -> bytes:
        made = f"p-{blake2b(found[0], key=key, digest_size=8).hexdigest()}".encode()
        back[made] = found[0]
        return made

    return msgspec.json.decode(_PSEUDONYM.sub(other, msgspec.json.encode(what)), type=type(what))


def signals(key: bytes) -> list[bytes]:
    """All that is told, pseudonyms put back."""
    back: dict[bytes, bytes] = {}
    one = Signalling(Settings())
    for what in told():
        one.observe(observed(under(what, key, back)))
    found: list[Signal] = one.advance(inf)
    return [_PSEUDONYM.sub(lambda one: back.get(one[0], one[0]), msgspec.json.encode(one)) for one in found]


@cache
def first() -> list[bytes]:
    return signals(b"one")


@pytest.mark.parametrize("key", [b"another", b"a third"])
def test_under_another_key_the_same_is_told_in_the_same_order(key: bytes) -> None:
    assert signals(key) == first()


def test_much_of_it_is_strange() -> None:
    kinds = {msgspec.json.decode(one)["finding"]["kind"] for one in first()}
    assert kinds >= {"unknown_deployer", "new_remote"}
    assert len(first()) > 20
