"""Options that several verbs share."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from coldtrail.cli.options import a_budget, add_bundle, add_config, add_input, add_json, settings_of
from coldtrail.config import Settings
from coldtrail.errors import ConfigError


def test_the_shared_options_are_parsed_alike() -> None:
    parser = argparse.ArgumentParser()
    for add in (add_input, add_config, add_json):
        add(parser)
    add_bundle(parser, "where")
    options = parser.parse_args(["--input", "a", "-", "--bundle", "b"])
    assert (options.input, options.bundle, options.format) == (["a", "-"], Path("b"), "auto")
    assert (options.config, options.json) == (None, False)


def test_the_budget_of_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text("[detection]\nbudget = 0.2\nready_flows = 9\n", encoding="utf-8")
    both = settings_of(argparse.Namespace(config=config, budget=0.1)).detection
    assert (both.budget, both.ready_flows) == (0.1, 9)
    assert settings_of(argparse.Namespace(config=config)).detection.budget == 0.2
    assert settings_of(argparse.Namespace(config=None, budget=None)) == Settings()


def test_a_budget_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"--budget: detection\.budget is 2\.0"):
        settings_of(argparse.Namespace(config=None, budget=2.0))


def test_a_budget_is_a_share_or_alerts_a_day() -> None:
    assert a_budget("0.01") == 0.01
    share = settings_of(argparse.Namespace(config=None, budget=a_budget("0.01"))).detection
    assert (share.budget, share.alerts_a_day, share.hold_budget) == (0.01, 0.0, True)
    alerts = settings_of(argparse.Namespace(config=None, budget=a_budget("1/day"))).detection
    assert (alerts.alerts_a_day, alerts.hold_budget) == (1.0, True)


@pytest.mark.parametrize("text", ["", "one", "0/day", "-1/day", "nan/day", "1/week", "1/", "/day", "nan"])
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="neither a share of flows"):
        a_budget(text)


@pytest.mark.parametrize("number", ["0", "-1", "nan"])
def test_no_false_alarm_a_day_is_no_budget(number: str) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--config")
    parser.add_argument("--false-alarms-a-day", type=float)
    with pytest.raises(ConfigError, match="above 0"):
        settings_of(parser.parse_args(["--false-alarms-a-day", number]))
