"""`coldtrail train`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from coldtrail.bundle.manifest import read_manifest
from coldtrail.cli import screen
from coldtrail.detectors.autoencoder import BudgetedAutoencoder, Recipe
from coldtrail.records.flow import Flow
from coldtrail.testing import make_history
from coldtrail.verbs.reading import Progress
from tests.cli.command import Run, is_one_sentence
from tests.verbs.telemetry_files import stolen, write_native


@pytest.fixture
def history(tmp_path: Path) -> Path:
    return write_native(tmp_path / "history.jsonl", make_history(80))


def test_it_tells_what_was_learned_and_what_is_too_little(run: Run, history: Path, tmp_path: Path) -> None:
    said = run("train", "--input", history, "--bundle", tmp_path / "b", "--seed", 4)
    assert said.status == 0
    assert "Learned 80 flows of 1 function (1 ready to be judged)" in said.out
    assert f"Bundle: {tmp_path / 'b'}" in said.out
    assert said.err.startswith("coldtrail: note: 80 flows cannot hold a budget of 0.003")
    assert read_manifest(tmp_path / "b").seed == 4


def test_what_would_have_alarmed_is_not_told_where_nothing_is_judged(run: Run, tmp_path: Path) -> None:
    history = write_native(tmp_path / "few.jsonl", make_history(10))
    said = run("train", "--input", history, "--bundle", tmp_path / "b")
    assert "(0 ready to be judged)" in said.out
    assert "would have alarmed" not in said.out


def test_json_is_one_document(run: Run, history: Path, tmp_path: Path) -> None:
    found = run("train", "--input", history, "--bundle", tmp_path / "b", "--json").json
    assert found["flows"] == 80
    (order,) = found["functions"]
    latest = max(flow.start_time for flow in make_history(80))
    assert order == {
        "account": "", "region": "", "application_name": "shop", "function_name": "Order", "flows": 80,
        "versions": [], "group": 1, "held_back": 0, "last_start": latest, "kinds": ["lifecycle"],
    }  # fmt: skip
    assert found["threshold"] == read_manifest(tmp_path / "b").threshold
    assert (found["losses"], len(found["warnings"])) == ([], 2)
    assert found["warnings"][1] == (
        "The telemetry names no account for 1 function (Order): the same name in two accounts cannot be told "
        "apart."
    )


def test_detectors_budget_and_settings_are_taken(run: Run, history: Path, tmp_path: Path) -> None:
    config = tmp_path / "coldtrail.toml"
    config.write_text("[detection]\nready_flows = 7\nbudget = 0.2\n", encoding="utf-8")
    said = run(
        "train", "--input", history, "--bundle", tmp_path / "b", "--detector", "timing", "novelty",
        "--config", config, "--budget", "0.05",
    )  # fmt: skip
    assert said.status == 0
    detection = read_manifest(tmp_path / "b").settings.detection
    assert (detection.detectors, detection.budget, detection.ready_flows) == (("timing", "novelty"), 0.05, 7)


@pytest.mark.parametrize(
    ("option", "value", "named"),
    [
        ("--budget", "0.9", "budget"),
        ("--detector", "magic", "magic"),
        ("--config", "absent.toml", "absent.toml"),
        ("--format", "yaml", "yaml"),
    ],
)
def test_wrong_use_is_told_in_a_sentence_and_leaves_no_bundle(
    run: Run, history: Path, tmp_path: Path, option: str, value: str, named: str
) -> None:
    said = run("train", "--input", history, "--bundle", tmp_path / "b", option, value)
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert named in said.err
    assert not (tmp_path / "b").exists()


def test_a_missing_file_of_countries_ends_the_command_before_its_work(
    run: Run, history: Path, tmp_path: Path
) -> None:
    config = tmp_path / "coldtrail.toml"
    config.write_text('[baselines]\ncountry_file = "absent.mmdb"\n', encoding="utf-8")
    said = run("train", "--input", history, "--bundle", tmp_path / "b", "--config", config)
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert "absent.mmdb: there is no such file" in said.err
    assert not (tmp_path / "b").exists()


def test_an_unknown_setting_is_told_with_its_path(run: Run, history: Path, tmp_path: Path) -> None:
    config = tmp_path / "coldtrail.toml"
    config.write_text("[detection]\nbugdet = 0.2\n", encoding="utf-8")
    said = run("train", "--input", history, "--bundle", tmp_path / "b", "--config", config)
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert all(part in said.err for part in (str(config), "detection.bugdet"))


def test_losses_are_told_and_nothing_usable_is_wrong_input(run: Run, history: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(b"{broken\n")
    both = run("train", "--input", broken, history, "--bundle", tmp_path / "b")
    assert both.status == 0
    assert f"coldtrail: lost: {broken}" in both.err
    alone = run("train", "--input", broken, "--bundle", tmp_path / "c")
    assert alone.status == 2
    assert is_one_sentence(alone.err)
    assert not (tmp_path / "c").exists()


def test_training_twice_gives_the_same_bundle(run: Run, history: Path, tmp_path: Path) -> None:
    for name in ("b", "c"):
        run("train", "--input", history, "--bundle", tmp_path / name)
    for path in (tmp_path / "b").iterdir():
        assert path.read_bytes() == (tmp_path / "c" / path.name).read_bytes()


def test_photos_are_not_overwritten(run: Run, history: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.png").write_bytes(b"meow")
    said = run("train", "--input", history, "--bundle", tmp_path / "photos")
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["cat.png"]


@pytest.mark.parametrize("library", ["keras", "jax"])
@pytest.mark.parametrize("detector", ["autoencoder", "autoencoder-paper"])
def test_without_the_networks_library_it_says_what_installs_it(
    run: Run, history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, detector: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    said = run("train", "--input", history, "--bundle", tmp_path / "b", "--detector", "sequence", detector)
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert "`pip install 'coldtrail[deep]'` installs them" in said.err
    assert not (tmp_path / "b").exists()


def test_each_epoch_of_an_autoencoder_is_told(
    run: Run, history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    @contextmanager
    def hearing() -> Iterator[Progress]:
        yield lambda stage, done, total: told.append(stage)

    monkeypatch.setattr(screen, "progress", hearing)
    plain = BudgetedAutoencoder.__init__

    def quick(self: BudgetedAutoencoder) -> None:
        plain(self)
        self.recipe = Recipe(windows=(3,), units=(8, 4), epochs=2)

    monkeypatch.setattr(BudgetedAutoencoder, "__init__", quick)
    said = run("train", "--input", history, "--bundle", tmp_path / "b", "--detector", "autoencoder")
    assert said.status == 0, said.err
    assert [one.split(",")[0] for one in told if "epoch" in one] == [
        "windows of 3: epoch 1 of 2",
        "windows of 3: epoch 2 of 2",
    ]


def test_what_is_rare_is_listed_and_what_is_called_malicious_is_not_learned(
    run: Run, history: Path, tmp_path: Path
) -> None:
    attacks = write_native(tmp_path / "more.jsonl", [stolen(f"s{i}") for i in range(2)])
    arguments = ("train", "--input", history, attacks, "--bundle", tmp_path / "b")
    said = run(*arguments)
    assert "Order: PutObject on S3 loot, 2 of 82 runs, " in said.out
    feedback = tmp_path / "said.jsonl"
    feedback.write_text('{"function_flow_id": "s0", "verdict": "malicious"}\n', encoding="utf-8")
    said = run(*arguments, "--feedback", feedback)
    assert "Not learned, by your feedback: 2 flows." in said.out
    assert "loot" not in said.out
    feedback.write_text('{"function_flow_id": "?", "verdict": "malicious"}\n', encoding="utf-8")
    said = run(*arguments, "--feedback", feedback)
    assert said.status == 2
    assert is_one_sentence(said.err)


def shifted(flow: Flow, seconds: float) -> Flow:
    """The flow, so much later."""
    events = tuple(
        msgspec.structs.replace(one, start_time=one.start_time + seconds, end_time=one.end_time + seconds)
        for one in flow.events
    )
    times = {"start_time": flow.start_time + seconds, "end_time": flow.end_time + seconds}
    return msgspec.structs.replace(flow, events=events, **times)


def test_alerts_a_day_are_asked_for_and_told(run: Run, tmp_path: Path) -> None:
    flows = [shifted(one, 1_400.0 * place) for place, one in enumerate(make_history(400))]
    history = write_native(tmp_path / "history.jsonl", flows)
    said = run("train", "--input", history, "--bundle", tmp_path / "b", "--budget", "0.6/day")
    assert "this history makes" in said.out
    assert "(asked for: 0.6, which takes a budget of" in " ".join(said.out.split())
    shown = run("bundle", "show", "--bundle", tmp_path / "b").out
    assert "alerts a day (asked for: 0.6)" in " ".join(shown.split())
    short = run("train", "--input", history, "--bundle", tmp_path / "c", "--budget", "0.1/day")
    assert short.status == 2
    assert is_one_sentence(short.err)


def test_the_command_takes_metrics_without_any_flow(run: Run, tmp_path: Path) -> None:
    line = (
        '{{"account":"111122223333","region":"eu-west-1","application_name":"shop","function_name":"pay",'
        '"start_time":{},"period_s":60,"invocations":4}}\n'
    )
    path, bundle = tmp_path / "metrics.jsonl", tmp_path / "b"
    path.write_text("".join(line.format(1_700_000_040 + 60 * n) for n in range(30)))
    assert run("train", "--input", path, "--bundle", bundle).status == 0
    said = run("score", "--bundle", bundle, "--input", path, "--output", tmp_path / "v.jsonl")
    assert said.status == 0
    assert "no run to judge" in said.out
    assert "30 minutes and records" in said.out
