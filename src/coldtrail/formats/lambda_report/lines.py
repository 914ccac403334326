"""Lines of text that Lambda writes of each run, however they are spelt; what functions print is passed by.

Sources: AWS Lambda developer guide, "Understanding the Lambda execution environment lifecycle" and
"Monitoring for Lambda SnapStart"; lines quoted in public issues.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from coldtrail.formats.function_logs import FunctionLog, FunctionLogs
from coldtrail.formats.ids import as_told, is_id
from coldtrail.formats.lambda_values import error_type_of, seconds_of, status_of, trace_of, trace_time
from coldtrail.formats.moments import moment_of
from coldtrail.records.witnesses import Report, ReportKind

_BEFORE = r"(?P<before>(?:\S{1,400}\s+){0,4}?)"
_HEAD = re.compile(
    _BEFORE + r"(?:(?P<word>START|END|REPORT)\s+RequestI[dD]:[ \t]*(?P<id>\S{0,300})|"
    r"(?P<phase>(?:INIT|RESTORE)_(?:START|REPORT))(?=\s)|(?:EXTENSION|TELEMETRY|LOGS)\s+Name:[ \t]*"
    r"(?P<name>[^\t\n]{1,200}?)\s+State:)"
)
LINE = re.compile(
    rb"(?:\S{1,400}\s+){0,4}?(?:(?:START|END|REPORT)\s+RequestI[dD]:|(?:INIT|RESTORE)_(?:START|REPORT)\s|"
    rb"(?:EXTENSION|TELEMETRY|LOGS)\s+Name:)"
)
"""How a line of Lambda's begins."""
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]{1,2}\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?")
_NUMBER = re.compile(
    r"(?P<key>(?:(?:Billed |Post )?(?:Restore |Runtime )?|Init )Duration|Max Memory Used|Memory Size):"
    r"[ \t]*(?P<value>\d[\d,]{0,15}(?:\.\d{1,9})?)"
    r"[ \t]*(?P<unit>ms|s|KB|MB|GB)?(?![A-Za-z\d])"
)
_WORD = re.compile(r"(?P<key>Status|Error Type|XRAY TraceId|SegmentId|Version):[ \t]*(?P<value>[^\s]{1,256})")
_TIMED_OUT = re.compile(r"Task timed out after [\d.]{1,12} seconds")
_FAILED = re.compile(
    r"(?:RequestId:[ \t]*)?(?P<id>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\s+"
    r"(?:(?P<late>Task timed out after [\d.]{1,12} seconds)|"
    r"(?:Error: Runtime exited|Process exited before completing))"
)
_USUAL = re.compile(
    r"(?:(?P<time>\d{4}-\d\d-\d\dT[\d:.]{8,18}Z)[ \t])?REPORT RequestId: (?P<id>[0-9a-f-]{36})\s"
    r"Duration: (?P<ran>\d{1,9}\.\d\d) ms\tBilled Duration: (?P<billed>\d{1,9}) ms ?\t"
    r"Memory Size: (?P<size>\d{1,7}) MB\tMax Memory Used: (?P<used>\d{1,7}) MB\t"
    r"(?:Init Duration: (?P<init>\d{1,9}\.\d\d) ms\t)?"
    r"(?:\s?XRAY TraceId: (?P<trace>1-[0-9a-f]{8}-[0-9a-f]{24})\tSegmentId: (?P<span>[0-9a-f]{16})\t"
    r"Sampled: \w{1,5}\t?)?\s?"
)
"""What nearly every report looks like."""
_USUAL_START = re.compile(
    r"(?:END RequestId: [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|START RequestId: "
    r"(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) Version: (?P<version>\$LATEST|[0-9]{1,18})) ?\n?"
)
"""What nearly all lines look like that tell of a beginning or an end."""
_LATEST = "$LATEST"
_MOST_LINE_CHARS = 2_000
_MOST_LINES = 4_000
_KINDS: dict[str, ReportKind] = {
    "START": "start",
    "REPORT": "report",
    "INIT_START": "init start",
    "INIT_REPORT": "init",
    "RESTORE_START": "restore start",
    "RESTORE_REPORT": "restore",
}
_MEMORY_MB = {"KB": 1 / 1_024, "MB": 1.0, "GB": 1_024.0}
_DURATIONS = {
    "Duration": "duration_s",
    "Billed Duration": "billed_s",
    "Init Duration": "init_s",
    "Restore Duration": "restore_s",
}
_SIZES = {"Memory Size": "memory_mb", "Max Memory Used": "memory_used_mb"}


def usual_report(text: str, log: FunctionLog, time: float | None) -> Report | None:
    """The report of a line that looks as nearly all do; None of any other."""
    found = _USUAL.fullmatch(text)
    return None if found is None else _usual_report(found, log, time)


class Lines:
    """Lines to reports."""

    def __init__(self, logs: FunctionLogs) -> None:
        self._logs = logs

    def reports(
        self, text: str, log: FunctionLog, time: float | None, problems: list[str]
    ) -> Iterator[Report]:
        """The reports of a record: a line of Lambda's, and what was printed after it."""
        usual = usual_report(text, log, time)
        if usual is not None:
            yield usual
            return
        begins = _USUAL_START.fullmatch(text)
        if begins is not None:
            if begins["id"] is not None:
                yield _usual_start(begins, log, time)
            return
        head, *rest = text.split("\n", _MOST_LINES)
        found = _HEAD.match(head, 0, _MOST_LINE_CHARS)
        if found is None:
            yield from self._failures([head, *rest], log, time)
            return
        before = found["before"]
        log, time = self._place(before, log, time)
        if found["name"]:
            yield _report(log, time, None, "extension", extensions=(found["name"].strip(),))
        elif found["phase"]:
            values = _values(head)
            kind = _KINDS[found["phase"]]
            if kind == "init start":
                values = {}
            yield _report(log, time, None, kind, **values)
        elif not is_id(found["id"]):
            problems.append("A line of Lambda's was left out: it has no usable RequestId.")
        elif found["word"] != "END":
            record = "\n".join([head[found.end() : _MOST_LINE_CHARS], *_further(rest)])
            values = _values(record)
            if found["word"] == "REPORT" and not values:
                problems.append("A REPORT line was left out: it reports nothing that can be read.")
            else:
                yield _report(log, time, found["id"], _KINDS[found["word"]], **values)
        yield from self._failures(rest, log, time)

    def _place(self, before: str, log: FunctionLog, time: float | None) -> tuple[FunctionLog, float | None]:
        """What tools put before a line: times, the stream, the group."""
        if not before.strip():
            return log, time
        stamp = _TIME.search(before)
        if stamp is not None:
            time = moment_of(stamp[0].replace(",", ".").replace("  ", " ")) or time
        group = next((part for part in before.split() if "/aws/lambda/" in part), "")
        stream = next((part for part in before.split() if "[" in part), "")
        if not group and not stream:
            return log, time
        said = self._logs[group, stream, ""]
        return said.or_else(log), time

    def _failures(self, lines: list[str], log: FunctionLog, time: float | None) -> Iterator[Report]:
        """Lines on runs that Lambda had to end."""
        for line in lines:
            found = _FAILED.search(line, 0, _MOST_LINE_CHARS)
            if found is not None:
                place, at = self._place(line[: found.start()], log, time)
                status = "timeout" if found["late"] else "failure"
                yield _report(place, at, found["id"], "runtime done", status=status)


def _usual_report(found: re.Match[str], log: FunctionLog, time: float | None) -> Report:
    stamp, request_id, ran, billed, size, used, init, trace_id, span_id = found.groups()
    time = moment_of(stamp) or time if stamp else time
    if time is None and trace_id:
        time = trace_time(trace_id)
    return Report(
        time,
        request_id,
        log.function,
        "report",
        log.account,
        log.region,
        log.version,
        log.instance,
        trace_id,
        span_id,
        None,
        None,
        float(ran) / 1_000,
        float(billed) / 1_000,
        float(init) / 1_000 if init else None,
        None,
        None,
        float(size),
        float(used),
        cold_start=bool(init),
    )


def _usual_start(found: re.Match[str], log: FunctionLog, time: float | None) -> Report:
    version = log.version if found["version"] == _LATEST else found["version"]
    name, account, region = log.function, log.account, log.region
    return Report(time, found["id"], name, "start", account, region, version, log.instance)


def _further(lines: list[str]) -> list[str]:
    """The lines that go on with a report."""
    return [line[:_MOST_LINE_CHARS] for line in lines[:1] if line.startswith("XRAY TraceId:")]


def _values(text: str) -> dict[str, Any]:
    """The listed values of a line by the report's names for them."""
    found: dict[str, Any] = {}
    runtime_s = None
    for match in _NUMBER.finditer(text):
        key, unit = match["key"], match["unit"]
        number = float(match["value"].replace(",", ""))
        if key in _SIZES:
            found[_SIZES[key]] = number * _MEMORY_MB.get(unit or "MB", 1.0)
        elif key in _DURATIONS:
            found.setdefault(_DURATIONS[key], seconds_of(number, unit))
        elif key == "Runtime Duration":
            runtime_s = seconds_of(number, unit)
    for match in _WORD.finditer(text):
        _add_word(match["key"], match["value"], found)
    if _TIMED_OUT.search(text):
        found["status"] = "timeout"
    if runtime_s is not None:
        found.setdefault("duration_s", runtime_s)
    return found


def _add_word(key: str, value: str, found: dict[str, Any]) -> None:
    if key == "Status":
        found["status"] = status_of(value)
    elif key == "Error Type":
        found["error_type"] = error_type_of(value)
    elif key == "Version" and value != _LATEST and value.isdigit():
        found["version"] = value[:18]
    elif key == "XRAY TraceId":
        found["trace_id"] = trace_of(value)
    elif key == "SegmentId" and value.isalnum():
        found["span_id"] = value


def _report(
    log: FunctionLog, time: float | None, request_id: str | None, kind: ReportKind, **values: Any
) -> Report:
    known: dict[str, Any] = {
        "function_name": log.function,
        "account": log.account,
        "region": log.region,
        "version": log.version,
        "instance": log.instance,
    } | {key: value for key, value in values.items() if value is not None}
    if kind == "report":
        known["cold_start"] = "init_s" in known or "restore_s" in known
    if time is None and "trace_id" in known:
        time = trace_time(known["trace_id"])
    return Report(time, request_id and as_told(request_id), kind=kind, **known)
