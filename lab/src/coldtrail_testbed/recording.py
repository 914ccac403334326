"""The folder of a recorded run, written beside its place and moved there when it is complete."""

import json
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from coldtrail_testbed.account.networks import write_networks
from coldtrail_testbed.attacks.labels import Label, labels_of
from coldtrail_testbed.attacks.plan import AttackPlan
from coldtrail_testbed.cloud.traces import Document, batch_get_traces_form
from coldtrail_testbed.compressed_file import CompressedFile
from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.facts import Facts
from coldtrail_testbed.flows import Flow, flows_of
from coldtrail_testbed.full_disk import telling_of_full_disk
from coldtrail_testbed.incidents import IncidentBook, Story
from coldtrail_testbed.look_alikes.model import Window
from coldtrail_testbed.placing import placed, region_at
from coldtrail_testbed.regions import began, moved
from coldtrail_testbed.telemetry.model import Writer

_TRACES, _LABELS, _LOOK_ALIKES = "traces.jsonl.gz", "labels.jsonl", "look_alikes.jsonl"
_RUN, _INCIDENTS = "run.json", "incidents.jsonl"


class Recording:
    """Takes complete traces, and before them their facts, writes them at once and counts them.

    `first_time` and `last_time` are the earliest start and the latest end of all segments, in UTC epoch
    seconds.
    """

    def __init__(
        self,
        output: Path,
        plan: AttackPlan,
        writers: Sequence[type[Writer]] = (),
        *,
        with_look_alikes: bool = False,
        stories: Sequence[Story] = (),
        with_networks: bool = False,
    ) -> None:
        self._output = output
        self._plan = plan
        self._writer_types = writers
        self._with_look_alikes = with_look_alikes
        self._with_networks = with_networks
        self._draft = output.with_name(f".{output.name}.partial")
        self._files: dict[str, LineFile | CompressedFile] = {}
        self._writers: list[Writer] = []
        self._book = IncidentBook((*plan.stories, *stories))
        self.traces = 0
        self.events = 0
        self.functions: Counter[str] = Counter()
        self.attacks: Counter[str] = Counter()
        self.attack_calls: Counter[str] = Counter()
        self.look_alikes: Counter[str] = Counter()
        self.first_time = float("inf")
        self.last_time = 0.0

    def __enter__(self) -> Self:
        if self._output.exists() and (not self._output.is_dir() or any(self._output.iterdir())):
            raise TestbedError(f"something is at {self._output} already; name a new folder for the recording")
        # A run that was killed leaves its draft behind.
        shutil.rmtree(self._draft, ignore_errors=True)
        try:
            with telling_of_full_disk(self._output.parent, self._draft):
                self._draft.mkdir(parents=True)
                self._open_files()
        except BaseException:
            self._discard()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._discard()

    @property
    def lines(self) -> Mapping[str, int]:
        """The lines of each file of telemetry besides the traces."""
        return {file: count for writer in self._writers for file, count in writer.counts.items()}

    def add(
        self,
        trace: Document,
        attacked_flows: dict[str, str],
        windows: Mapping[str, Window] | None = None,
    ) -> None:
        """None; one trace and the labels of its flows are written."""
        trace = moved(trace, region_at(began(trace["id"]), windows or {}))
        with telling_of_full_disk(self._output.parent, self._draft):
            line = json.dumps(batch_get_traces_form(trace), separators=(",", ":"))
            self._files[_TRACES].write(line.encode() + b"\n")
            for writer in self._writers:
                writer.trace(trace)
            self._count(trace)
            flows = list(flows_of(trace))
            attacks = {flow.id: attacked_flows.pop(flow.id) for flow in flows if flow.id in attacked_flows}
            for label in labels_of(flows, attacks, self._plan.locate):
                self._label(trace["id"], label)
            for flow in flows:
                self.functions[flow.function] += 1
                self.events += flow.events
                self._label_look_alikes(flow, windows or {})

    def add_facts(self, facts: Facts, windows: Mapping[str, Window] | None = None) -> None:
        """None; the facts are written in every format that is made from them."""
        facts = placed(facts, windows or {})
        with telling_of_full_disk(self._output.parent, self._draft):
            for writer in self._writers:
                writer.facts(facts)
            for call in facts.calls:
                self._book.call(call)
            self.attack_calls.update(call.attack for call in facts.calls if call.attack)

    def close(self) -> None:
        """None; every file is complete, and all is counted."""
        with telling_of_full_disk(self._output.parent, self._draft):
            for closable in (*self._files.values(), *self._writers):
                closable.close()

    def finish(self, facts: Mapping[str, Any]) -> None:
        """None; the folder is in its place and holds `facts` as run.json."""
        self.close()
        with telling_of_full_disk(self._output.parent, self._draft):
            incidents = "".join(json.dumps(incident) + "\n" for incident in self._book.lines())
            (self._draft / _INCIDENTS).write_text(incidents, encoding="utf-8")
            text = json.dumps(facts, indent=2, allow_nan=False) + "\n"
            (self._draft / _RUN).write_text(text, encoding="utf-8")
            self._output.parent.mkdir(parents=True, exist_ok=True)
            self._draft.replace(self._output)

    def _open_files(self) -> None:
        self._files[_TRACES] = CompressedFile(self._draft / _TRACES)
        names = [_LABELS, *([_LOOK_ALIKES] if self._with_look_alikes else [])]
        for name in names:
            self._files[name] = LineFile(self._draft / name)
        for make_writer in self._writer_types:
            self._writers.append(make_writer(self._draft))
        if self._with_networks:
            write_networks(self._draft)

    def _discard(self) -> None:
        """None; nothing is left of the draft, whatever closing its files meets with."""
        for closable in (*self._files.values(), *self._writers):
            with suppress(OSError):
                closable.close()
        shutil.rmtree(self._draft, ignore_errors=True)

    def _count(self, trace: Document) -> None:
        self.traces += 1
        self.first_time = min(self.first_time, *(segment["start_time"] for segment in trace["segments"]))
        self.last_time = max(self.last_time, *(segment["end_time"] for segment in trace["segments"]))

    def _label(self, trace_id: str, label: Label) -> None:
        flow_id, event_ids = label.flow.id, list(label.event_ids)
        self._line(_LABELS, {"function_flow_id": flow_id, "attack": label.attack, "event_ids": event_ids})
        self.attacks[label.attack] += 1
        self._book.flow(label.attack, label.flow.start, label.flow.function, flow_id)
        for writer in self._writers:
            writer.label(trace_id, flow_id, label.attack, event_ids)

    def _label_look_alikes(self, flow: Flow, windows: Mapping[str, Window]) -> None:
        for name, window in windows.items():
            if flow.function in window.functions and window.begin <= flow.start < window.end:
                self._line(_LOOK_ALIKES, {"function_flow_id": flow.id, "look_alike": name})
                self.look_alikes[name] += 1

    def _line(self, file: str, record: Mapping[str, Any]) -> None:
        self._files[file].write(json.dumps(record).encode() + b"\n")


class LineFile:
    """A plain file of JSON lines."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    def write(self, line: bytes) -> None:
        """None; `line` is in the file."""
        self._file.write(line)

    def close(self) -> None:
        """None; the file is complete."""
        self._file.close()
