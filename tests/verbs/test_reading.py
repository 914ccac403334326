"""Telemetry on disk to flows."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail.config import BaselineSettings, Settings
from coldtrail.errors import ConfigError, SourceError
from coldtrail.records.tally import Tally
from coldtrail.testing import make_history
from coldtrail.verbs.reading import nothing_usable, read_flows, with_limits
from tests.verbs.telemetry_files import write_native, write_xray


def test_files_and_folders_become_flows_and_counts(tmp_path: Path) -> None:
    write_native(tmp_path / "a.jsonl", make_history(5))
    (tmp_path / "below").mkdir()
    write_xray(tmp_path / "below" / "b.jsonl.gz", 4)
    flows, tally = read_flows(tmp_path, Settings(), "auto")
    assert len(list(flows)) == tally.counts["flows assembled"] == 5 + 8
    assert tally.counts["documents read"] == tally.counts["documents parsed"]
    assert tally.lost == 0


def test_a_path_may_be_text_or_one_of_several(tmp_path: Path) -> None:
    one = write_native(tmp_path / "a.jsonl", make_history(2))
    two = write_native(tmp_path / "b.jsonl", make_history(3, prefix="b"))
    assert len(list(read_flows(str(one), Settings(), "native").flows)) == 2
    assert len(list(read_flows([str(one), two], Settings(), "auto").flows)) == 5


def test_no_input_and_an_absent_path_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No input is named"):
        read_flows([], Settings(), "auto")
    with pytest.raises(SourceError, match="there is no such file or folder"):
        read_flows(tmp_path / "absent", Settings(), "auto")


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    path = write_native(tmp_path / "a.jsonl", make_history(1))
    with pytest.raises(ConfigError, match="no format called 'yaml'"):
        read_flows(path, Settings(), "yaml")


def test_progress_is_told_by_bytes_of_a_total(tmp_path: Path) -> None:
    path = write_native(tmp_path / "a.jsonl", make_history(1_200))
    told: list[tuple[str, int, int]] = []
    list(read_flows(path, Settings(), "auto", lambda *what: told.append(what)).flows)
    assert told
    assert {stage for stage, _, _ in told} == {"reading"}
    assert {total for _, _, total in told} == {path.stat().st_size}
    done = [done for _, done, _ in told]
    assert done == sorted(done)
    assert done[-1] <= path.stat().st_size


def test_nothing_usable_is_told_with_its_cause() -> None:
    tally = Tally()
    assert "holds no telemetry" in str(nothing_usable(tally))
    tally.count("documents parsed", 1_234)
    assert "1,234 documents were read, none of a function" in str(nothing_usable(tally))
    tally.lose("document", origin="a.jsonl", place="line 1", reason="it is broken.")
    assert str(nothing_usable(tally)).endswith("a.jsonl, line 1: it is broken.")


def test_ones_own_file_of_countries_takes_the_place_of_the_learned_one() -> None:
    learned = Settings(baselines=BaselineSettings(country_file="old.mmdb", price_per_gb_second=0.1))
    named = with_limits(learned, Settings(baselines=BaselineSettings(country_file="new.mmdb")))
    assert named.baselines == BaselineSettings(country_file="new.mmdb", price_per_gb_second=0.1)
    assert with_limits(learned, Settings()).baselines == learned.baselines
    assert with_limits(learned, None) is learned


@pytest.mark.parametrize("workers", [1, 2])
def test_a_missing_file_of_countries_is_told_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    monkeypatch.setattr("coldtrail.verbs.workers.LEAST_BYTES", 1)
    path = write_xray(tmp_path / "a.jsonl", 4)
    settings = Settings(baselines=BaselineSettings(country_file=str(tmp_path / "absent.mmdb")))
    with pytest.raises(ConfigError, match=r"absent\.mmdb: there is no such file"):
        next(read_flows(path, settings, "auto", workers=workers).flows)
