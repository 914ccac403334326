"""Online is offline: the same telemetry, cut, shuffled and with services killed in between, gives the same
verdicts, alerts and cases as `score`."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec
import pytest

from coldtrail.alerts.showing.json import in_json
from coldtrail.assembly.watermark import EventTime
from coldtrail.bundle.folder import save
from coldtrail.config import LimitSettings, Settings, load_settings
from coldtrail.errors import ColdtrailError
from coldtrail.formats.detect import parser_for
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from coldtrail.reports.alert_lines import line_of
from coldtrail.service.standing import all_alerts, all_cases
from coldtrail.sources.files import FileSource
from coldtrail.store.databases import open_database
from coldtrail.verbs.scoring import score
from coldtrail.verbs.training import train
from coldtrail_testbed.recorder import record
from tests.contracts.streams import recorded

pytestmark = pytest.mark.slow
LATENESS_S = 600.0
CONFIG = """
[service]
bundle = "{bundle}"
data = "{folder}/data"
keep_verdicts = "all"
checkpoint_s = 0.5
listen = ""
witnesses = "{witnesses}"
[limits]
lateness_s = {lateness}
[[source]]
kind = "lines"
path = "{folder}/packed.jsonl"
is_packed = true
at_once = {at_once}
pause_s = 0.02
"""


class Case(NamedTuple):
    """What was learned, and what is to be judged."""

    bundle: Path
    folder: Path


def documents_of(folder: Path) -> list[Document]:
    source = FileSource([folder], limits=LimitSettings(), tally=Tally())
    return [document for document, _ in source.read()]


def shuffled(documents: Iterable[Document], most_s: float, seed: int) -> list[Document]:
    """The documents as they would come: each up to so many seconds after it began."""
    random, parser = Random(seed), parser_for("auto", Settings(), None, Pseudonyms(b"x" * 32))
    keyed, last = [], 0.0
    for document in documents:
        clock = EventTime()
        clock.see(parser(document))
        last = clock.now if clock.now > 0 else last
        keyed.append((last + random.uniform(0.0, most_s), document))
    return [document for _, document in sorted(keyed, key=lambda one: one[0])]


@pytest.fixture(scope="module", params=["airline-benign", "vod-benign"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A recorded run, changed so that there is something to tell, cut into its segments."""
    folder = tmp_path_factory.mktemp(request.param)
    stream = recorded(request.param)
    save(stream.model, folder / "bundle", version="0", seed=0, span=(0.0, 1.0))
    (folder / "in").mkdir()
    lines = b"\n".join(piece.document.payload for piece in stream.pieces)
    (folder / "in" / "segments.jsonl").write_bytes(lines + b"\n")
    return Case(folder / "bundle", folder / "in")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """An attacked run with CloudTrail and Lambda's reports beside the traces, and what was learned of a
    benign one."""
    folder = tmp_path_factory.mktemp("mixed")
    telemetry = ["cloudtrail", "lambda-reports"]
    record("airline", 40, 5, ["none"], folder / "benign", telemetry=telemetry)
    record("airline", 15, 6, ["paper"], folder / "attacked", attack_share=0.3, telemetry=telemetry)
    for name in ("benign", "attacked"):
        for path in (folder / name).glob("*labels*"):
            path.unlink()
    train([folder / "benign"], folder / "bundle")
    return Case(folder / "bundle", folder / "attacked")


def written(case: Case, to: Path) -> tuple[list[bytes], list[bytes], list[bytes]]:
    """What `score` writes: verdicts, alerts and cases."""
    score(
        case.bundle, case.folder, to / "v", alerts=to / "a", cases=to / "c",
        settings=load_settings(to / "limits.toml"), workers=1,
    )  # fmt: skip
    verdicts, alerts, cases = ((to / name).read_bytes().splitlines() for name in "vac")
    return verdicts, sorted(alerts), sorted(cases)


def stored(place: Path) -> tuple[list[bytes], list[bytes], list[bytes]]:
    """The same of what a service keeps."""
    database = open_database(place, serving=False)
    encode = msgspec.json.encode
    verdicts = [row.line.replace(b',"revised":true}', b"}") for row in database.verdicts()]
    alerts = [
        in_json(encode(line_of(row.alert))) for row in all_alerts(database) if not row.episode.withdrawn
    ]
    cases = [in_json(encode(one)) for one in all_cases(database)]
    database.close()
    return verdicts, sorted(alerts), sorted(cases)


def watch(folder: Path, kill_at: float | None) -> int:
    """The exit status of a service that runs until it is done, or is killed once it has committed a share of
    its input."""
    command = [sys.executable, "-m", "tests.service.watching", "watch", "--until-done"]
    command += ["--config", str(folder / "coldtrail.toml")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    size = (folder / "packed.jsonl").stat().st_size
    try:
        while kill_at is not None and process.poll() is None and _committed(folder) < kill_at * size:
            time.sleep(0.02)
        if kill_at is not None:
            process.send_signal(signal.SIGKILL)
        _, said = process.communicate(timeout=240)
    finally:
        process.kill()
    assert process.returncode in (0, -signal.SIGKILL), said.decode()
    return process.returncode


def _committed(folder: Path) -> int:
    try:
        database = open_database(folder / "data" / "coldtrail.db", serving=False)
    except ColdtrailError:
        return 0
    checkpoint = database.checkpoint()
    database.close()
    return 0 if checkpoint is None else json.loads(checkpoint.positions["lines"])


def replayed(case: Case, to: Path, most_s: float, kills: Sequence[float], witnesses: str = "never") -> None:
    (to / "limits.toml").write_text(f"[limits]\nlateness_s = {LATENESS_S}\n")
    documents = shuffled(documents_of(case.folder), most_s, seed=3)
    (to / "packed.jsonl").write_bytes(msgspec.json.Encoder().encode_lines(documents))
    at_once = max(1, len(documents) // 100)
    (to / "coldtrail.toml").write_text(
        CONFIG.format(
            bundle=case.bundle, folder=to, lateness=LATENESS_S, at_once=at_once, witnesses=witnesses
        )
    )
    ended = [watch(to, at) for at in kills]
    assert ended == [-signal.SIGKILL] * len(kills)
    assert watch(to, None) == 0
    verdicts, alerts, cases = written(case, to)
    assert alerts
    assert stored(to / "data" / "coldtrail.db") == (verdicts, alerts, cases)


def test_a_recorded_run_with_three_kills_gives_what_score_gives(run: Case, tmp_path: Path) -> None:
    replayed(run, tmp_path, 300.0, (0.2, 0.5, 0.8))


def test_other_witnesses_beside_traces_change_nothing(mixed: Case, tmp_path: Path) -> None:
    replayed(mixed, tmp_path, 300.0, (0.2, 0.5, 0.8), "always")


def test_a_folder_of_telemetry_gives_what_score_gives(mixed: Case, tmp_path: Path) -> None:
    """By the source `files`, in its own order, which looks by itself whether other witnesses are there."""
    (tmp_path / "limits.toml").write_text(f"[limits]\nlateness_s = {LATENESS_S}\n")
    config = CONFIG.format(
        bundle=mixed.bundle, folder=tmp_path, lateness=LATENESS_S, at_once=1, witnesses="auto"
    )
    head = config.partition("[[source]]")[0]
    (tmp_path / "coldtrail.toml").write_text(f'{head}[[source]]\nkind = "files"\npath = "{mixed.folder}"\n')
    (tmp_path / "packed.jsonl").touch()
    assert watch(tmp_path, None) == 0
    assert stored(tmp_path / "data" / "coldtrail.db") == written(mixed, tmp_path)
