"""X-Ray traces of accounts with many functions, written fast.

A function is of one of a dozen families (an API's reader, a queue's worker, a nightly export ...), whose
calls it makes on resources of its own application; some of its calls are optional, some come in loops, some
fail. The functions of an account are as busy as Zipf's law has it: of 3,000 functions with 300,000 runs the
busiest has about 5,000 and the quietest 40.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

ACCOUNT, REGION = "123456789012", "eu-west-1"
START = 1_790_000_000.0
SPAN_S = 14 * 86400.0
IN_AN_APPLICATION = 12
"""Functions of one application."""
LESS_BUSY = 0.6
"""The exponent of Zipf's law."""
IN_A_FILE = 25_000
"""Traces of one file."""

Call = tuple[str, str, str, float]
"""Service, operation, what kind of resource, and how often of ten runs it is made."""
_FAMILIES: tuple[tuple[str, str, tuple[Call, ...]], ...] = (
    ("get", "api", (("DynamoDB", "GetItem", "table", 10),)),
    ("list", "api", (("DynamoDB", "Query", "table", 10), ("DynamoDB", "Query", "table", 3))),
    ("create", "api", (("DynamoDB", "GetItem", "table", 9), ("DynamoDB", "PutItem", "table", 10),
                       ("SNS", "Publish", "topic", 10))),
    ("update", "api", (("DynamoDB", "GetItem", "table", 10), ("DynamoDB", "UpdateItem", "table", 9.5))),
    ("authorise", "api", (("SSM", "GetParameter", "parameter", 1), ("DynamoDB", "GetItem", "sessions", 10))),
    ("pay", "api", (("SecretsManager", "GetSecretValue", "secret", 2), ("remote", "POST", "host", 10),
                    ("DynamoDB", "UpdateItem", "table", 10), ("SQS", "SendMessage", "queue", 10))),
    ("worker", "queue", (("DynamoDB", "GetItem", "table", 10), ("S3", "PutObject", "bucket", 10),
                         ("DynamoDB", "UpdateItem", "table", 10), ("SNS", "Publish", "topic", 2))),
    ("notify", "queue", (("DynamoDB", "GetItem", "table", 10), ("remote", "POST", "host", 10))),
    ("thumbnail", "bucket", (("S3", "GetObject", "bucket", 10), ("S3", "PutObject", "images", 10),
                             ("DynamoDB", "UpdateItem", "table", 5))),
    ("ingest", "bucket", (("S3", "GetObject", "bucket", 10), ("DynamoDB", "BatchWriteItem", "table", 10),
                          ("DynamoDB", "BatchWriteItem", "table", 6),
                          ("DynamoDB", "BatchWriteItem", "table", 3))),
    ("export", "nobody", (("DynamoDB", "Scan", "table", 10), ("DynamoDB", "Scan", "table", 6),
                          ("S3", "PutObject", "exports", 10))),
    ("step", "nobody", (("DynamoDB", "GetItem", "table", 10), ("Lambda", "Invoke", "function", 8),
                        ("DynamoDB", "PutItem", "table", 10))),
)  # fmt: skip
_SOURCES = {
    "api": ("AWS::ApiGateway::Stage", "{app}-api/prod"),
    "queue": ("AWS::SQS::Queue", "{app}-work"),
    "bucket": ("AWS::S3::Bucket", "{app}-uploads"),
}
_KEYS = {
    "DynamoDB": "table_name",
    "S3": "bucket_name",
    "SNS": "topic_arn",
    "SQS": "queue_url",
    "Lambda": "function_name",
}


@dataclass(frozen=True)
class Plan:
    """How one function runs."""

    name: str
    started_by: str
    calls: tuple[tuple[str, str, str, float], ...]
    """Service, operation, resource, and how often of ten runs it is made."""
    seconds: float
    """Of a call, usually."""
    fails: float
    """The share of runs in which a call fails."""


def plans(functions: int, seed: int = 0) -> list[Plan]:
    """How the functions of an account run; those of one family differ in their resources and habits."""
    random = Random(seed)
    out = []
    for number in range(functions):
        app = f"app{number // IN_AN_APPLICATION:03d}"
        family, source, calls = _FAMILIES[number % len(_FAMILIES)]
        thing = random.choice(("orders", "users", "stock", "media", "bills"))
        own = [
            (service, operation, _resource(app, kind, thing), often)
            for service, operation, kind, often in calls
            for _ in range(random.choice((1, 2, 2, 3)))
        ]
        if random.random() < 0.3:
            own.append(("DynamoDB", "PutItem", f"{app}-audit", random.choice((1.0, 5.0, 10.0))))
        seconds, fails = 0.004 * random.lognormvariate(0.0, 0.6), random.choice((0.0, 0.0, 0.01, 0.03))
        out.append(Plan(f"{app}-prod-{family}-{thing}-{number:04d}", source, tuple(own), seconds, fails))
    random.shuffle(out)
    return out


def _resource(app: str, kind: str, thing: str) -> str:
    if kind == "host":
        return f"api.{app}-partner.example"
    name = f"{app}-{thing}" if kind == "table" else f"{app}-{kind}"
    prefix = {
        "topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:",
        "queue": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/",
    }
    return prefix.get(kind, "") + name


def write(folder: Path, planned: list[Plan], flows: int, seed: int = 0, start: float = START) -> None:
    """Writes the traces of so many runs into files of a folder, in the order of their start."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = traces(planned, flows, seed, start)
    for number in range(0, flows, IN_A_FILE):
        with (folder / f"{number // IN_A_FILE:03d}.jsonl").open("w") as file:
            file.writelines(next(lines) for _ in range(min(IN_A_FILE, flows - number)))


def traces(
    planned: list[Plan], flows: int, seed: int = 0, start: float = START, span_s: float = SPAN_S
) -> Iterator[str]:
    """The traces of so many runs, one a line, each function at least once if there are enough."""
    random = np.random.default_rng(seed)
    busy = np.arange(1, len(planned) + 1) ** -LESS_BUSY
    whose = random.choice(len(planned), flows, p=busy / busy.sum())
    whose[: len(planned)] = np.arange(len(planned))[:flows]
    random.shuffle(whose)
    starts = start + np.sort(random.random(flows)) * span_s
    draw = Random(seed + 1)
    writers = [_Writer(plan) for plan in planned]
    for number, (function, at) in enumerate(zip(whose.tolist(), starts.tolist(), strict=True)):
        yield writers[function].line(draw, seed << 32 | number, at)


class _Writer:
    """Writes the runs of one function: their texts differ in times and ids alone, and are kept."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._texts: dict[tuple[bool, ...], str] = {}

    def line(self, draw: Random, number: int, start: float) -> str:
        plan = self._plan
        made = [draw.random() * 10.0 < often for *_, often in plan.calls]
        cold, fails = draw.random() < 0.03, draw.random() < plan.fails
        shape = (cold, fails, *made)
        text = self._texts.get(shape)
        if text is None:
            text = self._texts[shape] = self._text(made, cold, fails)
        now = start + 0.003
        times: dict[str, float | int] = {
            "n": number,
            "day": int(start),
            "s": start,
            "h": now,
            "g": now + 0.0003,
            "c": start - 0.3,
        }
        for place in range(sum(made)):
            times[f"b{place}"] = now = now + 0.0004
            times[f"e{place}"] = now = now + plan.seconds * draw.lognormvariate(0.0, 0.35)
        times |= {"e": now + 0.001, "o": now + 0.0014}
        return text % times

    def _text(self, made: list[bool], cold: bool, fails: bool) -> str:
        plan = self._plan
        calls = [call for call, is_made in zip(plan.calls, made, strict=True) if is_made]
        inner = [
            self._call(place, call, fails and place == len(calls) - 1) for place, call in enumerate(calls)
        ]
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{plan.name}"
        steps = [
            f'{_head(2, "Invocation", "%(h).6f", "%(e).6f")},"subsegments":'
            f'[{_head(5, "## handler", "%(g).6f", "%(e).6f")},"subsegments":[{",".join(inner)}]}}]}}',
            f"{_head(3, 'Overhead', '%(e).6f', '%(o).6f')}}}",
        ]
        if cold:
            steps.append(f"{_head(4, 'Initialization', '%(c).6f', '%(s).6f')}}}")
        trace = '"trace_id":"1-%(day)08x-%(n)024x"'
        service = (
            f'{_head(0, plan.name, "%(s).6f", "%(o).6f")},{trace},"origin":"AWS::Lambda",{_parent(plan)}'
            f'"resource_arn":"{arn}","http":{{"response":{{"status":200}}}},"aws":{{"request_id":"%(n)036x"}}}}'
        )
        own = (
            f'{_head(1, plan.name, "%(s).6f", "%(o).6f")},{trace},"origin":"AWS::Lambda::Function",'
            f'"parent_id":"{_id(0)}","aws":{{"account_id":"{ACCOUNT}","function_arn":"{arn}",'
            f'"resource_names":["{plan.name}"]}},"subsegments":[{",".join(steps)}]}}'
        )
        documents = [service, own, *_source(plan, trace)]
        held = ",".join(
            f'{{"Id":"{_id(place)}","Document":"{one.replace(chr(34), chr(92) + chr(34))}"}}'
            for place, one in enumerate(documents)
        )
        return f'{{"Id":"1-%(day)08x-%(n)024x","Duration":0.1,"LimitExceeded":false,"Segments":[{held}]}}\n'

    def _call(self, place: int, call: Call, fails: bool) -> str:
        service, operation, resource, _ = call
        name = resource if service == "remote" else service
        head = _head(16 + place, name, f"%(b{place}).6f", f"%(e{place}).6f")
        status = 500 if fails else 200
        response = f'"response":{{"status":{status},"content_length":99}}'
        fault = ',"fault":true' if fails else ""
        if service == "remote":
            request = f'"request":{{"url":"https://{resource}/v1/things","method":"{operation}"}}'
            return f'{head},"namespace":"remote","http":{{{request},{response}}}{fault}}}'
        key = _KEYS.get(service, "resource_name")
        aws = f'"region":"{REGION}","operation":"{operation}","request_id":"%(n)036x","{key}":"{resource}"'
        return (
            f'{head},"namespace":"aws","http":{{{response}}},"aws":{{"retries":0,{aws},'
            f'"resource_names":["{resource}"]}}{fault}}}'
        )


def _id(place: int) -> str:
    return f"%(n)012x{place:04x}"


def _head(place: int, name: str, start: str, end: str) -> str:
    return f'{{"id":"{_id(place)}","name":"{name}","start_time":{start},"end_time":{end}'


def _parent(plan: Plan) -> str:
    return f'"parent_id":"{_id(9)}",' if plan.started_by in _SOURCES else ""


def _source(plan: Plan, trace: str) -> list[str]:
    """The segment of what starts a run, if anything is on record."""
    if plan.started_by not in _SOURCES:
        return []
    origin, name = _SOURCES[plan.started_by]
    name = name.format(app=plan.name.partition("-")[0])
    call = f'{_head(9, "Lambda", "%(s).6f", "%(o).6f")},"namespace":"aws"}}'
    return [f'{_head(8, name, "%(s).6f", "%(o).6f")},{trace},"origin":"{origin}","subsegments":[{call}]}}']
