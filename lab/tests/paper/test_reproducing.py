"""The whole, with a stand-in for the network: reports, resuming, and a browser's view of the page."""

from __future__ import annotations

import html
import html.parser
import re
from dataclasses import replace
from pathlib import Path

import pytest

from coldtrail.errors import ConfigError
from coldtrail_paper.experiment import Laboratory
from coldtrail_paper.network import setups
from coldtrail_paper.plan import Plan
from coldtrail_paper.reproducing import Reproduction, run_experiment
from lab.tests.paper.conftest import refuse
from lab.tests.paper.small_runs import SMALL, StandIn
from tests.reports.browser import Browser, chromium


def done(folder: Path, runs: Path, planned: Plan = SMALL, told: list[str] | None = None) -> Reproduction:
    tell = (told if told is not None else []).append
    return run_experiment(planned, folder, setups(1), record=refuse, make=StandIn, runs=runs, tell=tell)


@pytest.fixture(scope="module")
def whole(runs_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Reproduction:
    return done(tmp_path_factory.mktemp("whole"), runs_folder)


def test_the_page_asks_for_nothing_and_runs_nothing(whole: Reproduction) -> None:
    text = whole.page.read_text(encoding="utf-8")
    tags: set[str] = set()

    class Outline(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.add(tag)
            for name, value in attrs:
                assert not name.startswith("on")
                assert name not in ("src", "action")
                assert name != "href" or (value or "").startswith("#")

    Outline().feed(text)
    assert not tags & {"script", "link", "img", "iframe", "object"}
    assert "default-src 'none'" in text
    for number in range(2, 8):
        assert f"Table {number}:" in text


def test_both_reports_hold_the_same_figures(whole: Reproduction) -> None:
    markdown, page = whole.markdown.read_text("utf-8"), whole.page.read_text("utf-8")
    shown = html.unescape(page)
    for table in (*whole.report.tables, *whole.report.more):
        assert table.title in markdown
        for row in table.rows:
            for cell in row:
                assert cell in markdown
                assert cell in shown
    assert "stand" not in whole.report.lead
    for figure in whole.report.figures:
        assert f"]({figure.file})" in markdown
        assert (whole.markdown.parent / figure.file).read_text("utf-8") == figure.svg
        assert figure.svg in page


def test_the_tables_of_the_markdown_are_whole(whole: Reproduction) -> None:
    rows = re.findall(r"^\|.*\|$", whole.markdown.read_text("utf-8"), re.MULTILINE)
    assert len(rows) == sum(len(table.rows) + 2 for table in (*whole.report.tables, *whole.report.more))


def test_differences_seeds_and_machine_are_told(whole: Reproduction) -> None:
    text = whole.markdown.read_text("utf-8")
    assert "Durations are modelled" in text
    assert "ReserveBooking, CollectPayment" in text
    assert "The runs were given, not planned" in text
    assert whole.experiment.machine in text
    assert "numpy" in dict(whole.report.versions)
    assert all(str(run.seed) in text for run in SMALL.runs)


def test_a_quick_run_says_first_that_it_is_one(
    whole: Reproduction, runs_folder: Path, tmp_path: Path
) -> None:
    quick = done(tmp_path, runs_folder, replace(SMALL, quick=True)).report
    assert quick.lead.startswith("A quick run, trained on a fraction of the paper's data")
    assert quick.lead.endswith(whole.report.lead)
    assert whole.report.lead.startswith("The paper found")


def test_it_goes_on_where_it_was_interrupted(
    runs_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Laboratory, "updates", interrupted)
        with pytest.raises(KeyboardInterrupt):
            done(tmp_path, runs_folder)
    trained = StandIn.trained
    done(tmp_path, runs_folder)
    assert StandIn.trained - trained == len(setups(1)), "only the updates trained"
    trained = StandIn.trained
    again = done(tmp_path, runs_folder)
    assert StandIn.trained == trained
    assert again.page.exists()


def test_a_run_that_cannot_be_had_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not recorded"):
        done(tmp_path / "out", tmp_path / "none")


@pytest.mark.chromium
@pytest.mark.skipif(chromium() is None, reason="no Chromium is installed")
def test_a_browser_shows_it_without_sideways_scrolling(whole: Reproduction, tmp_path: Path) -> None:
    program = chromium()
    assert program is not None
    with Browser(program, tmp_path / "profile") as browser:
        for width in (1280, 420):
            browser.open(whole.page.as_uri(), width=width)
            assert browser.run("document.documentElement.scrollWidth") <= width
            assert browser.run("document.querySelectorAll('figure svg').length") == len(whole.report.figures)
        assert browser.requests == [whole.page.as_uri()] * 2
        assert browser.logged == []
