"""Members of families by name."""

from __future__ import annotations

import pytest

from coldtrail.errors import ConfigError
from coldtrail.registry import DETECTORS, FORMATS, load


@pytest.mark.parametrize("family", [FORMATS, DETECTORS])
def test_every_name_leads_to_a_class(family: dict[str, str]) -> None:
    for name in family:
        assert isinstance(load(family, name, "member"), type)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"called 'sequense'.*novelty, presence, sequence, timing\."):
        load(DETECTORS, "sequense", "detector")
