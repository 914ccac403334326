"""Hostile names in every output: a page in a browser, a terminal, files, and commands run by a shell."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest

from coldtrail.alerts.showing.html import LONGEST_TEXT
from coldtrail.alerts.showing.kinds import KINDS
from coldtrail.alerts.showing.plain import plain, short
from coldtrail.alerts.showing.shell import arguments, in_shell, step_text
from coldtrail.alerts.showing.terminal import Screen
from coldtrail.records.alert import Alert
from coldtrail.reports.alert_lines import write_alerts
from coldtrail.reports.html import write_report
from coldtrail.reports.ocsf import write_findings
from coldtrail.reports.table import print_alerts
from tests.attacks.hostile_alerts import hostile_alerts, hostile_profiles
from tests.attacks.hostile_names import EVERY_NAME, NAMES
from tests.reports import stories
from tests.reports.browser import Browser, chromium
from tests.reports.test_html import ALLOWED_ATTRIBUTES, ALLOWED_TAGS
from tests.reports.test_ocsf import check

OUR_OPTIONS = {
    "--trace-ids",
    "--region",
    "--lookup-attributes",
    "--start-time",
    "--end-time",
    "--function-name",
    "--log-group-name",
    "--filter-pattern",
    "--query-statement",
}
A_PAGE = 200
"""Alerts on a page: a browser on a busy machine shows it in seconds."""
PLACEHOLDERS = {kind.placeholder for kind in KINDS.values()}
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def alerts() -> list[Alert]:
    return list(hostile_alerts())


def test_there_are_many_names_of_many_kinds(alerts: list[Alert]) -> None:
    assert len(NAMES) >= 500
    assert len(alerts) > 3 * len(EVERY_NAME)
    assert sum(alert.kind == "contradiction" for alert in alerts) > 100
    assert len({alert.kind for alert in alerts}) > 15


def _page(alerts: list[Alert], path: Path) -> Path:
    summary = msgspec.structs.replace(stories.summary(), bundle="".join(EVERY_NAME), losses=EVERY_NAME)
    write_report(path, alerts=alerts, profiles=hostile_profiles(), summary=summary, max_detailed=len(alerts))
    return path


# Of a page: the names of its elements and of their attributes, where its links go, what its styles say, the
# commands to copy, and what a script that ran would have left.
_LOOK = """(() => {
    const all = [...document.querySelectorAll("*")];
    const having = name => all.filter(one => one.hasAttribute(name));
    const told = name => [...new Set(having(name).map(one => one.getAttribute(name)))];
    return {
        tags: [...new Set(all.map(one => one.localName))],
        attributes: [...new Set(all.flatMap(one => one.getAttributeNames()))],
        links: told("href"),
        styles: told("style"),
        commands: [...document.querySelectorAll("code.command")].map(one => one.textContent),
        classes: [...new Set(all.flatMap(one => [...one.classList]))],
        steps: document.querySelectorAll("ol.next > li").length,
        articles: document.querySelectorAll("main > article").length,
        shown: document.querySelectorAll("body > *").length,
        owned: typeof owned,
        title: document.title,
        text: document.body.textContent,
    };
})()"""


@pytest.mark.slow
@pytest.mark.chromium
@pytest.mark.skipif(chromium() is None, reason="Chromium is not installed: apt-get install chromium")
def test_a_page_of_hostile_names_is_only_a_page(alerts: list[Alert], tmp_path: Path) -> None:
    parts = [alerts[start : start + A_PAGE] for start in range(0, len(alerts), A_PAGE)]
    pages = [_page(part, tmp_path / f"{place}.html") for place, part in enumerate(parts)]
    with Browser(chromium() or "", tmp_path / "profile") as browser:
        for part, page in zip(parts, pages, strict=True):
            browser.open(page.as_uri())
            _check_page(browser.run(_LOOK), part)
        assert set(browser.requests) <= {page.as_uri() for page in pages}
        assert browser.logged == []


def _check_page(found: dict[str, Any], alerts: list[Alert]) -> None:
    assert set(found["tags"]) <= ALLOWED_TAGS
    assert {name.lower() for name in found["attributes"]} <= ALLOWED_ATTRIBUTES
    assert all(re.fullmatch(r"#[a-z]+(-\d+)?", link) for link in found["links"])
    assert all(re.fullmatch(r"((left|width):[\d.]+%;?)+|--depth:\d+", style) for style in found["styles"])
    assert all(re.fullmatch(r"[a-z-]+", one) for one in found["classes"])
    assert found["owned"] == "undefined"
    assert found["title"] == f"Coldtrail report: {len(alerts)} alerts"
    assert (found["articles"], found["shown"]) == (len(alerts), 4)
    assert found["steps"] == sum(len(alert.next_steps) for alert in alerts)
    commands = [in_shell(step.command) for alert in alerts for step in alert.next_steps if step.command]
    assert found["commands"] == commands
    text = " ".join(found["text"].split())
    for name in EVERY_NAME:
        assert " ".join(short(name, LONGEST_TEXT).split()) in text, ascii(name)


@pytest.mark.slow
@pytest.mark.parametrize(("width", "colour"), [(60, "truecolor"), (4_000, None)])
def test_a_terminal_shows_hostile_names_and_does_nothing(
    alerts: list[Alert], width: int, colour: Literal["truecolor"] | None
) -> None:
    file, explained = io.StringIO(), len(EVERY_NAME)
    screen = Screen(file=file, width=width, force_terminal=colour is not None, color_system=colour)
    print_alerts(alerts, screen, explained=explained)
    text = COLOURS.sub("", file.getvalue()) if colour else file.getvalue()
    assert {char for char in text if char != "\n" and not char.isprintable()} == set()
    assert text.count("What to look at next") == explained
    if width == 4_000:
        for name in EVERY_NAME:
            assert len(plain(name)) > 90 or plain(name).strip() in text, ascii(name)


def test_lines_of_alerts_are_json_that_says_the_same(alerts: list[Alert], tmp_path: Path) -> None:
    tellable = [alert for alert in alerts if _is_text(alert)]
    write_alerts(tellable, tmp_path / "alerts.jsonl")
    text = (tmp_path / "alerts.jsonl").read_text(encoding="utf-8")
    assert all(char == "\n" or char.isprintable() for char in text)
    lines = [json.loads(line) for line in text.split("\n") if line]
    assert [line["next_steps"] for line in lines] == [
        list(map(step_text, one.next_steps)) for one in tellable
    ]
    assert [line["subject"]["function_name"] for line in lines] == [
        one.subject.function_name for one in tellable
    ]
    for line in lines:
        for step, argv in zip(line["next_steps"], line["commands"], strict=True):
            assert argv is None or step.endswith(": " + " ".join(argv)) or "'" in step


def test_findings_are_json_of_the_schema(alerts: list[Alert], tmp_path: Path) -> None:
    write_findings(alerts, tmp_path / "findings.jsonl")
    lines = (tmp_path / "findings.jsonl").read_text(encoding="ascii").splitlines()
    assert len(lines) == len(alerts)
    for alert, line in zip(alerts, lines, strict=True):
        found = json.loads(line)
        if alert.subject.region or alert.subject.account:
            check(found)
        described = found["remediation"]["desc"].split("\n")
        assert described == [step_text(step) for step in alert.next_steps]


def test_a_name_in_a_step_ends_at_its_quotation_mark(alerts: list[Alert]) -> None:
    """No name can add a sentence, or a command, to what a person is told to do."""
    for alert in alerts:
        for step in alert.next_steps:
            ours = re.sub("“[^”]*”", "", step.told).split()
            assert not {"aws", "owned", "rm"} & set(ours), step.told


def _is_text(alert: Alert) -> bool:
    """Whether UTF-8 can write it: no document with half a pair gets as far as this."""
    return not re.search(
        "[\ud800-\udfff]", repr(alert.subject) + repr(alert.evidence) + repr(alert.reasons)
    ) and ("\\ud" not in repr(alert))


def test_a_name_enters_a_command_only_as_a_name(alerts: list[Alert]) -> None:
    for argv in _intended(alerts):
        assert argv[0] == "aws"
        assert {one for one in argv if one.startswith("-")} <= OUR_OPTIONS
        for one in argv[1:]:
            assert re.fullmatch(r"[A-Za-z0-9_.:/@+$,=#-]+", one), one
            assert one.count(",") == 0 or re.fullmatch(
                r"AttributeKey=[A-Za-z]+,AttributeValue=[^,=]+", one
            ), one


@pytest.mark.slow
def test_a_shell_runs_each_command_and_nothing_else(alerts: list[Alert], tmp_path: Path) -> None:
    """As pasted from the page or the terminal, and as cut from the text of a step."""
    intended = _intended(alerts)
    pasted = [in_shell(step.command) for alert in alerts for step in alert.next_steps if step.command]
    cut = [
        step_text(step).rpartition(": aws ")[2]
        for alert in alerts
        for step in alert.next_steps
        if step.command
    ]
    assert _run(tmp_path / "pasted", pasted) == intended
    assert _run(tmp_path / "cut", [f"aws {one}" for one in cut]) == intended
    kept = [argv for argv in intended if not PLACEHOLDERS & set(re.split("[=,]| ", " ".join(argv)))]
    assert len(kept) > 500


def _intended(alerts: list[Alert]) -> list[list[str]]:
    return [arguments(step.command) for alert in alerts for step in alert.next_steps if step.command]


_RECORDER = """#!/bin/sh
printf '%s\\0' "${0##*/}" "$@" >> "$RECORD"
printf '\\n' >> "$RECORD"
"""
_PROGRAMS = ("aws", "touch", "id", "rm", "curl", "coldtrail", "sh", "cat", "x", "orders", "red", "owned")
"""What there is to run: all of them only write down that they were."""


def _run(folder: Path, commands: list[str]) -> list[list[str]]:
    """What ran when a shell was given the commands, each on a line of its own."""
    programs, home, record = folder / "bin", folder / "home", folder / "record"
    programs.mkdir(parents=True)
    home.mkdir()
    for name in _PROGRAMS:
        (programs / name).write_text(_RECORDER)
        (programs / name).chmod(0o755)
    environment = {"PATH": str(programs), "HOME": str(home), "RECORD": str(record)}
    for some in _by_hundred(commands):
        done = subprocess.run(
            ["/bin/sh", "-c", "\n".join(some)],
            cwd=home,
            env=environment,
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert os.listdir(home) == []
    return [line.split("\0")[:-1] for line in record.read_text().split("\n")[:-1]]


def _by_hundred(commands: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(commands), 100):
        yield commands[start : start + 100]
