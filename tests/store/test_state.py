"""A folder from which a command goes on."""

from __future__ import annotations

import io
from hashlib import sha256
from pathlib import Path

import msgspec
import numpy as np
import pytest

from coldtrail.errors import BundleError, ColdtrailError, ConfigError
from coldtrail.records.stage import State
from coldtrail.store.state import FORMAT_VERSION, STATE, state_folder

HELD: State = {"a/x": np.arange(5), "b": np.frombuffer(b"text", np.uint8), "c": np.zeros(0, np.bool_)}


def _written(folder: Path) -> bytes:
    with state_folder(folder, "one") as state:
        state.write(HELD)
    return (folder / STATE).read_bytes()


def test_what_was_held_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "state"
    with state_folder(folder, "one") as state:
        assert state.read() is None
        state.write({"a": np.ones(1)})
    _written(folder)
    with state_folder(folder, "one") as state:
        found = state.read()
    assert found is not None
    assert found.keys() == HELD.keys()
    for name, array in HELD.items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)


def test_what_another_bundle_made_is_refused(tmp_path: Path) -> None:
    before = _written(tmp_path / "s")
    with (
        state_folder(tmp_path / "s", "other") as state,
        pytest.raises(BundleError, match="made with another bundle"),
    ):
        state.read()
    assert (tmp_path / "s" / STATE).read_bytes() == before


def test_another_version_is_refused(tmp_path: Path) -> None:
    head, _, arrays = _written(tmp_path / "s").partition(b"\n")
    newer = msgspec.json.decode(head) | {"format_version": FORMAT_VERSION + 1}
    (tmp_path / "s" / STATE).write_bytes(msgspec.json.encode(newer) + b"\n" + arrays)
    told = f"version {FORMAT_VERSION + 1}; this"
    with state_folder(tmp_path / "s", "one") as state, pytest.raises(BundleError, match=told):
        state.read()


@pytest.mark.parametrize("place", [0, 20, 200, -1])
def test_a_changed_byte_is_found(tmp_path: Path, place: int) -> None:
    whole = bytearray(_written(tmp_path / "s"))
    whole[place] ^= 0x55
    (tmp_path / "s" / STATE).write_bytes(whole)
    with state_folder(tmp_path / "s", "one") as state, pytest.raises(BundleError):
        state.read()


@pytest.mark.parametrize("length", [0, 1, 100, 300])
def test_a_truncated_state_is_found(tmp_path: Path, length: int) -> None:
    whole = _written(tmp_path / "s")
    (tmp_path / "s" / STATE).write_bytes(whole[:length])
    with state_folder(tmp_path / "s", "one") as state, pytest.raises(BundleError, match="damaged"):
        state.read()


def test_arrays_that_were_never_any_are_refused(tmp_path: Path) -> None:
    head, _, _ = _written(tmp_path / "s").partition(b"\n")
    forged = msgspec.json.decode(head) | {"sha256": sha256(b"no").hexdigest()}
    (tmp_path / "s" / STATE).write_bytes(msgspec.json.encode(forged) + b"\nno")
    with state_folder(tmp_path / "s", "one") as state, pytest.raises(BundleError, match="damaged"):
        state.read()


def test_only_one_at_a_time_holds_it(tmp_path: Path) -> None:
    with (
        state_folder(tmp_path / "s", "one"),
        pytest.raises(ConfigError, match="another process"),
        state_folder(tmp_path / "s", "one"),
    ):
        pass
    with state_folder(tmp_path / "s", "one") as state:
        state.write(HELD)


def test_other_things_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match="holds other things"), state_folder(tmp_path, "one"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    with pytest.raises(ConfigError, match="no folder"), state_folder(tmp_path / "notes.txt", "one"):
        pass


def test_what_a_killed_command_left_of_its_state_is_no_hindrance(tmp_path: Path) -> None:
    _written(tmp_path / "s")
    (tmp_path / "s" / f".{STATE}-x1").write_bytes(b"half")
    with state_folder(tmp_path / "s", "one") as state:
        assert state.read() is not None


def forged(folder: Path, **arrays: np.ndarray) -> None:
    """Puts arrays in the place of those that are held, with a hash that fits."""
    head, _, _ = (folder / STATE).read_bytes().partition(b"\n")
    out = io.BytesIO()
    np.savez(out, **arrays)
    told = msgspec.json.decode(head) | {"sha256": sha256(out.getvalue()).hexdigest()}
    (folder / STATE).write_bytes(msgspec.json.encode(told) + b"\n" + out.getvalue())


@pytest.mark.parametrize(
    "array",
    [
        np.array([1.0, np.nan]),
        np.array([1 + 0j]),
        np.zeros(2, "V8"),
        np.zeros(2, "M8[s]"),
        np.array([b"a"]),
        np.full(2, np.nan, np.float32),
    ],
)
def test_arrays_of_what_is_no_number_are_refused(tmp_path: Path, array: np.ndarray) -> None:
    _written(tmp_path / "s")
    forged(tmp_path / "s", a=np.ones(1), b=array)
    with (
        state_folder(tmp_path / "s", "one") as state,
        pytest.raises(BundleError, match="b holds other things"),
    ):
        state.read()
    forged(tmp_path / "s", a=np.array([-np.inf]), b=np.array([True]))
    with state_folder(tmp_path / "s", "one") as state:
        assert state.read() is not None


def test_a_link_to_nothing_is_told_and_a_link_to_a_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "lost").symlink_to("absent")
    (tmp_path / "loop").symlink_to("loop")
    for name in ("lost", "loop"):
        with pytest.raises(ConfigError, match="leads to nothing"), state_folder(tmp_path / name, "one"):
            pass
    assert not (tmp_path / "absent").exists()
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    _written(tmp_path / "link")
    assert (tmp_path / "there" / STATE).is_file()


def test_a_state_or_a_lock_that_is_a_link_is_no_state(tmp_path: Path) -> None:
    before = _written(tmp_path / "s")
    (tmp_path / "elsewhere").write_bytes(before)
    (tmp_path / "s" / STATE).unlink()
    (tmp_path / "s" / STATE).symlink_to(tmp_path / "elsewhere")
    with state_folder(tmp_path / "s", "one") as state, pytest.raises(BundleError, match="no file"):
        state.read()
    (tmp_path / "s" / "lock").unlink()
    (tmp_path / "s" / "lock").symlink_to(tmp_path / "made")
    with pytest.raises(ColdtrailError, match="cannot be held"), state_folder(tmp_path / "s", "one"):
        pass
    assert not (tmp_path / "made").exists()


def test_what_was_left_is_named_and_removed(tmp_path: Path) -> None:
    _written(tmp_path / "s")
    left = [tmp_path / "s" / name for name in (f".{STATE}-12345678", f".{STATE}.draft-12345678")]
    for path in left:
        path.write_bytes(b"half")
    with state_folder(tmp_path / "s", "one") as state:
        assert [line.partition(":")[0] for line in state.notes] == [str(path) for path in sorted(left)]
    assert sorted(path.name for path in (tmp_path / "s").iterdir()) == ["lock", STATE]
