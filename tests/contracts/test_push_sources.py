"""What every source promises that is sent telemetry."""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from coldtrail.errors import ConfigError
from coldtrail.registry import LIVE_SOURCES, load
from coldtrail.sources.listening import address_from
from tests.sources.serving import context, served

PUSH = [kind for kind in LIVE_SOURCES if hasattr(load(LIVE_SOURCES, kind, "source"), "serve")]


def member(kind: str) -> Any:
    return load(LIVE_SOURCES, kind, "source")


def listens(kind: str) -> list[str]:
    """The settings that say where it listens."""
    return [name for name in member(kind).Settings.__struct_fields__ if name.endswith("listen")]


def source(kind: str, tmp_path: Path, **settings: object) -> Any:
    own = msgspec.convert({"listen": "127.0.0.1:0", **settings}, member(kind).Settings)
    return member(kind)(own, context(tmp_path))


@pytest.mark.parametrize("kind", PUSH)
def test_by_default_only_programs_of_this_machine_can_send(kind: str, tmp_path: Path) -> None:
    made = member(kind)(member(kind).Settings(), context(tmp_path, "named"))
    assert made.name == "named"
    for name in listens(kind):
        text = getattr(member(kind).Settings(), name)
        assert not text or address_from(text, name).is_loopback


@pytest.mark.parametrize("kind", PUSH)
def test_nobody_can_reach_it_from_elsewhere_unasked(kind: str, tmp_path: Path) -> None:
    for name in listens(kind):
        for address in ("0.0.0.0:4318", "[::]:4318", "192.0.2.1:4318"):
            with pytest.raises(ConfigError, match=r"^source 'push' would take telemetry from anyone"):
                source(kind, tmp_path, **{name: address})


@pytest.mark.parametrize("kind", PUSH)
def test_every_setting_is_explained_and_no_other_is_known(kind: str, tmp_path: Path) -> None:
    settings = member(kind).Settings
    body = ast.parse(inspect.getsource(settings)).body[0].body  # type: ignore[attr-defined]
    explained = [
        one.target.id
        for one, following in pairwise(body)
        if isinstance(one, ast.AnnAssign) and isinstance(following, ast.Expr)
    ]
    assert explained == list(settings.__struct_fields__)
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        source(kind, tmp_path, no_such_key=1)


@pytest.mark.parametrize("kind", PUSH)
def test_it_listens_where_it_says_and_leaves_the_place_free(kind: str, tmp_path: Path) -> None:
    with served(source(kind, tmp_path)) as serving:
        (address,) = serving.addresses
        assert address.port
    assert serving.addresses == ()
    with served(source(kind, tmp_path, listen=str(address))) as again:
        assert again.addresses == (address,)
