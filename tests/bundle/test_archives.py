"""Archives of bundles of version 8: read as they were written, and nothing else in them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coldtrail.bundle.archives import unpacked
from coldtrail.bundle.folder import load, save
from coldtrail.bundle.manifest import MANIFEST
from coldtrail.bundle.model import Model
from coldtrail.bundle.parts import expanded
from coldtrail.bundle.parts import unpacked as unpacked_part
from coldtrail.testing import make_history
from coldtrail.verbs.showing import show_bundle


def archive_of(compress: bool = False, **arrays: Any) -> bytes:
    out = io.BytesIO()
    (np.savez_compressed if compress else np.savez)(out, **arrays)
    return out.getvalue()


def endless() -> bytes:
    """An archive whose one array says that it takes 8 TiB."""
    array, out = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array_header_1_0(array, {"descr": "<f8", "fortran_order": False, "shape": (2**40,)})
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("tails.npy", array.getvalue())
    return out.getvalue()


def known_then(arrays: Mapping[str, Any]) -> dict[str, Any]:
    """The arrays without those that came later."""
    later = ("lookkeys", "looks", "span_key", "span_runs", "level_key", "level_amounts")
    return {name: array for name, array in arrays.items() if not name.endswith(later)}


def as_version_8(folder: Path, model: Model) -> None:
    """Turns a bundle into what version 8 wrote."""
    assert model.history is not None
    told = json.loads((folder / MANIFEST).read_bytes())
    for name in told.pop("files"):
        path = folder / name
        data = path.read_bytes()
        path.unlink()
        if name.endswith(".arrays"):
            arrays = dict(unpacked_part(data))
            if name.startswith("history"):
                flows, strata = model.history.flows, model.history.strata
                arrays |= {"weight": flows.weight, "self_time": flows.self_time, "strata": strata.keys}
                arrays |= {"ids": model.history.ids, "ranks": model.history.ranks}
                del arrays["within"]
            path.with_suffix(".npz").write_bytes(archive_of(**known_then(arrays)))
        else:
            path.with_name(name.removesuffix(".zst")).write_bytes(expanded(data) if ".zst" in name else data)
    told["format_version"] = 8
    del told["groups"]
    for one in told["functions"]:
        del one["group"], one["held_back"], one["last_start"]
    told["files"] = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != MANIFEST
    }
    (folder / MANIFEST).write_text(json.dumps(told), encoding="utf-8")


def test_a_bundle_of_version_8_is_read_and_shown_as_it_was(model: Model, tmp_path: Path) -> None:
    for name in ("old", "new"):
        save(model, tmp_path / name, version="0.1", seed=0, span=(1.0, 2.0))
    as_version_8(tmp_path / "old", model)
    old, new = (load(tmp_path / name, with_history=True)[0] for name in ("old", "new"))
    flows = make_history(50, seed=3, prefix="t")
    assert old.judge(flows) == new.judge(flows) == model.judge(flows)
    assert old.history is not None
    assert new.history is not None
    assert old.history.flows.weight.tolist() == new.history.flows.weight.tolist()
    shown = [show_bundle(tmp_path / name, now=3.0) for name in ("old", "new")]
    assert shown[0].functions == shown[1].functions
    assert shown[0].groups == shown[1].groups


@pytest.mark.parametrize(
    "data",
    [
        b"no archive",
        archive_of(True, a=np.zeros(3)),
        archive_of(a=np.array([{"a": 1}], dtype=object)),
        archive_of(a=np.zeros(3) * 1j),
        archive_of(a=np.array([np.nan])),
        endless(),
    ],
)
def test_what_no_bundle_holds_is_refused(data: bytes) -> None:
    with pytest.raises((ValueError, zipfile.BadZipFile, MemoryError)):
        unpacked(data)
