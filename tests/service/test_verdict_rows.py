"""Which verdicts are kept, and what becomes of them when they are judged again."""

from __future__ import annotations

import json

from coldtrail.bundle.model import Model
from coldtrail.pipeline import Judged, JudgingAlone
from coldtrail.records.tally import Tally
from coldtrail.service.settings import ServiceSettings
from coldtrail.service.verdict_rows import VerdictRows, row_id
from coldtrail.store.database import Changes
from coldtrail.testing import make_history
from tests.service.memory import MemoryDatabase
from tests.verbs.telemetry_files import stolen


def judged(model: Model) -> list[Judged]:
    """Usual runs, and a strange one at the end."""
    found, _ = JudgingAlone(model, Tally()).judge([*make_history(20, seed=4, prefix="n"), stolen()])
    return found


def test_strange_ones_are_kept_with_their_flows_and_a_share_of_the_usual(model: Model) -> None:
    told = judged(model)
    for share, number in ((0.0, 1), (1.0, 21)):
        rows = VerdictRows(ServiceSettings(usual_flows=share), MemoryDatabase())
        rows.take(told, set())
        kept, gone = rows.taken()
        assert (len(kept), gone) == (number, ())
        assert all(row.flow for row in kept)
        assert json.loads(kept[-1].line)["verdict"] == "anomalous"
    rows = VerdictRows(ServiceSettings(usual_flows=0.0, keep_verdicts="all"), MemoryDatabase())
    rows.take(told, set())
    assert [bool(row.flow) for row in rows.taken()[0]] == [False] * 20 + [True]


def test_another_verdict_on_the_same_flow_takes_the_place_of_the_first(model: Model) -> None:
    database = MemoryDatabase()
    rows = VerdictRows(ServiceSettings(usual_flows=0.0), database)
    strange, usual = judged(model)[-1], judged(model)[0]
    rows.take([strange], set())
    again = usual.verdict.__class__(
        **{name: getattr(strange.verdict, name) for name in strange.verdict.__struct_fields__}
        | {"verdict": "normal", "reasons": ()}
    )
    kept, _ = rows.taken()
    database.commit(Changes(verdicts=kept))
    seen = {strange.verdict.function_flow_id}
    rows.take([Judged(again, strange.flow)], seen)
    assert seen == set()
    assert rows.taken() == ((), (row_id(strange.verdict),))
    rows.take([strange], {strange.verdict.function_flow_id})
    (row,), gone = rows.taken()
    assert (json.loads(row.line)["revised"], gone) == (True, ())
