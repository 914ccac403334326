"""Bundles: their JSON and arrays changed, cut, swapped with another's; with hashes that fit, or do not."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import numpy as np

import coldtrail
from benchmarks.fuzz import mutations
from benchmarks.fuzz.ground import Ground
from benchmarks.fuzz.judging import problems_of, verdict_faults
from coldtrail.bundle import parts

MANIFEST = "manifest.json"
_VERBS = ("score", "score", "score", "show", "update", "explain")


def run(random: Random, ground: Ground, folder: Path) -> list[str]:
    """The problems of one case."""
    bundle = folder / "bundle"
    shutil.copytree(ground.bundle, bundle)
    names = sorted(path.name for path in bundle.iterdir() if path.name != MANIFEST)
    before = {name: hashlib.sha256((bundle / name).read_bytes()).hexdigest() for name in names}
    for _ in range(random.choice((1, 1, 2))):
        # What was damaged before may be no JSON and no array any more.
        with suppress(Exception):
            random.choice(_DAMAGES)(random, ground, bundle)
    if random.random() < 0.85:
        fit_hashes(bundle, before)
    verb = _CALLS[random.choice(_VERBS)]
    return problems_of(lambda: verb(ground, folder), 2**21, may_refuse=True)


def fit_hashes(bundle: Path, before: dict[str, str]) -> None:
    """Writes the hashes of the files as they are now in the place of those before, wherever they stand."""
    if not (bundle / MANIFEST).is_file():
        return
    try:
        text = (bundle / MANIFEST).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return
    for name, digest in before.items():
        if (bundle / name).is_file():
            text = text.replace(digest, hashlib.sha256((bundle / name).read_bytes()).hexdigest())
    (bundle / MANIFEST).write_text(text, encoding="utf-8")


def _of_kind(random: Random, bundle: Path, *suffixes: str) -> Path | None:
    found = sorted(path for path in bundle.rglob("*") if path.suffix in suffixes and path.name != MANIFEST)
    return random.choice(found) if found else None


def _change_manifest(random: Random, ground: Ground, bundle: Path) -> None:
    manifest = json.loads((bundle / MANIFEST).read_bytes())
    part = random.choice((manifest, manifest, manifest["settings"], manifest["settings"]["detection"]))
    mutations.changed(random, part)
    (bundle / MANIFEST).write_bytes(mutations.dumped(random, manifest))


def _change_json(random: Random, ground: Ground, bundle: Path) -> None:
    path = _of_kind(random, bundle, ".json", ".zst")
    if path is None:
        return
    data = path.read_bytes()
    packed = path.suffix == ".zst"
    value = mutations.changed(random, json.loads(parts.expanded(data) if packed else data))
    fresh = mutations.dumped(random, value)
    path.write_bytes(parts.compressed(fresh) if packed else fresh)


def _change_array(random: Random, ground: Ground, bundle: Path) -> None:
    path = _of_kind(random, bundle, ".arrays")
    if path is None:
        return
    state = dict(parts.unpacked(path.read_bytes()))
    name = random.choice(sorted(state))
    state[name] = mutations.array(random, state[name])
    if random.random() < 0.1:
        del state[name]
    if random.random() < 0.8:
        path.write_bytes(parts.packed(state))
        return
    # As bundles of the version before held their arrays.
    out = io.BytesIO()
    np.savez(out, **state)
    path.unlink()
    path.with_suffix(".npz").write_bytes(out.getvalue())
    manifest = (bundle / MANIFEST).read_text(encoding="utf-8")
    digest = hashlib.sha256(out.getvalue()).hexdigest()
    told = json.loads(manifest)
    told["files"] = {one: of for one, of in told["files"].items() if one != path.name}
    told["files"][path.with_suffix(".npz").name] = digest
    (bundle / MANIFEST).write_text(json.dumps(told), encoding="utf-8")


def _change_head(random: Random, ground: Ground, bundle: Path) -> None:
    path = _of_kind(random, bundle, ".arrays")
    if path is None:
        return
    data = path.read_bytes()
    start = len(parts.MAGIC) + 4
    end = start + int.from_bytes(data[len(parts.MAGIC) : start], "little")
    head = json.dumps(mutations.changed(random, json.loads(data[start:end]))).encode()
    path.write_bytes(parts.MAGIC + len(head).to_bytes(4, "little") + head + data[end:])


def _batter(random: Random, ground: Ground, bundle: Path) -> None:
    path = random.choice(sorted(path for path in bundle.rglob("*") if path.is_file()))
    path.write_bytes(mutations.battered(random, path.read_bytes()))


def _swap(random: Random, ground: Ground, bundle: Path) -> None:
    name = random.choice(sorted(path.name for path in ground.other.iterdir() if path.is_file()))
    if name != MANIFEST:
        (bundle / name).write_bytes((ground.other / name).read_bytes())


def _lose(random: Random, ground: Ground, bundle: Path) -> None:
    path = random.choice(sorted(path for path in bundle.rglob("*") if path.is_file()))
    path.unlink()
    if random.random() < 0.5:
        random.choice(
            (path.mkdir, lambda: path.symlink_to("/dev/zero"), lambda: path.symlink_to(path.name))
        )()


_DAMAGES = (
    _change_manifest, _change_manifest, _change_json, _change_json, _change_array, _change_array,
    _change_array, _change_head, _batter, _swap, _lose,
)  # fmt: skip


def _score(ground: Ground, folder: Path) -> list[str]:
    done = coldtrail.score(folder / "bundle", ground.good, folder / "out", report=folder / "report.html")
    return verdict_faults(folder / "out", ground.good_ids, done.tally, done.verdicts)


def _show(ground: Ground, folder: Path) -> list[str]:
    view = coldtrail.show_bundle(folder / "bundle")
    finite = all(np.isfinite(one.threshold) and one.flows >= 0 for one in view.functions)
    return [] if finite else ["a threshold that is not finite was shown"]


def _update(ground: Ground, folder: Path) -> list[str]:
    coldtrail.update(folder / "bundle", ground.good, folder / "new")
    done = coldtrail.score(folder / "new", ground.good, folder / "out")
    return verdict_faults(folder / "out", ground.good_ids, done.tally, done.verdicts)


def _explain(ground: Ground, folder: Path) -> list[str]:
    found = coldtrail.explain(folder / "bundle", ground.good, min(ground.good_ids))
    return [] if np.isfinite(found.verdict.score) else ["a score that is not finite"]


_CALLS: dict[str, Callable[[Ground, Path], list[str]]] = {
    "score": _score,
    "show": _show,
    "update": _update,
    "explain": _explain,
}
