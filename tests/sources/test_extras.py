from __future__ import annotations

import pytest

from coldtrail.errors import ConfigError
from coldtrail.sources.extras import require


def test_what_is_missing_is_named_with_what_brings_it() -> None:
    require("push", "service", "json", "socket")
    with pytest.raises(
        ConfigError, match=r"'push' needs no_such_library, .*; `pip install 'coldtrail\[service\]'` brings it"
    ):
        require("push", "service", "json", "no_such_library")
