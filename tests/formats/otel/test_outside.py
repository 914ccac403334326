"""Calls outside any invocation are told as such, with the account of the invocations beside them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import coldtrail
from coldtrail.formats.otel.outside import placed
from coldtrail.records.telemetry import Span
from tests.fixtures.otel import START_NS, OtelSpan, as_record, as_wire
from tests.formats.otel.test_observing import parsed

ACCOUNT, REGION = "111122223333", "eu-west-1"
OWNER = {"faas.name": "Pay", "faas.version": "7", "cloud.platform": "aws_lambda", "cloud.region": REGION}
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:Pay"
AWS = {"rpc.system": "aws-api"}


def run(number: int) -> list[OtelSpan]:
    """An invocation that reads a table."""
    trace_id, start = f"{number:032x}", START_NS + number * 40_000_000_000
    entry = OtelSpan(
        trace_id, f"{16 + number:016x}", None, "Pay", "SERVER", start, start + 200_000_000,
        {"faas.invocation_id": f"R{number}", "cloud.resource_id": ARN}, OWNER,
    )  # fmt: skip
    told = AWS | {"rpc.service": "DynamoDB", "rpc.method": "GetItem", "aws.dynamodb.table_names": ["Orders"]}
    call = replace(entry, span_id=f"{4096 + number:016x}", parent_id=entry.span_id, kind="CLIENT")
    return [entry, replace(call, name="DynamoDB.GetItem", start_ns=start + 50_000_000, attributes=told)]


def outside(number: int, bucket: str) -> OtelSpan:
    """A write before the invocation of that number, in a trace of its own."""
    told = AWS | {"rpc.service": "S3", "rpc.method": "PutObject", "aws.s3.bucket": bucket}
    start = START_NS + number * 40_000_000_000 - 50_000_000
    return OtelSpan(
        f"{8192 + number:032x}", f"{8192 + number:016x}", None, "S3.PutObject", "CLIENT", start,
        start + 30_000_000, told, OWNER,
    )  # fmt: skip


def test_it_is_told_with_the_account_of_the_invocation_beside_it() -> None:
    call, invocation = sorted(parsed(outside(1, "a"), *run(1)).spans, key=lambda span: span.start_time or 0.0)
    assert (call.is_outside, call.account, call.region, call.version) == (True, ACCOUNT, REGION, "7")
    assert (invocation.is_outside, invocation.account) == (False, ACCOUNT)
    (alone,) = parsed(outside(1, "a")).spans
    assert (alone.is_outside, alone.account) == (True, None)


def test_a_call_of_what_is_no_function_and_one_that_is_triggered_begin_a_run() -> None:
    service = replace(outside(1, "a"), resource={"service.name": "shop"})
    triggered = replace(outside(1, "a"), attributes={**outside(1, "a").attributes, "faas.trigger": "timer"})
    for one in (service, triggered, *run(1)):
        assert not any(span.is_outside for span in parsed(one).spans)


def test_invocations_that_tell_different_accounts_tell_none() -> None:
    call = Span("t", "a", function_name="Pay", region=REGION, is_outside=True)
    here = Span("t", "b", function_name="Pay", region=REGION, account=ACCOUNT)
    assert placed([call, here])[0].account == ACCOUNT
    for other in (
        replace_(here, account="444455556666"),
        replace_(here, account="444455556666", region=None),
    ):
        assert placed([call, here, other])[0] is call
    for other in (replace_(here, function_name="Mail"), replace_(here, region="us-east-1")):
        assert placed([call, other])[0] is call


def replace_(span: Span, **changes: object) -> Span:
    return Span(**{name: getattr(span, name) for name in span.__struct_fields__} | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["otlp", "aws-spans"])
def test_it_is_judged_with_its_function_and_counted_as_no_invocation(tmp_path: Path, form: str) -> None:
    learned = [
        [*run(number), *([outside(number, "config")] if number % 20 == 0 else [])] for number in range(120)
    ]
    new = [[*run(number), outside(number, ("evil", "config")[number % 2])] for number in range(120, 140)]
    history, later = written(tmp_path / "h", form, learned), written(tmp_path / "n", form, new)
    coldtrail.train([history], tmp_path / "bundle")
    coldtrail.score(tmp_path / "bundle", [later], tmp_path / "verdicts.jsonl")
    verdicts = [json.loads(line) for line in (tmp_path / "verdicts.jsonl").read_text().splitlines()]
    called = {
        one["function_flow_id"]: one["verdict"]
        for one in verdicts
        if int(one["function_flow_id"], 16) >= 8192
    }
    assert {one["account"] for one in verdicts} == {ACCOUNT}
    assert [called[f"{8192 + number:016x}"] for number in range(120, 140)] == ["anomalous", "normal"] * 10
    assert [one["verdict"] for one in verdicts].count("normal") == 30
    seen = coldtrail.inspect([later])
    assert any("20 calls outside any invocation" in one for one in seen.gaps)
    assert not any("lack parts" in one for one in seen.gaps)
    assert [(one.account, one.flows) for one in seen.functions] == [(ACCOUNT, 40)]


def written(path: Path, form: str, runs: list[list[OtelSpan]]) -> Path:
    if form == "otlp":
        path = path.with_suffix(".pb")
        requests = list(map(as_wire, runs))
        path.write_bytes(b"".join(len(one).to_bytes(4, "big") + one for one in requests))
    else:
        path = path.with_suffix(".jsonl")
        path.write_text("".join(json.dumps(as_record(span)) + "\n" for some in runs for span in some))
    return path
