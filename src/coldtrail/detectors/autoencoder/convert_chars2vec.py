"""Chars2vec's pretrained network as plain arrays; how `data/chars2vec-eng-50.npz` was made.

```
pip download --no-deps --no-binary :all: chars2vec==0.1.7 && tar xzf chars2vec-0.1.7.tar.gz
python -m coldtrail.detectors.autoencoder.convert_chars2vec \\
    chars2vec-0.1.7/chars2vec/trained_models/eng_50 chars2vec-eng-50.npz
```

Needs h5py, which comes with Keras. The alphabet lies in a pickle, which is read as a list of opcodes and
never executed: characters and numbers alternate in it, and any opcode that a plain dictionary does not need
stops the conversion.
"""

from __future__ import annotations

import pickletools
import sys
from pathlib import Path

import numpy as np

_PLAIN = {"PROTO", "EMPTY_LIST", "BINPUT", "MARK", "EMPTY_DICT", "SETITEMS", "APPENDS", "STOP"}


def alphabet(pickled: bytes) -> tuple[int, str]:
    """The dimension of the embedding, and its characters in the order of their numbers.

    Raises ValueError where the pickle holds anything but `[dimension, {character: number}]`.
    """
    characters: list[str] = []
    numbers: list[int] = []
    for opcode, argument, _ in pickletools.genops(pickled):
        if opcode.name == "BINUNICODE":
            characters.append(str(argument))
        elif opcode.name == "BININT1" and isinstance(argument, int):
            numbers.append(argument)
        elif opcode.name not in _PLAIN:
            raise ValueError(f"the alphabet's pickle holds {opcode.name}, which no plain dictionary needs")
    dimension, *places = numbers
    if sorted(places) != list(range(len(characters))) or any(len(one) != 1 for one in characters):
        raise ValueError("the alphabet's pickle is no numbering of characters")
    return dimension, "".join(characters[places.index(place)] for place in range(len(places)))


def convert(folder: Path, target: Path) -> None:
    """Writes the arrays of a trained model's folder."""
    import h5py

    dimension, characters = alphabet((folder / "model.pkl").read_bytes())
    arrays = {"alphabet": np.frombuffer(characters.encode("ascii"), np.uint8)}
    with h5py.File(folder / "weights.h5") as file:
        for layer in ("lstm_1", "lstm_2"):
            for name in ("kernel", "recurrent_kernel", "bias"):
                arrays[f"{layer}_{name}"] = file[f"{layer}/{layer}/{name}:0"][()]
    if arrays["lstm_2_recurrent_kernel"].shape != (dimension, 4 * dimension):
        raise ValueError("the weights do not have the dimension that the alphabet names")
    np.savez_compressed(target, allow_pickle=False, **arrays)


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
