"""HDFS's log (Xu et al. 2009) with DeepLog's split, from either of the forms in which it is handed on.

- *DeepLog's*: a folder with `hdfs_train`, `hdfs_test_normal` and `hdfs_test_abnormal`, a session a line: the
  numbers of its messages, parted by spaces.
- *loghub's*: a folder with `HDFS.log` and `anomaly_label.csv` (there or in `preprocessed`), whose lines are
  `BlockId,Label` with `Normal` or `Anomaly`. The first 4,855 normal blocks are learned, the others judged.

A session is the life of a block: what several nodes say of it. Three replicas are written at once, by nodes
whose clocks give whole seconds, so that the order of their messages says nothing: all messages of a session
are steps made at once. How often each kind came says much (a replica too many, one that was never stored), so
the n-th message of a kind is a step of its own, `Receiving block (third)`; beyond the fourth (one more than
the usual replicas) numbers count in powers of two. What comes as often as somebody reads or checks the block
is one step, since their number is the readers' affair. Steps stand in the order of a block's life: what
each presupposes comes before it.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from re import compile as pattern

from benchmarks.peers.public.messages import BATCHED, name_of, number_of, shape_of
from benchmarks.peers.public.split import Session, Split, Step, refuse

LEARNED = 4855
"""Normal sessions that DeepLog learned from, of 558,221 (Du et al. 2017, table 2)."""
FILES = ("hdfs_train", "hdfs_test_normal", "hdfs_test_abnormal")
LOG, LABELS = "HDFS.log", "anomaly_label.csv"
HEADER = ["BlockId", "Label"]
SECONDS = 1.0
"""A message's stamp gives the second in which it was written."""
ORDINALS = ("first", "second", "third", "fourth")
EXACT = len(ORDINALS)
LIFE = (
    22,
    5,
    15,
    13,
    14,
    7,
    12,
    8,
    10,
    11,
    9,
    26,
    27,
    28,
    1,
    2,
    3,
    4,
    25,
    29,
    18,
    17,
    6,
    16,
    19,
    23,
    24,
    21,
    20,
)
"""Messages in the order of a block's life: allocated, received, stored, read, copied, deleted."""
_PLACES = {name_of(number): place for place, number in enumerate(LIFE)}
REPEATED = frozenset(map(name_of, (2, 3, 4)))
"""Told each time that somebody reads or checks a replica: verified, served, not served."""

_LINE = pattern(r"\d{6} \d{6} +\d+ +[A-Z]+ +[^:\s]+: (.*)")
_BLOCK = pattern(r"blk_-?\d+")


def load(path: Path, learned: int = LEARNED) -> Split:
    """The split of a folder; raises SystemExit with a sentence where it is not there or malformed.

    Of loghub's form so many of the first normal blocks are `learned`.
    """
    if not path.is_dir():
        refuse(path, f"is no folder; give the one that holds {FILES[0]} or {LOG}.")
    if (path / FILES[0]).exists():
        return _of_numbers(path)
    if (path / LOG).exists():
        return _of_log(path, learned)
    return refuse(path, f"holds neither {FILES[0]} (DeepLog's form) nor {LOG} (loghub's).")


def session(messages: Iterable[str]) -> Session:
    """A session of these messages: of each kind its first, second, third, fourth, then powers of two."""
    steps = []
    for name, times in sorted(Counter(messages).items(), key=_in_life):
        if name in REPEATED:
            steps.append(Step(name, SECONDS))
        else:
            steps += [Step(f"{name} ({word})", SECONDS) for word in _counted(times)]
    return tuple(steps)


def _in_life(told: tuple[str, int]) -> tuple[int, str]:
    return _PLACES.get(told[0], len(_PLACES)), told[0]


def _counted(times: int) -> Iterator[str]:
    yield from ORDINALS[:times]
    reach = EXACT
    while reach < times:
        yield "twice " * (reach // EXACT).bit_length() + ORDINALS[-1]
        reach *= 2


def _of_numbers(folder: Path) -> Split:
    train, normal, abnormal = ([*_numbered(folder / name)] for name in FILES)
    return Split(tuple(train), Counter(normal), Counter(abnormal))


def _numbered(path: Path) -> Iterator[Session]:
    if not path.is_file():
        refuse(path, f"is missing; DeepLog's form is {', '.join(FILES)} in one folder.")
    known: dict[str, Session] = {}
    for number, line in _lines(path):
        if line not in known:
            words = line.split()
            if not all(word.isascii() and word.isdigit() for word in words):
                refuse(path, "is not a session: message numbers parted by spaces.", number)
            known[line] = session(name_of(int(word)) for word in words)
        yield known[line]
    if not known:
        refuse(path, "holds no session.")


def _of_log(folder: Path, learned: int) -> Split:
    labels, blocks = _labels(folder), _blocks(folder / LOG)
    train: list[Session] = []
    judged: dict[str, Counter[Session]] = {"Normal": Counter(), "Anomaly": Counter()}
    for block, messages in blocks.items():
        if block not in labels:
            refuse(folder / LABELS, f"has no label for {block}, of which {LOG} tells.")
        one = session(messages)
        if labels[block] == "Normal" and len(train) < learned:
            train.append(one)
        else:
            judged[labels[block]][one] += 1
    for label, sessions in judged.items():
        if not sessions:
            refuse(
                folder, f"leaves no block labelled {label} to judge after the {learned:,} that are learned."
            )
    return Split(tuple(train), judged["Normal"], judged["Anomaly"])


def _labels(folder: Path) -> dict[str, str]:
    path = next((one for one in (folder / LABELS, folder / "preprocessed" / LABELS) if one.is_file()), None)
    if path is None:
        refuse(folder, f"holds {LOG} without {LABELS}, there or in preprocessed.")
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        rows = csv.reader(file)
        if next(rows, None) != HEADER:
            refuse(path, f"does not begin with the line {','.join(HEADER)}.", 1)
        labels = {}
        for number, row in enumerate(rows, 2):
            if len(row) != len(HEADER) or row[1] not in ("Normal", "Anomaly"):
                refuse(path, "is not a block and Normal or Anomaly.", number)
            labels[row[0]] = row[1]
    return labels


def _blocks(path: Path) -> dict[str, list[str]]:
    """The messages of each block, in the order in which blocks are first told of."""
    blocks: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for number, line in _lines(path):
        told = _LINE.match(line)
        if told is None:
            refuse(path, "is not of the form `date time thread level component: message`.", number)
        shape = shape_of(told[1])
        if shape not in names:
            names[shape] = _named(told[1], shape)
        name = names[shape]
        if name == name_of(BATCHED):
            continue
        for block in dict.fromkeys(_BLOCK.findall(told[1])):
            blocks.setdefault(block, []).append(name)
    if not blocks:
        refuse(path, "tells of no block.")
    return blocks


def _named(message: str, shape: str) -> str:
    number = number_of(message)
    return shape if number is None else name_of(number)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that are not empty, with their numbers from 1."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield number, line.strip()
