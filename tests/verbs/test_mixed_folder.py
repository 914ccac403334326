"""One folder with a document of every format that there is, and of none."""

from __future__ import annotations

import json
from pathlib import Path

from coldtrail.registry import FORMATS
from coldtrail.testing import make_history
from coldtrail.verbs.flowing import flows
from coldtrail.verbs.inspecting import inspect
from tests.fixtures import otel, witnesses
from tests.verbs.adding_up import adds_up
from tests.verbs.telemetry_files import write_native, write_xray
from tests.verbs.test_expecting import write_all


def write_every_format(folder: Path) -> Path:
    """A trace with what all its witnesses tell, a document of each other format, and files of none."""
    write_all(folder)
    for name, document in witnesses.DOCUMENTS.items():
        if isinstance(document, bytes):
            (folder / f"{name}.log").write_bytes(document + b"\n")
        else:
            (folder / f"{name}.jsonl").write_text(json.dumps(document) + "\n")
    spans = otel.some_spans({})
    (folder / "spans.pb").write_bytes(otel.as_wire(spans))
    (folder / "aws-spans.json").write_bytes(otel.as_records(spans[:1]))
    write_native(folder / "native.jsonl", make_history(5))
    write_xray(folder / "xray.jsonl.gz", 4)
    write_xray(folder / "xray-again.jsonl.gz", 4)
    (folder / "nothing.json").write_text('{"a": 1}')
    (folder / "photo.png").write_bytes(b"\x89PNG")
    return folder


def test_the_numbers_of_a_mixed_folder_add_up(tmp_path: Path) -> None:
    folder = write_every_format(tmp_path / "in")
    found = inspect(folder)
    adds_up(found)
    assert found.formats.keys() >= set(FORMATS)
    assert found.formats["xray"].repeated == 4
    assert sum(found.refused.values()) == 1
    assert found.passed_over == {".png": 1}
    summary = flows(folder, tmp_path / "flows.jsonl")
    assert (summary.flows, summary.functions) == (found.flows, len(found.functions))


def test_each_format_alone_adds_up_as_well(tmp_path: Path) -> None:
    folder = write_every_format(tmp_path / "in")
    for path in sorted(folder.iterdir()):
        if path.suffix != ".png" and path.name != "nothing.json":
            adds_up(inspect(path))
