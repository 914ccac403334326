from __future__ import annotations

from typing import Any

import pytest

from coldtrail.errors import ConfigError
from coldtrail.service.channels import channels_from

HOOK = {"HOOK": "https://hooks.example/T0KEN"}


def table(**more: Any) -> dict[str, Any]:
    return {"kind": "slack", "url_env": "HOOK", **more}


def test_each_table_is_a_channel() -> None:
    tables = [table(from_severity="high"), table(name="night", quiet={"from": "20:00"})]
    first, second = channels_from(tables, HOOK, "coldtrail.toml", link="https://x.example")
    assert (first.settings.called, first.settings.from_severity) == ("slack", "high")
    assert (second.settings.called, second.settings.link) == ("night", "https://x.example")


@pytest.mark.parametrize(
    ("tables", "wrong"),
    [
        ([table(kind="pigeon")], r"coldtrail.toml: notify\[0\]: There is no kind of channel called 'pigeon'"),
        ([table(), table()], r"notify\[1\]: another channel is called 'slack'"),
        ([table(colour="red")], r"notify\[0\]: .*colour"),
        ([table(quiet={"until": "7"})], r"notify\[0\]: .*until"),
        ([table(only=[{"field": "function", "op": "=", "value": "x", "or": "y"}])], r"notify\[0\]: .*or"),
        ([table(time_zone="Mars")], r"notify\[0\]: time_zone"),
        ([table(url_env="NOT_SET")], r"notify\[0\]: url_env: .*NOT_SET"),
        ([table(from_severity="huge")], r"notify\[0\]: .*huge"),
        ([{"kind": "pagerduty", "routing_key_env": "HOOK", "digest": "daily"}], r"notify\[0\]: digest"),
    ],
)
def test_what_is_wrong_is_told_with_its_path(tables: list[dict[str, Any]], wrong: str) -> None:
    with pytest.raises(ConfigError, match=wrong) as caught:
        channels_from(tables, HOOK, "coldtrail.toml")
    assert "T0KEN" not in str(caught.value)
