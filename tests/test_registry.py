"""Members of families by name."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

import coldtrail
from coldtrail.errors import ConfigError
from coldtrail.registry import DETECTORS, FORMATS, LABORATORY, load, of_laboratory


@pytest.mark.parametrize("family", [FORMATS, DETECTORS])
def test_every_name_leads_to_a_class(family: dict[str, str]) -> None:
    for name in family:
        assert isinstance(load(family, name, "member"), type)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"called 'sequense'.*novelty, presence, sequence, timing\."):
        load(DETECTORS, "sequense", "detector")


@pytest.mark.parametrize("name", LABORATORY)
def test_the_laboratory_brings_functions(name: str) -> None:
    found = of_laboratory(name)
    assert found.__name__ == name
    assert getattr(coldtrail, name) is found


@pytest.mark.parametrize("name", LABORATORY)
def test_without_the_laboratory_its_functions_say_what_to_install(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for package in ("coldtrail_lab", "coldtrail_testbed"):
        monkeypatch.delitem(sys.modules, package, raising=False)
        for module in [one for one in sys.modules if one.startswith(f"{package}.")]:
            monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(sys, "meta_path", [_Without(), *sys.meta_path])
    function: Callable[..., object] = getattr(coldtrail, name)
    with pytest.raises(ConfigError, match=rf"^`coldtrail.{name}` is part of coldtrail-lab, which is not in"):
        function("anything", visits=3)


class _Without:
    """Finds no laboratory."""

    def find_spec(self, name: str, *_: object) -> None:
        if name in ("coldtrail_lab", "coldtrail_testbed"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
