"""The command line: any options with any of the other families' files; statuses, and what is said."""

from __future__ import annotations

import io
import shutil
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from random import Random

from benchmarks.fuzz import mutations
from benchmarks.fuzz.families import documents, settings
from benchmarks.fuzz.ground import Ground
from benchmarks.fuzz.judging import problems_of
from coldtrail.cli.main import main

_STATUSES = (0, 1, 2)
_BEGINNINGS = ("coldtrail: ", "usage: ", "coldtrail ", " ")


def run(random: Random, ground: Ground, folder: Path) -> list[str]:
    """The problems of one case."""
    name, data = documents.hostile(random)
    (folder / name).write_bytes(data)
    (folder / "coldtrail.toml").write_bytes(settings.text(random))
    (folder / "said.jsonl").write_bytes(
        mutations.battered(random, b'{"function_flow_id":"f1","verdict":"benign"}')
    )
    shutil.copytree(ground.bundle, folder / "bundle")
    given = [str(one) for one in arguments(random, ground, folder, folder / name)]
    size = max(len(data), documents.expanded(data)) + 2**20
    return problems_of(lambda: _said(given), size, may_refuse=False)


def arguments(random: Random, ground: Ground, folder: Path, bad: Path) -> list[str | Path]:
    """The arguments of one command, of which some are wrong."""
    some: list[str | Path] = random.choice(
        ([bad], [bad, ground.good], [ground.good], [folder], [ground.good, bad])
    )
    output = random.choice(
        (folder / "out", folder / "out", folder / "bundle", folder / "x" / "y", Path("/dev/null"))
    )
    flow = random.choice((min(ground.good_ids), "absent", "\x1b[31m"))
    known: list[str | Path] = [
        "--bundle",
        random.choice((folder / "bundle", ground.bundle, folder, folder / "none")),
    ]
    verb: list[str | Path] = random.choice(
        (
            ["score", *known, "--input", *some, "--output", output],
            ["score", *known, "--input", *some, "--output", output, "--state", folder / "held"],
            ["score", *known, "--input", *some, "--output", output, "--report", folder / "report.html"],
            ["train", "--input", *some, "--bundle", output],
            ["update", *known, "--input", *some, "--output", output, "--feedback", folder / "said.jsonl"],
            ["inspect", *some],
            ["flows", *some, "--output", output],
            ["explain", *known, "--input", *some, "--flow", flow],
            ["bundle", "show", *known],
            ["evaluate", "--verdicts", bad, "--labels", folder / "said.jsonl"],
        )
    )
    more = random.choice(([], [], ["--json"], ["--config", folder / "coldtrail.toml"], ["--format", "xray"]))
    return [*verb, *more, *random.choice(([], [], [], ["--nonsense"], ["--limit", "-1"]))]


def _said(given: list[str]) -> list[str]:
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    with redirect_stdout(out), redirect_stderr(err):
        try:
            status = main(given)
        except SystemExit as stop:
            status = int(stop.code or 0)
    out.flush()
    err.flush()
    said = err.buffer.getvalue().decode()  # type: ignore[attr-defined]
    faults = [] if status in _STATUSES else [f"status {status}"]
    if "Traceback" in said:
        faults.append(said[-2_000:])
    if strange := [line for line in said.splitlines() if line and not line.startswith(_BEGINNINGS)]:
        faults.append(f"said: {strange[0][:300]!r}")
    return faults
