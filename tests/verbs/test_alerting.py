"""What is listed of alerts and cases, and what people decide on them."""

from __future__ import annotations

import pytest

from coldtrail.alerts.deciding import closing
from coldtrail.alerts.episodes import followed
from coldtrail.errors import ConfigError
from coldtrail.store.database import AlertRow, Changes
from coldtrail.verbs.alerting import (
    decide,
    find_case,
    list_alerts,
    list_cases,
    live_alert,
    page_of,
    show_alert,
    who,
)
from tests.alerts.live_alerts import START, make_alert
from tests.service.memory import MemoryDatabase


@pytest.fixture
def database() -> MemoryDatabase:
    made = MemoryDatabase()
    for id in ("ct-a1", "ct-b2"):
        alert = make_alert(id)
        made.commit(Changes(alerts=(AlertRow(alert, followed([alert], {}).episodes[0]),)))
    return made


def test_a_decision_is_kept_beside_what_it_changed(database: MemoryDatabase) -> None:
    row = decide(database, "ct-a", "close", by="ann", at=START, detail=closing("benign", "ours"))
    assert (row.alert.id, row.episode.state, row.episode.resolution) == ("ct-a1", "closed", "benign")
    shown, decisions = show_alert(database, "ct-a1")
    assert shown == row
    assert [(one.by, one.what, one.detail) for one in decisions] == [("ann", "close", "benign: ours")]
    assert live_alert(shown, decisions).decisions == tuple(decisions)
    rows, after = list_alerts(database)
    assert [one.alert.id for one in page_of(rows, after).alerts] == ["ct-b2"]


@pytest.mark.parametrize("id", ["", "ct-", "ct-c", "x"])
def test_an_id_of_none_or_of_several_is_refused(database: MemoryDatabase, id: str) -> None:
    with pytest.raises(ConfigError, match="There is no alert"):
        decide(database, id, "acknowledge", by="ann", at=START)
    with pytest.raises(ConfigError, match="There is no case"):
        find_case(database, id)
    assert list_cases(database).cases == ()


def test_who_decides_is_told_or_logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "bob")
    assert (who("ann"), who(None)) == ("ann", "bob")
