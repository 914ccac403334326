"""Values in words: what is usual, and what was seen."""

from __future__ import annotations

import pytest

from coldtrail.alerts.wording.findings import expected, missing, seen
from coldtrail.records.finding import (
    Feature,
    Finding,
    Known,
    Met,
    Origin,
    Seconds,
    StepKey,
    StepValue,
    Subject,
    Times,
    UsualStep,
    Value,
)

PUT = StepKey("PutItem", "DynamoDB", "Orders")
END = StepKey("Overhead", "lifecycle", None)


@pytest.mark.parametrize(
    ("kind", "usual", "found", "told", "this_time"),
    [
        (
            "order",
            UsualStep(PUT, 0.82),
            StepValue(StepKey("GET", "remote", "bank.example")),
            "PutItem on DynamoDB Orders (82 % of runs at this point)",
            "GET to bank.example",
        ),
        (
            "order",
            UsualStep(None, 0.999, failed=(3.0, 1251.4)),
            StepValue(None, failed=True),
            "the end of the run (nearly always at this point); failed in 3 of 1,251 runs",
            "the run failed and ended",
        ),
        (
            "order",
            UsualStep(PUT, 1.0),
            StepValue(PUT, failed=True),
            "PutItem on DynamoDB Orders (nearly always at this point)",
            "PutItem on DynamoDB Orders, which failed",
        ),
        (
            "omission",
            UsualStep(PUT, runs=612.0),
            StepValue(END),
            "PutItem on DynamoDB Orders (in all 612 runs at this point)",
            "the end of the run",
        ),
        (
            "omission",
            UsualStep(StepKey("PutItem", "", None)),
            Times(3),
            "PutItem as a further step",
            "the end after 3 steps",
        ),
        (
            "count",
            Times(2, 50.0, 600.0),
            Times(1020),
            "PutItem on DynamoDB Orders at most 2 times a run (as often in 50 of 600 runs)",
            "1,020 times",
        ),
        (
            "count",
            Times(1, None, 600.0),
            Times(2),
            "PutItem on DynamoDB Orders at most once a run (in 600 runs)",
            "2 times",
        ),
        (
            "new_resource",
            Known((Met(StepKey("", "DynamoDB", "Stock"), 600.0), Met(StepKey("", "SNS", "a"), 0.2)), 4),
            StepValue(PUT, failed=True),
            "DynamoDB Stock (in 600 runs), SNS a (in 1 run) and 4 more",
            "PutItem on DynamoDB Orders (the call failed)",
        ),
        (
            "trigger",
            Known((Met("AWS::SNS a", 7.0), Met(None, 2.0))),
            Origin(None),
            "AWS::SNS a (in 7 runs), nobody on record (in 2 runs)",
            "nobody on record",
        ),
        (
            "trigger",
            Known((Met("synchronously", 7.0),)),
            Origin("AWS::SNS a", "Other", invocation_type="asynchronous"),
            "synchronously (in 7 runs)",
            "asynchronously, by AWS::SNS a",
        ),
        (
            "trigger",
            Known(()),
            Origin("AWS::SNS a", "Other", by_caller=True),
            "none so far",
            "Other by way of AWS::SNS a",
        ),
        (
            "duration",
            Seconds(0.01, "step_itself", 0.4, 600.0, "calls"),
            Seconds(4.5, "step_itself"),
            "PutItem on DynamoDB Orders itself about 10 ms (at most 400 ms in 600 calls)",
            "PutItem on DynamoDB Orders itself 4.5 s",
        ),
        (
            "duration",
            Seconds(0.01, "run_itself", 0.4, 65.0, "starts"),
            Seconds(4.5, "run_itself"),
            "the run itself about 10 ms (at most 400 ms in 65 starts of any function)",
            "the run itself 4.5 s",
        ),
        (
            "order",
            Feature("depth", 2.0),
            Feature("depth", 5.0),
            "PutItem on DynamoDB Orders at depth 2",
            "PutItem on DynamoDB Orders at depth 5",
        ),
        (
            "duration",
            Feature("start", 0.5),
            Feature("start", 90.0),
            "PutItem on DynamoDB Orders about 500 ms after the first step",
            "PutItem on DynamoDB Orders after 1 min 30 s",
        ),
        (
            "duration",
            Feature("duration", 0.5),
            Feature("duration", 90.0),
            "PutItem on DynamoDB Orders for about 500 ms",
            "PutItem on DynamoDB Orders for 1 min 30 s",
        ),
        (
            "new_resource",
            Feature("target", "Orders"),
            Feature("target", None, failed=True),
            "target Orders",
            "target none in PutItem on DynamoDB Orders (the call failed)",
        ),
        (
            "order",
            Feature("parent", None),
            Feature("parent", None),
            "the usual company of PutItem on DynamoDB Orders",
            "PutItem on DynamoDB Orders where its parent was not foreseen",
        ),
        (
            "order",
            Feature("run", None),
            Feature("run", None),
            "nothing: this kind of run was never learned",
            "a run",
        ),
    ],
)
def test_each_value_has_its_words(kind: str, usual: Value, found: Value, told: str, this_time: str) -> None:
    finding = Finding(kind, Subject("function"), PUT, usual, found)
    assert (expected(finding), seen(finding)) == (told, this_time)


def test_the_functions_own_code_is_no_step() -> None:
    invocation = StepKey("Invocation", "lifecycle", None)
    own = Finding(
        "duration", Subject("function"), invocation, Seconds(1.0, "own_code"), Seconds(9.0, "own_code")
    )
    assert (expected(own), seen(own)) == ("the function's own code about 1 s", "the function's own code 9 s")


def test_nothing_known_is_told_as_nothing() -> None:
    bare = Finding("other", Subject("function"))
    assert expected(bare) == seen(bare) == ""


def test_what_is_missing_is_named_without_how_often_it_comes() -> None:
    assert missing(Finding("omission", Subject("function"), PUT, UsualStep(PUT, 0.94))) == (
        "PutItem on DynamoDB Orders"
    )
