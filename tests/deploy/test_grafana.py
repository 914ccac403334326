"""The Grafana board: every query of it names a metric that exists, with labels that it has."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from coldtrail.service.metrics import Metrics
from coldtrail.service.status import Outbox, Status
from coldtrail.sources.polling import SourceState

PATH = Path(__file__).parents[2] / "deploy" / "grafana" / "coldtrail.json"
BOARD: Any = json.loads(PATH.read_text(encoding="utf-8"))
SELECTOR = re.compile(r"(coldtrail_\w+)(?:\{([^}]*)\})?")
OF_PROMETHEUS = {"instance", "job"}
PANELS = BOARD["panels"]


def status() -> Status:
    """A status in which everything has a value."""
    source = SourceState("one", lag_s=1.0, losses={"kind": 1})
    return Status(
        at=1.0,
        up_s=1.0,
        still_s=1.0,
        committed_s=1.0,
        event_time=1.0,
        sources=(source,),
        receiver=None,
        spool_bytes=1,
        queue_bytes=1,
        open_events=1,
        state_bytes=1,
        stage_seconds={"taking": 1.0},
        commits=1,
        counts={},
        losses=(),
        open_alerts={"high": 1},
        cases=1,
        told=1,
        alerts_a_day=1.0,
        budget_a_day=1.0,
        outbox=Outbox(),
        bundle="b",
    )


@cache
def labels() -> dict[str, set[str]]:
    """The labels of each metric that the service shows."""
    text = Metrics(status).text().decode()
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    return {one.name: set(one.labels) for one in samples}


def queries() -> list[str]:
    found = [target["expr"] for panel in PANELS for target in panel["targets"]]
    variables = BOARD["templating"]["list"]
    return found + [one["query"]["query"] for one in variables if one["type"] == "query"]


@pytest.mark.parametrize("query", queries())
def test_a_query_names_metrics_and_labels_that_exist(query: str) -> None:
    selected = SELECTOR.findall(query)
    assert selected
    for metric, matchers in selected:
        assert metric in labels()
        named = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers))
        assert named <= labels()[metric] | OF_PROMETHEUS
    grouped = re.findall(r"by \(([^)]*)\)", query)
    for names in grouped:
        assert {one.strip() for one in names.split(",")} <= labels()[selected[0][0]] | OF_PROMETHEUS


def test_every_metric_is_on_the_board() -> None:
    shown = {metric for query in queries() for metric, _ in SELECTOR.findall(query)}
    assert labels().keys() - shown == set()


def test_panels_lie_beside_each_other_and_say_what_they_show() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        place = panel["gridPos"]
        cells = {
            (place["x"] + right, place["y"] + down)
            for right in range(place["w"])
            for down in range(place["h"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
        assert panel["description"].endswith(".")
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
