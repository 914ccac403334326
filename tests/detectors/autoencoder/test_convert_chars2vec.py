"""The alphabet is read from its pickle without ever running it."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from coldtrail.detectors.autoencoder.convert_chars2vec import alphabet, convert


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("run",)


def test_a_plain_numbering_is_read() -> None:
    assert alphabet(pickle.dumps([50, {"b": 1, "a": 0, "_": 2}], protocol=2)) == (50, "ab_")


def test_anything_else_is_refused_and_not_run(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="plain dictionary"):
        alphabet(pickle.dumps([50, {"a": Evil()}], protocol=2))
    assert not capsys.readouterr().out


@pytest.mark.parametrize("wrong", [[50, {"a": 0, "b": 2}], [50, {"ab": 0, "c": 1}]])
def test_what_numbers_no_characters_is_refused(wrong: list[object]) -> None:
    with pytest.raises(ValueError, match="numbering"):
        alphabet(pickle.dumps(wrong, protocol=2))


def test_a_folder_becomes_arrays(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    (tmp_path / "model.pkl").write_bytes(pickle.dumps([2, {"a": 0, "b": 1}], protocol=2))
    with h5py.File(tmp_path / "weights.h5", "w") as file:
        for layer in ("lstm_1", "lstm_2"):
            for name, shape in (("kernel", (2, 8)), ("recurrent_kernel", (2, 8)), ("bias", (8,))):
                file[f"{layer}/{layer}/{name}:0"] = np.ones(shape, np.float32)
    convert(tmp_path, tmp_path / "out.npz")
    with np.load(tmp_path / "out.npz", allow_pickle=False) as arrays:
        assert bytes(arrays["alphabet"]) == b"ab"
        assert arrays["lstm_2_kernel"].shape == (2, 8)
