"""The key of pseudonyms: given, or kept beside the bundle that was learned with it."""

from __future__ import annotations

import base64
import json
import shutil
import stat
from pathlib import Path

import pytest

from coldtrail.bundle.manifest import read_manifest
from coldtrail.errors import ConfigError
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.registry import FORMATS
from coldtrail.testing import make_history
from coldtrail.verbs import workers
from coldtrail.verbs.explaining import explain
from coldtrail.verbs.flowing import flows
from coldtrail.verbs.pseudonym_key import VARIABLE, kept, key_file, pseudonyms_alone
from coldtrail.verbs.scoring import score
from coldtrail.verbs.showing import show_bundle
from coldtrail.verbs.training import train
from coldtrail.verbs.updating import update
from tests.verbs.called_format import ADDRESS, PLACE, write_called

KEY = bytes(range(32))
HISTORY = make_history(60)
NEW = make_history(5, seed=3, prefix="n")


@pytest.fixture(autouse=True)
def called_format(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FORMATS, "called", PLACE)
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture
def history(tmp_path: Path) -> Path:
    return write_called(tmp_path / "in.jsonl", HISTORY)


@pytest.fixture
def learned(tmp_path: Path, history: Path) -> Path:
    train(history, tmp_path / "model", format="called")
    return tmp_path / "model"


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return write_called(tmp_path / "new.jsonl", NEW)


def caller(bundle: Path, new: Path) -> str | None:
    """The pseudonym of who called a run of the new telemetry."""
    return explain(bundle, new, "n00000000", format="called").flow.request_id


def test_a_key_is_made_kept_beside_the_bundle_and_used_ever_after(learned: Path, new: Path) -> None:
    file = learned.with_name("model.key")
    made = Pseudonyms(bytes.fromhex(file.read_text("ascii")))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_manifest(learned).pseudonym_key == made.fingerprint
    assert show_bundle(learned).pseudonym_key == made.fingerprint
    assert caller(learned, new) == made[ADDRESS]
    assert score(learned, new, format="called").flows == 5
    for part in learned.iterdir():
        assert made.key not in part.read_bytes()
        assert made.key.hex().encode() not in part.read_bytes()


def test_learning_anew_keeps_the_key(learned: Path, history: Path) -> None:
    before = read_manifest(learned).pseudonym_key
    train(history, learned, format="called")
    assert read_manifest(learned).pseudonym_key == before


def test_a_bundle_that_met_no_pseudonym_needs_no_key(tmp_path: Path) -> None:
    plain = write_called(tmp_path / "plain.jsonl", HISTORY, None)
    train(plain, tmp_path / "model", format="called")
    assert read_manifest(tmp_path / "model").pseudonym_key is None
    assert not key_file(tmp_path / "model").exists()
    assert score(tmp_path / "model", plain, format="called").flows == 60


def test_calls_that_go_on_make_the_same_pseudonyms_of_a_bundle_that_met_none(
    tmp_path: Path, new: Path
) -> None:
    model = tmp_path / "model"
    train(write_called(tmp_path / "plain.jsonl", HISTORY, None), model, format="called")
    first = score(model, new, format="called", state=tmp_path / "state")
    made = Pseudonyms(bytes.fromhex(key_file(model).read_text("ascii")))
    assert stat.S_IMODE(key_file(model).stat().st_mode) == 0o600
    assert first.notes == []
    assert score(model, new, format="called", state=tmp_path / "state").notes == []
    assert caller(model, new) == made[ADDRESS]
    assert Pseudonyms(bytes.fromhex(key_file(model).read_text("ascii"))).fingerprint == made.fingerprint


def test_it_is_told_where_no_key_can_be_kept_for_the_next_call(tmp_path: Path, new: Path) -> None:
    model = tmp_path / "model"
    train(write_called(tmp_path / "plain.jsonl", HISTORY, None), model, format="called")
    key_file(model).mkdir()
    (note,) = score(model, new, format="called", state=tmp_path / "state").notes
    assert "knows no caller" in note
    assert score(model, new, format="called").notes == []


def test_an_update_takes_the_key_along(learned: Path, new: Path, tmp_path: Path) -> None:
    update(learned, new, tmp_path / "later", format="called")
    assert key_file(tmp_path / "later").read_bytes() == key_file(learned).read_bytes()
    assert read_manifest(tmp_path / "later").pseudonym_key == read_manifest(learned).pseudonym_key
    assert caller(tmp_path / "later", new) == caller(learned, new)


def test_an_update_that_meets_the_first_pseudonyms_makes_a_key(tmp_path: Path, new: Path) -> None:
    train(write_called(tmp_path / "plain.jsonl", HISTORY, None), tmp_path / "model", format="called")
    update(tmp_path / "model", new, tmp_path / "model", format="called")
    fingerprint = read_manifest(tmp_path / "model").pseudonym_key
    assert fingerprint is not None
    assert Pseudonyms(bytes.fromhex(key_file(tmp_path / "model").read_text())).fingerprint == fingerprint


def test_an_update_in_the_place_of_another_bundle_replaces_its_key(
    learned: Path, history: Path, new: Path, tmp_path: Path
) -> None:
    train(history, tmp_path / "other", format="called")
    assert key_file(tmp_path / "other").read_bytes() != key_file(learned).read_bytes()
    update(learned, new, tmp_path / "other", format="called")
    assert caller(tmp_path / "other", new) == caller(learned, new)


@pytest.mark.parametrize(
    "told",
    [
        KEY.hex(),
        KEY.hex().upper(),
        base64.b64encode(KEY).decode(),
        base64.urlsafe_b64encode(bytes(reversed(range(224, 256)))).decode().rstrip("="),
        base64.b64encode(bytes(16)).decode(),
    ],
)
def test_a_key_may_be_given(
    history: Path, new: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setenv(VARIABLE, told)
    train(history, tmp_path / "model", format="called")
    assert not key_file(tmp_path / "model").exists()
    assert read_manifest(tmp_path / "model").pseudonym_key == pseudonyms_alone().fingerprint
    assert caller(tmp_path / "model", new) == pseudonyms_alone()[ADDRESS]
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(ConfigError, match=r"key of its pseudonyms is missing.*model\.key"):
        score(tmp_path / "model", new, format="called")


def test_hexadecimal_and_base64_tell_the_same_key(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    for text in (KEY.hex(), base64.b64encode(KEY).decode(), f" {KEY.hex()}\n"):
        monkeypatch.setenv(VARIABLE, text)
        told.append(pseudonyms_alone().key)
    assert told == [KEY] * 3


@pytest.mark.parametrize(
    "told", ["", "secret", KEY.hex()[:30], "a" * 33, "?" * 64, base64.b64encode(bytes(15)).decode(), "é" * 40]
)
def test_what_is_no_key_is_refused_in_one_sentence_that_does_not_show_it(
    history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setenv(VARIABLE, told)
    for run in (
        lambda: train(history, tmp_path / "model", format="called"),
        lambda: flows(history, tmp_path / "flows.jsonl", format="called"),
    ):
        with pytest.raises(ConfigError, match="openssl rand") as refused:
            run()
        assert not told or told not in str(refused.value)
        assert "\n" not in str(refused.value)


def test_another_key_is_refused(learned: Path, new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, KEY.hex())
    for run in (
        lambda: score(learned, new, format="called"),
        lambda: update(learned, new, learned, format="called"),
        lambda: explain(learned, new, "n00000000", format="called"),
    ):
        with pytest.raises(ConfigError, match=f"made with another key .* than that of {VARIABLE}"):
            run()


def test_a_bundle_goes_where_its_key_goes(learned: Path, new: Path, tmp_path: Path) -> None:
    shutil.copytree(learned, tmp_path / "far" / "copy")
    with pytest.raises(ConfigError, match=r"put it back as .*copy\.key"):
        score(tmp_path / "far" / "copy", new, format="called")
    shutil.copy(key_file(learned), tmp_path / "far" / "copy.key")
    (tmp_path / "link").symlink_to(tmp_path / "far" / "copy")
    assert caller(tmp_path / "link", new) == caller(learned, new)


def test_what_else_lies_in_the_place_of_the_key_is_left_alone(tmp_path: Path, history: Path) -> None:
    key_file(tmp_path / "model").write_text("-----BEGIN PRIVATE KEY-----\n")
    with pytest.raises(ConfigError, match="no key that can be read"):
        train(history, tmp_path / "model", format="called")
    assert "PRIVATE" in key_file(tmp_path / "model").read_text()
    train(write_called(tmp_path / "plain.jsonl", HISTORY, None), tmp_path / "model", format="called")


def test_a_command_that_ends_between_key_and_bundle_leaves_the_older_bundle_with_its_key(
    learned: Path, tmp_path: Path
) -> None:
    key, manifest = key_file(learned).read_bytes(), read_manifest(learned)
    for folder in (learned, tmp_path / "fresh"):
        with pytest.raises(KeyboardInterrupt), kept(Pseudonyms(KEY), folder, manifest):
            raise KeyboardInterrupt
    assert key_file(learned).read_bytes() == key
    assert key_file(tmp_path / "fresh").read_text() == KEY.hex() + "\n"


def test_workers_make_the_same_pseudonyms_and_say_that_they_did(
    tmp_path: Path, history: Path, new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "LEAST_BYTES", 0)
    train(history, tmp_path / "model", format="called", workers=2)
    monkeypatch.setattr(workers, "LEAST_BYTES", 2**40)
    train(history, tmp_path / "alone", format="called")
    fingerprint = read_manifest(tmp_path / "model").pseudonym_key
    assert fingerprint is not None
    shutil.copy(key_file(tmp_path / "model"), key_file(tmp_path / "alone"))
    train(history, tmp_path / "alone", format="called")
    for part in (tmp_path / "model").iterdir():
        assert part.read_bytes() == (tmp_path / "alone" / part.name).read_bytes(), part.name


def test_without_a_bundle_the_key_given_is_used(
    history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, KEY.hex())
    flows(history, tmp_path / "flows.jsonl", format="called")
    first = json.loads((tmp_path / "flows.jsonl").read_text().splitlines()[0])
    assert first["request_id"] == Pseudonyms(KEY)[ADDRESS]
