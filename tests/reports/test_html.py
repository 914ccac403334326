"""The page: complete, honest about what it leaves out, and deaf to what names in telemetry tell it."""

from __future__ import annotations

import builtins
import html.parser
import re
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from coldtrail.alerts.alerts import alerts_from
from coldtrail.alerts.drifts import alerts_from_shifts
from coldtrail.alerts.showing.shell import in_shell
from coldtrail.alerts.wording.findings import expected, seen
from coldtrail.errors import ConfigError
from coldtrail.records.alert import Alert, Evidence
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.profile import Profile, ProfileRun, ProfileStep
from coldtrail.records.shift import Shift
from coldtrail.records.verdict import Verdict
from coldtrail.reports import html as html_report
from coldtrail.reports.html import write_report
from coldtrail.testing import make_key
from tests.alerts.test_alerts import make_pair, make_reason
from tests.alerts.test_slowness import waited
from tests.findings import reason, step_seen, usually
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
    "aria-labelledby", "aria-hidden", "tabindex", "scope", "role", "style", "title", "viewbox", "width",
    "height", "d", "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "cx", "cy",
    "r", "open",
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


def report(alerts: list[Alert], folder: Path, profiles: dict[FunctionKey, Profile] | None = None) -> Path:
    path = folder / "report.html"
    known = stories.profiles() if profiles is None else profiles
    write_report(path, alerts=alerts, profiles=known, summary=stories.summary())
    return path


def hostile_report(folder: Path) -> Path:
    profiles = {make_key(name, name): _hostile_profile(name) for name in stories.HOSTILE}
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
    return Profile("", "", name, name, 10, 0.0, 0.0, 1.0, 2.0, ((name, 1.0),), runs)


def test_the_page_tells_every_alert(alerts: list[Alert], tmp_path: Path) -> None:
    text = " ".join(" ".join(Outline(report(alerts, tmp_path).read_text()).words).split())
    for alert in alerts:
        for words in (
            alert.title,
            alert.look_at.application_flow_id,
            alert.look_at.function_flow_id,
            alert.id,
        ):
            assert words in text
        assert all(step.told in text for step in alert.next_steps), alert.next_steps
        assert alert.technique is not None
        assert alert.technique.technique_id in text
        assert all(
            expected(reason.finding) in text and seen(reason.finding) in text for reason in alert.reasons
        )
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
    alone = msgspec.structs.replace(flow, witnesses=("cloudtrail",))
    assert (
        "still open" not in report([msgspec.structs.replace(alerts[0], flow=alone)], tmp_path, {}).read_text()
    )


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


_ROLES = """
[...document.querySelectorAll("table.list tbody td")].slice(0, 1).flatMap(cell =>
    [cell.closest("table"), cell.closest("tbody"), cell.parentNode, cell].map(
        one => one.getAttribute("role")))
"""
"""A narrow page shows rows as blocks, which would take the table from a screen reader."""


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
        browser.open(pages[0], 390)
        assert browser.run(_ROLES) == ["table", "rowgroup", "row", "cell"]
        browser.open(f"{pages[0]}#alert-3")
        assert browser.run("document.querySelector(':target h2').textContent") == alerts[2].title
    assert set(browser.requests) <= set(pages)
    assert browser.logged == []


def _words(alerts: list[Alert], folder: Path) -> str:
    return " ".join(" ".join(Outline(report(alerts, folder).read_text()).words).split())


def test_commands_stand_apart_to_be_copied(alerts: list[Alert], tmp_path: Path) -> None:
    text = report(alerts, tmp_path).read_text()
    commands = [in_shell(step.command) for step in alerts[0].next_steps if step.command]
    assert len(commands) > 2
    for command in commands:
        assert command.startswith("aws ")
        assert f">{command}</code></li>" in text


def test_a_shift_is_not_told_as_one_strange_run(tmp_path: Path) -> None:
    key = stories.key_of("ConfirmBooking")
    shift = Shift(*key, "own_time", 0.0, 60.0, 40, 0.002, 0.009, "", 90_000.0, "f", "t", ("f",))
    text = _words(alerts_from_shifts([shift], {}), tmp_path)
    assert "ConfirmBooking spends 9.0 ms in its own code instead of 2.0 ms" in text
    assert "one of its runs is shown" in text
    assert "of many runs together; by chance alone, 1 in 90,000 runs would set it off" in text
    assert "is as strange" not in text


def test_accounts_and_regions_are_told_where_there_are_several(alerts: list[Alert], tmp_path: Path) -> None:
    known = stories.profiles()
    assert "airline, 123456789012" not in _words(alerts, tmp_path)
    other = stories.key_of("ConfirmBooking")._replace(account="210987654321")
    path = report(alerts, tmp_path, known | {other: known[stories.key_of("ConfirmBooking")]})
    words = " ".join(Outline(path.read_text()).words)
    assert "airline, 123456789012" in words
    assert "airline, 210987654321" in words


def test_what_is_told_together_and_what_no_technique_fits(tmp_path: Path) -> None:
    text = _words(alerts_from([waited("Book", 0.0), waited("Pay", 60.0)], with_waiting=True), tmp_path)
    assert "DynamoDB kept 2 functions waiting" in text
    assert "Told together Book: Query on DynamoDB Orders 4.2 s: 1 run" in text
    assert "T1496" not in text


def test_a_change_is_shown_with_its_runs(tmp_path: Path) -> None:
    learned = {FunctionKey("1", "r", "app", "Confirm"): frozenset({"1"})}
    text = _words(alerts_from([released(f"n{n}") for n in range(30)], learned), tmp_path)
    assert "Confirm runs a version never learned (2): 1 new step" in text
    assert "30 of the version's 30 runs so far" in text


def released(flow_id: str) -> tuple[Verdict, Flow]:
    verdict, flow = make_pair(flow_id, make_reason("new_action"))
    return verdict, msgspec.structs.replace(flow, version="2")


def test_enormous_alerts_stay_a_page_that_a_browser_opens(alerts: list[Alert], tmp_path: Path) -> None:
    name = "n" * 512
    reasons = tuple(
        reason("order", name, name, usually(name * 4), step_seen(name * 4), 1.0, f"e{n}") for n in range(8)
    )
    huge = msgspec.structs.replace(
        alerts[0],
        reasons=reasons,
        flow=_long_flow(alerts[0].flow, name) if alerts[0].flow else None,
        evidence=(Evidence(name, name),) * 100,
        details=(name * 3,) * 24,
    )
    path = report([huge] * 10_000, tmp_path)
    assert path.stat().st_size < 12_000_000


def _long_flow(flow: Flow, name: str) -> Flow:
    events = tuple(
        msgspec.structs.replace(flow.events[0], event_id=f"e{n}", event_name=f"{n}{name}")
        for n in range(2000)
    )
    return msgspec.structs.replace(
        flow, events=events, depths=(1,) * len(events), self_times=(0.0,) * len(events)
    )


@pytest.mark.parametrize("dark", [False, True])
def test_small_texts_stand_out_from_what_lies_behind(dark: bool) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1 for texts of common size."""
    css = (Path(html_report.__file__).parent / "templates" / "report.css").read_text()
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", css.split("@media")[1 if dark else 0]))
    for text in ("ink", "soft", "brand", "critical", "high", "medium", "low", "strange"):
        for behind in ("paper", "card", "wash", "strange-wash"):
            assert _contrast(colours[text], colours[behind]) >= 4.5, (text, behind)


def _contrast(one: str, other: str) -> float:
    dim, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
