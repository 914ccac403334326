"""Makes the recorded runs that ship with the package: `python -m coldtrail_testbed.recorded.make`.

The traces are those of `record`, without what takes most of the space and tells nothing: the request ids of
single calls, and inferred segments that no other segment hangs on.
"""

import gzip
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from coldtrail_testbed.cloud.traces import Document, subsegments
from coldtrail_testbed.compressed_file import CompressedFile
from coldtrail_testbed.recorder import record

_SEED = 20_260
# Small enough to ship: together at most 3 MB.
_ITERATIONS = {"airline": 260, "vod": 150}


def make(application: str, folder: Path) -> None:
    """None; the benign run of `application` and its description are in `folder`."""
    name = f"{application}-benign"
    with tempfile.TemporaryDirectory() as work:
        output = Path(work) / "run"
        record(application, _ITERATIONS[application], _SEED, ["none"], output)
        with CompressedFile(folder / f"{name}.jsonl.gz", level=9) as target:
            for trace in _read(output / "traces.jsonl.gz"):
                target.write(json.dumps(_slim(trace), separators=(",", ":")).encode() + b"\n")
        facts = json.loads((output / "run.json").read_text(encoding="utf-8"))
    facts["made_by"] = "python -m coldtrail_testbed.recorded.make"
    facts["left_out"] = ["request ids of single calls", "inferred segments without children"]
    (folder / f"{name}.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def _read(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _slim(trace: dict[str, Any]) -> dict[str, Any]:
    segments = [json.loads(segment["Document"]) for segment in trace["Segments"]]
    parents = {segment.get("parent_id") for segment in segments}
    kept = [segment for segment in segments if not segment.get("inferred") or segment["id"] in parents]
    for segment in kept:
        _drop_request_ids(segment)
    documents = [
        {"Id": segment["id"], "Document": json.dumps(segment, separators=(",", ":"))} for segment in kept
    ]
    return {**trace, "Segments": documents}


def _drop_request_ids(segment: Document) -> None:
    calls = [segment] if segment.get("inferred") else [call for call in subsegments(segment) if "aws" in call]
    for call in calls:
        call["aws"].pop("request_id", None)


if __name__ == "__main__":
    for application in _ITERATIONS:
        make(application, Path(__file__).parent)
