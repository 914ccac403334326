"""The folder of a recorded run, written beside its place and moved there when it is complete."""

import json
import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from coldtrail_testbed.attacks.plan import AttackPlan
from coldtrail_testbed.cloud.traces import Document, batch_get_traces_form
from coldtrail_testbed.compressed_file import CompressedFile
from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.flows import flows_of


class Recording:
    """Takes finished traces, writes them at once and counts them."""

    def __init__(self, output: Path, plan: AttackPlan) -> None:
        self._output = output
        self._plan = plan
        self._draft = output.with_name(f".{output.name}.partial")
        self.traces = 0
        self.events = 0
        self.functions: Counter[str] = Counter()
        self.attacks: Counter[str] = Counter()

    def __enter__(self) -> Self:
        if self._output.exists() and (not self._output.is_dir() or any(self._output.iterdir())):
            raise TestbedError(f"{self._output} exists already; name a new folder for the recording")
        shutil.rmtree(self._draft, ignore_errors=True)
        self._draft.mkdir(parents=True)
        self._traces_file = CompressedFile(self._draft / "traces.jsonl.gz")
        self._labels_file = (self._draft / "labels.jsonl").open("w", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._traces_file.close()
        self._labels_file.close()
        shutil.rmtree(self._draft, ignore_errors=True)

    def add(self, trace: Document, attacked_flows: dict[str, str]) -> None:
        """None; one trace and the labels of its flows are written."""
        line = json.dumps(batch_get_traces_form(trace), separators=(",", ":"))
        self._traces_file.write(line.encode() + b"\n")
        self.traces += 1
        for flow in flows_of(trace):
            self.functions[flow.function] += 1
            self.events += flow.events
            attack = attacked_flows.pop(flow.id, None)
            event_ids = self._plan.locate(attack, flow) if attack else []
            if attack and event_ids:
                self._label(flow.id, attack, event_ids)

    def finish(self, facts: Mapping[str, Any]) -> None:
        """None; the folder is in its place and holds `facts` as run.json."""
        self._traces_file.close()
        self._labels_file.close()
        (self._draft / "run.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
        self._output.parent.mkdir(parents=True, exist_ok=True)
        self._draft.replace(self._output)

    def _label(self, flow_id: str, attack: str, event_ids: list[str]) -> None:
        label = {"function_flow_id": flow_id, "attack": attack, "event_ids": event_ids}
        self._labels_file.write(json.dumps(label) + "\n")
        self.attacks[attack] += 1
