"""What is told of a model that changed."""

from __future__ import annotations

from io import StringIO

import msgspec
import pytest
from rich.console import Console

from coldtrail.bundle.history import History
from coldtrail.cli.changes import print_changes, print_left_out
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning.gate import Held
from coldtrail.learning.known import changes, known
from coldtrail.records.finding import Seconds, StepValue, Value
from coldtrail.testing import make_flow, make_history
from tests.alerts.test_alerts import make_pair, make_reason
from tests.findings import step_seen, usually
from tests.verbs.telemetry_files import GET, stolen


def told(history: History, more: History) -> str:
    out = StringIO()
    print_changes(changes(known(history), known(more), 50), Console(file=out, width=140))
    return out.getvalue()


def test_news_are_named_and_the_rest_is_a_number() -> None:
    old = [*make_history(40), *make_history(60, function="Pay", prefix="p")]
    many = [make_flow([("Get", "S3", f"b{i}", 0.01), GET], flow_id=f"m{i}") for i in range(9)]
    new = [*old, stolen(), *many, *make_history(61, function="Pay", prefix="p")[60:]]
    said = told(History(Vocabulary()).add(old), History(Vocabulary()).add(new))
    assert "  Order (shop)\n    ready to be judged\n" in said
    assert "resources: S3 b0, S3 b1, S3 b2, S3 b3, S3 b4, S3 b5 and 4 more" in said
    assert "Nothing new but more flows: 1 function." in said


def test_a_new_function_is_told_as_one() -> None:
    old = make_history(60)
    said = told(History(Vocabulary()).add(old), History(Vocabulary()).add([*old, stolen("s1")]))
    assert "resources: S3 loot" in said
    said = told(History(Vocabulary()), History(Vocabulary()).add(old))
    assert "    a new function, 60 flows\n" in said


def test_the_same_name_in_two_accounts_is_told_with_its_account() -> None:
    flows = [msgspec.structs.replace(flow, account="111111111111") for flow in make_history(60)]
    other = [msgspec.structs.replace(flow, account="222222222222") for flow in make_history(9, prefix="o")]
    said = told(History(Vocabulary()), History(Vocabulary()).add(flows + other))
    assert "  Order (shop, 111111111111)\n    a new function, 60 flows\n" in said
    assert "  Order (shop, 222222222222)\n    a new function, 9 flows\n" in said


@pytest.mark.parametrize(
    ("kind", "expected", "seen", "what"),
    [
        ("duration", None, Seconds(4.9, "own_code"), "duration, the function's own code"),
        ("duration", None, Seconds(3.0), "duration, PutObject out"),
        ("omission", usually("PutItem on DynamoDB Audit", 0.94), StepValue(None),
         "omission, PutItem on DynamoDB Audit"),
        ("new_action", None, step_seen("PutObject on S3 out"), "new action, PutObject on S3 out"),
    ],
)  # fmt: skip
def test_what_was_left_out_is_named_by_what_is_strange(
    kind: str, expected: Value | None, seen: Value, what: str
) -> None:
    verdict, flow = make_pair(reason=make_reason(kind, usual=expected, found=seen))
    out = StringIO()
    print_left_out([Held(flow, verdict)] * 2, Console(file=out, width=140))
    assert f"  Confirm: {what}, 2 (flow f1)\n" in out.getvalue()
