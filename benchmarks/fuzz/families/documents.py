"""Documents of X-Ray and native events, beside good ones in the same folder and in the same file."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random

import coldtrail
from benchmarks.fuzz import mutations
from benchmarks.fuzz.ground import Ground, documents
from benchmarks.fuzz.judging import count_faults, problems_of, verdict_faults
from coldtrail.sources.expansion import zstd

VERBS = ("score", "score", "score", "score", "inspect", "flows", "train", "update")


def run(random: Random, ground: Ground, folder: Path) -> list[str]:
    """The problems of one case."""
    name, data = hostile(random)
    (folder / "in").mkdir()
    bad = folder / "in" / name
    bad.write_bytes(data)
    (folder / "in" / "zz.jsonl").write_bytes(ground.good.read_bytes())
    size = max(len(data), expanded(data)) + 20_000
    verb = CALLS[random.choice(VERBS)]
    return problems_of(lambda: verb(ground, folder), size, may_refuse=False)


def hostile(random: Random) -> tuple[str, bytes]:
    """The name and bytes of a file."""
    good = documents(random, random.choice((1, 3, 20)))
    how = random.randrange(4)
    if how == 0:
        some = [mutations.changed(random, one) for one in good]
        data = form(random, [mutations.dumped(random, one) for one in some])
    elif how == 1:
        data = mutations.battered(random, form(random, [mutations.dumped(random, one) for one in good]))
    elif how == 2:
        lines = [mutations.dumped(random, one) for one in good]
        lines[random.randrange(len(lines))] = random.choice(mutations.WORDS) * random.choice((1, 9, 20_000))
        data = form(random, lines)
    else:
        # Half of what stands in strings of X-Ray documents is JSON itself.
        data = form(random, [_inside(random, one) for one in good])
    return packed(random, data)


def _inside(random: Random, document: object) -> bytes:
    if isinstance(document, dict) and isinstance(document.get("Segments"), list):
        for part in document["Segments"]:
            if random.random() < 0.4:
                inner = mutations.changed(random, json.loads(part["Document"]))
                part["Document"] = mutations.dumped(random, inner).decode("utf-8", "replace")
    return mutations.dumped(random, document)


def form(random: Random, parts: list[bytes]) -> bytes:
    """Documents in one of the forms of a file."""
    how = random.randrange(6)
    if how < 3:
        return b"\n".join(parts) + random.choice((b"", b"\n", b"\r\n"))
    if how == 3:
        return b"[" + b",".join(parts) + b"]"
    if how == 4:
        return b'{"Traces":[' + b",\n".join(parts) + b"]}"
    return random.choice((b"\xef\xbb\xbf", b"\0\0\0", b"", b"x")) + b"".join(parts)


def packed(random: Random, data: bytes) -> tuple[str, bytes]:
    """The name and bytes of a file that holds these, compressed or not, perhaps damaged afterwards."""
    how = random.randrange(8)
    if how > 2:
        return "bad.json", data
    whole = gzip.compress(data, mtime=0) if how else zstd.compress(data)
    if random.random() < 0.5:
        whole = mutations.battered(random, whole)
    return "bad.json.gz", whole


def expanded(data: bytes) -> int:
    """About how many bytes a compressed file holds; the damage may make it any number."""
    try:
        return len(zlib.decompressobj(wbits=31).decompress(data, 2**26))
    except zlib.error:
        return 0


def _score(ground: Ground, folder: Path) -> list[str]:
    done = coldtrail.score(
        ground.bundle,
        folder / "in",
        folder / "out",
        alerts=folder / "alerts",
        ocsf=folder / "ocsf",
        report=folder / "report.html",
    )
    return verdict_faults(folder / "out", ground.good_ids, done.tally, done.verdicts)


def _inspect(ground: Ground, folder: Path) -> list[str]:
    found = coldtrail.inspect(folder / "in")
    missing = ground.good_ids.difference(one.function_flow_id for one in found.invocations)
    return [f"good flows were lost: {sorted(missing)[:3]}"] if missing else []


def _flows(ground: Ground, folder: Path) -> list[str]:
    found = coldtrail.flows(folder / "in", folder / "out")
    lines = [json.loads(line) for line in (folder / "out").read_bytes().splitlines()]
    missing = ground.good_ids.difference(line["function_flow_id"] for line in lines)
    faults = [f"good flows were lost: {sorted(missing)[:3]}"] if missing else []
    return faults + count_faults(found.tally)


def _train(ground: Ground, folder: Path) -> list[str]:
    done = coldtrail.train(folder / "in", folder / "bundle")
    scored = coldtrail.score(folder / "bundle", ground.good, folder / "out")
    return count_faults(done.tally) + verdict_faults(
        folder / "out", ground.good_ids, scored.tally, scored.verdicts
    )


def _update(ground: Ground, folder: Path) -> list[str]:
    done = coldtrail.update(ground.bundle, folder / "in", folder / "bundle")
    scored = coldtrail.score(folder / "bundle", ground.good, folder / "out")
    return count_faults(done.tally) + verdict_faults(
        folder / "out", ground.good_ids, scored.tally, scored.verdicts
    )


CALLS: dict[str, Callable[[Ground, Path], list[str]]] = {
    "score": _score,
    "inspect": _inspect,
    "flows": _flows,
    "train": _train,
    "update": _update,
}
