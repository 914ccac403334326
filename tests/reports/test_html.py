"""The page: complete, honest about what it leaves out, and deaf to what names in telemetry tell it."""

from __future__ import annotations

import builtins
import html.parser
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from coldtrail.errors import ConfigError
from coldtrail.records import Alert, Profile, ProfileRun, ProfileStep
from coldtrail.reports import html as html_report
from coldtrail.reports.html import write_report
from tests.reports import stories
from tests.reports.browser import Browser, chromium

ALLOWED_TAGS = {
    "html", "head", "meta", "title", "style", "body", "a", "header", "p", "svg", "path", "circle", "h1",
    "h2", "h3", "strong", "b", "i", "em", "small", "code", "main", "section", "div", "ul", "li",
    "table", "thead", "tbody", "tr", "th", "td", "span", "details", "summary", "article", "ol", "dl",
    "dt", "dd", "footer",
}  # fmt: skip
ALLOWED_ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "href", "id", "aria-label",
    "aria-labelledby", "aria-hidden", "tabindex", "scope", "style", "title", "viewbox", "width",
    "height", "d", "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "cx", "cy",
    "r",
}  # fmt: skip


class Outline(html.parser.HTMLParser):
    """The tags, attributes and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def report(alerts: list[Alert], folder: Path, profiles: dict[tuple[str, str], Profile] | None = None) -> Path:
    path = folder / "report.html"
    known = stories.profiles() if profiles is None else profiles
    write_report(path, alerts=alerts, profiles=known, summary=stories.summary())
    return path


def hostile_report(folder: Path) -> Path:
    profiles = {(name, name): _hostile_profile(name) for name in stories.HOSTILE}
    summary = msgspec.structs.replace(
        stories.summary(), bundle="".join(stories.HOSTILE), losses=stories.HOSTILE
    )
    path = folder / "hostile.html"
    write_report(path, alerts=stories.hostile_alerts(), profiles=profiles, summary=summary)
    return path


def _hostile_profile(name: str) -> Profile:
    steps = (
        ProfileStep(name, name, name, 1, 0.0, 1.0, 2.0),
        ProfileStep("x" + name, name, name, 2, 0.5, 1.0, 2.0),
    )
    runs = (ProfileRun(0.9, 9, steps), ProfileRun(0.1, 1, steps[:1]))
    return Profile(name, name, 10, 0.0, 0.0, 1.0, 2.0, ((name, 1.0),), runs)


def test_the_page_tells_every_alert(alerts: list[Alert], tmp_path: Path) -> None:
    text = " ".join(" ".join(Outline(report(alerts, tmp_path).read_text()).words).split())
    for alert in alerts:
        for words in (
            alert.title,
            alert.verdict.application_flow_id,
            alert.verdict.function_flow_id,
            alert.alert_id,
        ):
            assert words in text
        assert all(step in text for step in alert.next_steps)
        assert alert.technique is not None
        assert alert.technique.technique_id in text
        assert all(reason.expected in text and reason.seen in text for reason in alert.verdict.reasons)
    for words in (
        "MITRE ATT&CK v19",
        "What this cannot see",
        "What this report did not see",
        "left out this time",
    ):
        assert words in text
    assert all(loss in text for loss in stories.summary().losses)


def test_the_page_needs_and_may_do_nothing(alerts: list[Alert], tmp_path: Path) -> None:
    _check_inert(report(alerts, tmp_path).read_text())


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    text = hostile_report(tmp_path).read_text(encoding="utf-8")
    _check_inert(text)
    words = " ".join(Outline(text).words)
    assert "<script>alert(1)</script>" in words
    assert "{{ 7 * 7 }}{% raw %}" in words
    assert "\\u202etxt.exe" in words
    assert all(char.isprintable() for char in text.replace("\n", ""))


def _check_inert(text: str) -> None:
    outline = Outline(text)
    assert outline.tags <= ALLOWED_TAGS
    assert {name for name, _ in outline.attributes} <= ALLOWED_ATTRIBUTES
    for name, value in outline.attributes:
        if name == "href":
            assert value.startswith("#")
        if name == "style":
            assert set(value) <= set("lefwidthp-:;%.0123456789"), value
    policy = dict(outline.attributes)["content"] and text
    assert "default-src 'none'; style-src 'unsafe-inline'" in policy
    assert text.count("<style>") == text.count("</style>") == 1


def test_many_alerts_are_capped_and_counted(alerts: list[Alert], tmp_path: Path) -> None:
    path = report([alerts[place % 5] for place in range(1500)], tmp_path)
    text = " ".join(path.read_text().split())
    assert text.count("<article") == html_report.MAX_DETAILED
    assert (
        "25 of 1,500 alerts are shown below with their evidence, and the first 1,000 are listed above" in text
    )
    assert "975 more alerts" in text
    assert path.stat().st_size < 2_000_000


def test_a_quiet_day_is_not_called_safe(tmp_path: Path) -> None:
    text = " ".join(report([], tmp_path, {}).read_text().split())
    assert "No function did anything unusual" in text
    assert "not proof that nothing happened" in text
    assert "12 runs were not judged" in text


def test_an_unfinished_record_is_named(alerts: list[Alert], tmp_path: Path) -> None:
    flow = msgspec.structs.replace(alerts[0].flow, complete=False)
    text = report([msgspec.structs.replace(alerts[0], flow=flow)], tmp_path, {}).read_text()
    assert "still open" in text
    assert "nothing to compare with" in text


def test_without_jinja2_the_extra_is_named(
    alerts: list[Alert], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without_jinja2(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "jinja2":
            raise ModuleNotFoundError(name)
        return real(name, *args, **kwargs)

    html_report._environment.cache_clear()
    monkeypatch.delitem(sys.modules, "jinja2", raising=False)
    monkeypatch.setattr(builtins, "__import__", without_jinja2)
    with pytest.raises(ConfigError, match=r'pip install "coldtrail\[report\]"'):
        report(alerts, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.chromium
@pytest.mark.skipif(chromium() is None, reason="Chromium is not installed: apt-get install chromium")
def test_a_real_browser_shows_the_pages_without_a_request_or_an_error(
    alerts: list[Alert], tmp_path: Path
) -> None:
    pages = [report(alerts, tmp_path).as_uri(), hostile_report(tmp_path).as_uri()]
    with Browser(chromium() or "", tmp_path / "profile") as browser:
        for url in pages:
            for width, dark in ((1280, False), (400, True)):
                browser.open(url, width, dark=dark)
                assert browser.run("document.documentElement.scrollWidth") <= width
                assert browser.run("document.scripts.length + document.images.length") == 0
                assert browser.run("document.querySelectorAll('article .bar').length") > 5
        browser.open(f"{pages[0]}#alert-3")
        assert browser.run("document.querySelector(':target h2').textContent") == alerts[2].title
    assert set(browser.requests) <= set(pages)
    assert browser.logged == []
