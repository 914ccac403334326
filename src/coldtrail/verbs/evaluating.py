"""The verb `evaluate`: verdict lines against labels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from coldtrail.errors import ConfigError
from coldtrail.learning.evaluate import Evaluation, Judged, Label, evaluate_verdicts
from coldtrail.verbs.reading import PathLike
from coldtrail.verbs.verdict_lines import WITHDRAWN

Line = TypeVar("Line")
_MOST_BYTES = 2**24
"""Of a line."""


def evaluate(verdicts: PathLike, labels: PathLike) -> Evaluation:
    """The figures of a verdict file by a labels file; raises `ConfigError` for a line that is neither.

    False-alarm rates need the normal flows too: verdicts written with `--only-anomalous` lack them.
    """
    known = {label.function_flow_id: label for label in _lines(Path(labels), Label, "label")}
    judged = _lines(Path(verdicts), Judged, "verdict")
    evaluation = evaluate_verdicts(judged, known)
    if not evaluation.flows:
        raise ConfigError(f"{verdicts}: the file holds no verdicts; `coldtrail score --output` writes them.")
    return evaluation


def _lines(path: Path, kind: type[Line], noun: str) -> Iterator[Line]:
    decode = msgspec.json.Decoder(kind).decode
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(_MOST_BYTES), b""), 1):
                if len(line) == _MOST_BYTES:
                    raise ConfigError(f"{path}, line {number}: no {noun} is as long as this line.")
                if line.strip() and not line.rstrip().endswith(WITHDRAWN):
                    try:
                        yield decode(line)
                    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                        raise ConfigError(f"{path}, line {number}: this is no {noun}: {error}.") from None
    except OSError as error:
        raise ConfigError(f"{path}: the file cannot be read: {error.strerror}.") from None
