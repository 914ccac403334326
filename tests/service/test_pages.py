"""The pages of a running service: what is open, health that tells the truth, metrics; nothing unescaped."""

from __future__ import annotations

import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from coldtrail.errors import ConfigError
from coldtrail.service.pages import Pages
from coldtrail.service.running import Service
from coldtrail.service.settings import address_of
from coldtrail.service.status import Outbox, Watcher, troubles
from coldtrail.store.database import AlertRow
from tests.service.memory import MemoryDatabase
from tests.service.test_loop import service, telemetry

EVIL = "<script>alert(1)</script>\u202e\"' onload=x"


class Answered(NamedTuple):
    status: int
    headers: dict[str, str]
    body: str


@pytest.fixture
def done(bundle: Path, tmp_path: Path) -> Service:
    """A service that has watched two thefts."""
    running = service(bundle, telemetry(tmp_path / "in.jsonl"), MemoryDatabase())
    running.run(threading.Event())
    return running


@pytest.fixture
def pages(done: Service) -> Iterator[Pages]:
    made = Pages(
        "127.0.0.1:0", Watcher(done, budget_a_day=1.0), lambda: list(done.commits.standing.cases.values())
    )
    made.start()
    yield made
    made.stop()


def asked(pages: Pages, path: str, host: str | None = None, method: str = "GET") -> Answered:
    request = urllib.request.Request(pages.place + path.removeprefix("/"), method=method)
    if host is not None:
        request.add_header("Host", host)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return Answered(answer.status, dict(answer.headers), answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return Answered(error.code, dict(error.headers), error.read().decode())


def test_the_status_page_shows_alerts_cases_and_sources_without_any_script(pages: Pages) -> None:
    answer = asked(pages, "/")
    assert answer.status == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    for told in ("loot", "lines", "62 flows judged", "width=device-width", "All stages move."):
        assert told in answer.body
    assert not re.search(r"<script|\sstyle=|\son\w+=", answer.body)
    (link,) = re.findall(r'href="(/alerts/[^"]+)"', answer.body)
    shown = asked(pages, link)
    assert shown.status == 200
    assert "loot" in shown.body
    assert asked(pages, "/style.css").headers["Content-Type"].startswith("text/css")
    assert asked(pages, "/", method="HEAD").body == ""


@pytest.mark.parametrize("path", ["/nothing", "/alerts/", "/alerts/ct-none", "/alerts/%00", "/%2e%2e/etc"])
def test_what_is_not_there_is_not_found(pages: Pages, path: str) -> None:
    assert asked(pages, path).status == 404


def test_another_method_is_refused(pages: Pages) -> None:
    assert asked(pages, "/", method="POST").status == 501


def test_no_foreign_name_leads_to_a_page_of_this_machine_alone(pages: Pages) -> None:
    assert asked(pages, "/", host="attacker.example").status == 421
    assert asked(pages, "/", host="localhost:8420").status == 200


def test_names_from_telemetry_are_escaped(done: Service, pages: Pages) -> None:
    standing = done.commits.standing
    (id,) = standing.alerts
    row = AlertRow(replace(standing.alerts[id], title=EVIL, details=(EVIL,)), standing.episodes[id])
    standing.alerts[id] = row.alert
    for path in ("/", f"/alerts/{id}"):
        body = asked(pages, path).body
        assert "<script" not in body
        assert "\u202e" not in body
        assert "&lt;script&gt;" in body


def test_metrics_can_be_read(pages: Pages) -> None:
    answer = asked(pages, "/metrics")
    families = {one.name: one for one in text_string_to_metric_families(answer.body)}
    flows = {sample.labels["verdict"]: sample.value for sample in families["coldtrail_flows"].samples}
    assert flows == {"anomalous": 2, "normal": 60, "not_ready": 0}
    assert families["coldtrail_healthy"].samples[0].value == 1
    assert families["coldtrail_alerts_per_day_budget"].samples[0].value == 1
    assert {one.labels["stage"] for one in families["coldtrail_stage_seconds"].samples} == {
        "take",
        "advance",
        "checkpoint",
        "tell",
    }


def test_health_says_why_not(done: Service, pages: Pages) -> None:
    answer = asked(pages, "/health")
    assert (answer.status, json.loads(answer.body)["why"]) == (200, [])
    done.loop._moved -= 120.0
    answer = asked(pages, "/health")
    assert answer.status == 503
    (why,) = json.loads(answer.body)["why"]
    assert why.startswith("The line has stood still for 12")


def test_what_was_given_up_and_what_does_not_deliver_is_trouble(done: Service) -> None:
    status = Watcher(done, outbox=lambda: Outbox(dead=3, error="the database is gone.")).status()
    assert [one.split(":")[0] for one in troubles(status)] == [
        "Nothing is delivered",
        "3 messages could not be delivered and were given up; `coldtrail outbox list` says why.",
    ]


def test_an_address_that_is_taken_is_one_sentence(done: Service, pages: Pages) -> None:
    taken = pages.place.removeprefix("http://").rstrip("/")
    assert address_of(taken, "x")[1] > 0
    with pytest.raises(ConfigError, match="nobody can listen"):
        Pages(taken, Watcher(done), list)


def test_an_alert_is_told_with_its_steps_in_order_and_the_commands_that_decide_on_it(
    done: Service, pages: Pages
) -> None:
    (id,) = done.commits.standing.alerts
    body = asked(pages, f"/alerts/{id}").body
    steps = body[body.index("<ol>") : body.index("</ol>")]
    assert steps.count("<li>") == len(done.commits.standing.alerts[id].next_steps)
    assert "<code>aws " in steps
    assert f"<code>coldtrail alerts ack {id}</code>" in body
    assert "Nothing." not in body


def test_what_was_seen_once_was_not_seen_1_times(done: Service, pages: Pages) -> None:
    standing = done.commits.standing
    (id,) = standing.episodes
    standing.episodes[id] = replace(standing.episodes[id], count=1)
    for path in ("/", f"/alerts/{id}"):
        body = asked(pages, path).body
        assert "1 time" in body
        assert "1 times" not in body
