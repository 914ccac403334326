"""What is told of a model that changed."""

from __future__ import annotations

from io import StringIO

import msgspec
import pytest
from rich.console import Console

from coldtrail.alerts.phrases import OWN_CODE
from coldtrail.bundle.history import History
from coldtrail.cli.changes import print_changes, print_left_out
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning.known import changes, known
from coldtrail.learning.sifting import Held
from coldtrail.testing import make_flow, make_history
from tests.alerts.test_alerts import make_pair, make_reason
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
        ("duration", "", f"{OWN_CODE} 4.9 s", f"duration, {OWN_CODE}"),
        ("duration", "", "POST to bank 3 s", "duration, PutObject out"),
        ("omission", "PutItem on DynamoDB Audit (94 % of runs at this point)", "the end of the run",
         "omission, PutItem on DynamoDB Audit"),
        ("new_action", "", "PutObject on S3 out", "new action, PutObject on S3 out"),
    ],
)  # fmt: skip
def test_what_was_left_out_is_named_by_what_is_strange(
    kind: str, expected: str, seen: str, what: str
) -> None:
    reason = msgspec.structs.replace(make_reason(kind), expected=expected, seen=seen)
    verdict, flow = make_pair(reason=reason)
    out = StringIO()
    print_left_out([Held(flow, verdict)] * 2, Console(file=out, width=140))
    assert f"  Confirm: {what}, 2 (flow f1)\n" in out.getvalue()
