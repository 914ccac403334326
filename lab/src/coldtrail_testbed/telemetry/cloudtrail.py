"""CloudTrail: log files as a trail delivers them to a bucket, below `cloudtrail/`.

After "CloudTrail log file name format" and "How CloudTrail delivers log files" (CloudTrail user guide):
about every five minutes, records in no particular order. Labels of calls that X-Ray does not show, and of
those that it does, stand in `cloudtrail_labels.jsonl`.
"""

import json
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from coldtrail_testbed.cloud.identifiers import ACCOUNT, function_arn, function_of
from coldtrail_testbed.cloud.identities import DEPLOYMENT
from coldtrail_testbed.cloud.traces import Document
from coldtrail_testbed.compressed_file import CompressedFile
from coldtrail_testbed.facts import Call, Caller, Facts, FunctionRun
from coldtrail_testbed.regions import moved
from coldtrail_testbed.telemetry.cloudtrail_events import is_logged
from coldtrail_testbed.telemetry.cloudtrail_records import (
    Record,
    call_record,
    cloudtrail_event_id,
    derived_id,
    execution_record,
    invocation_record,
    is_asynchronous,
    session_record,
)
from coldtrail_testbed.telemetry.model import Writer, compact_json

FOLDER = "cloudtrail"
LABELS_FILE = "cloudtrail_labels.jsonl"
_WINDOW_S = 300
_MOST_RECORDS = 5_000
_MOST_SESSIONS = 10_000


class CloudTrail(Writer):
    """A trail of all management events and of the data events of the services in use."""

    name = "cloudtrail"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._deliveries: dict[str, _Delivery] = {}
        self._sessions: OrderedDict[str, float] = OrderedDict()
        self._versions: dict[str, set[str]] = {}
        self._published: set[tuple[str, str]] = set()
        self._retried: set[str] = set()
        self._traced: dict[str, dict[str, str]] = {}
        self._last_traced: dict[str, str] = {}
        self._labels = (folder / LABELS_FILE).open("w", encoding="utf-8")
        self._counts.update({FOLDER: 0, LABELS_FILE: 0})

    def facts(self, facts: Facts) -> None:
        """None; the records of the calls and of the runs are in the log files."""
        for call in facts.calls:
            if is_logged(call):
                self._call(call)
        for run in facts.runs:
            self._run(run)

    def trace(self, trace: Document) -> None:
        """None; the labels of the trace's events were given before, or are given next."""
        self._last_traced = self._traced.pop(trace["id"], {})

    def label(self, trace_id: str, flow_id: str, attack: str, event_ids: Sequence[str]) -> None:
        """None; the records of the calls that `event_ids` are get the label of their events."""
        known = self._traced.get(trace_id, self._last_traced)
        for event_id in event_ids:
            if event_id in known:
                self._label(known[event_id], attack, flow_id)

    def close(self) -> None:
        """None; all files are complete."""
        for delivery in self._deliveries.values():
            delivery.close()
        self._labels.close()
        super().close()

    def _add(self, time: float, record: Record, region: str) -> None:
        if region not in self._deliveries:
            self._deliveries[region] = _Delivery(self._folder / FOLDER, region)
        self._deliveries[region].add(time, moved(record, region))
        self._counts[FOLDER] += 1

    def _call(self, call: Call) -> None:
        since = self._session(call.caller, call.time, call.region)
        event_id = cloudtrail_event_id(call)
        self._add(call.time, call_record(call, since), call.region)
        if call.service == "lambda" and "functionName" in call.parameters:
            self._note_deployment(call, function_of(str(call.parameters["functionName"])))
        if call.attack:
            self._label(event_id, call.attack, None)
        elif call.trace_id and call.event_id:
            self._traced.setdefault(call.trace_id, {})[call.event_id] = event_id

    def _note_deployment(self, call: Call, function: str) -> None:
        """None; a version that a call published is no news when it runs first."""
        if call.operation == "UpdateFunctionCode" and call.response is None:
            self._versions.pop(function, None)
        if call.operation == "PublishVersion" and call.response is not None:
            self._published.add((function, str(call.response["version"])))

    def _session(self, caller: Caller, time: float, region: str) -> float:
        """The time at which the caller's session began; Lambda opens a function's with its first call."""
        if caller.kind != "function":
            return time if caller.since is None else caller.since
        if caller.access_key not in self._sessions:
            self._add(time, session_record(caller, time), region)
            self._sessions[caller.access_key] = time
            if len(self._sessions) > _MOST_SESSIONS:
                self._sessions.popitem(last=False)
        return self._sessions[caller.access_key]

    def _run(self, run: FunctionRun) -> None:
        self._release(run)
        if run.trigger == "lambda":
            return  # A direct call, which is among the calls.
        if not is_asynchronous(run):
            self._add(run.start, invocation_record(run), run.region)
            return
        if run.request_id not in self._retried:
            self._add(run.start, invocation_record(run), run.region)
        self._add(run.start, execution_record(run), run.region)
        if run.status == "success":
            self._retried.discard(run.request_id)
        else:
            self._retried.add(run.request_id)

    def _release(self, run: FunctionRun) -> None:
        """The record of a new version's deployment, when no call told of it: just before its first run."""
        known = self._versions.setdefault(run.function, {run.version})
        if run.version not in known:
            known.add(run.version)
            if (run.function, run.version) in self._published:
                return
            time = run.start - (run.init_s or 0) - 1
            arn = function_arn(run.function)
            request = derived_id("release", run.function, run.version)
            call = Call(
                time, "lambda", "UpdateFunctionCode", DEPLOYMENT, request, (arn,), {"functionName": arn}
            )
            self._add(time, call_record(call, time), run.region)

    def _label(self, event_id: str, attack: str, flow_id: str | None) -> None:
        label = {"event_id": event_id, "attack": attack, "function_flow_id": flow_id}
        self._labels.write(json.dumps(label) + "\n")
        self._counts[LABELS_FILE] += 1


class _Delivery:
    """Log files of the records of about five minutes each."""

    def __init__(self, folder: Path, region: str) -> None:
        self._folder = folder
        self._region = region
        self._records: list[Record] = []
        self._due = 0.0
        self._files = 0

    def add(self, time: float, record: Record) -> None:
        """None; `record` is in this file, or in the next one when this one is due or full."""
        if self._records and (time >= self._due or len(self._records) >= _MOST_RECORDS):
            self.close()
        if not self._records:
            self._due = (time // _WINDOW_S + 1) * _WINDOW_S
        self._records.append(record)

    def close(self) -> None:
        """None; the records so far are in a file."""
        if not self._records:
            return
        due = datetime.fromtimestamp(self._due, UTC)
        folder = self._folder / "AWSLogs" / ACCOUNT / "CloudTrail" / self._region / due.strftime("%Y/%m/%d")
        folder.mkdir(parents=True, exist_ok=True)
        unique = sha256(f"{self._files} {self._records[0]['eventID']}".encode()).hexdigest()[:16]
        name = f"{ACCOUNT}_CloudTrail_{self._region}_{due.strftime('%Y%m%dT%H%MZ')}_{unique}.json.gz"
        with CompressedFile(folder / name) as file:
            file.write(compact_json({"Records": self._records}))
        self._files += 1
        self._records = []
