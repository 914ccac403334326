"""What the tests of reports share: the five incidents, and names as an attacker would choose them."""

from __future__ import annotations

import pytest

from coldtrail.records.alert import Alert
from tests.reports import stories


@pytest.fixture
def alerts() -> list[Alert]:
    return stories.alerts()


@pytest.fixture
def hostile_alerts() -> list[Alert]:
    return stories.hostile_alerts()
