"""HDFS in both forms, on samples of some two hundred lines made up here."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from benchmarks.peers.public import hdfs, imitation
from benchmarks.peers.public.messages import MESSAGES, name_of, number_of
from benchmarks.peers.public.split import Session

TEXTS = {
    2: "Verification succeeded for {block}",
    3: "10.250.1.{n}:50010 Served block {block} to /10.250.2.{n}",
    4: "10.250.1.{n}:50010:Got exception while serving {block} to /10.250.2.{n}:",
    5: "Receiving block {block} src: /10.250.1.{n}:5410{n} dest: /10.250.2.{n}:50010",
    6: "Received block {block} src: /10.250.1.{n}:54106 dest: /10.250.2.{n}:50010 of size 67108{n}",
    9: "Received block {block} of size 67108{n} from /10.250.1.{n}",
    11: "PacketResponder {n} for block {block} terminating",
    16: "10.250.1.{n}:50010:Transmitted block {block} to /10.250.2.{n}:50010",
    18: "10.250.1.{n}:50010 Starting thread to transfer block {block} to 10.250.2.{n}:50010",
    20: "Unexpected error trying to delete block {block}. BlockInfo not found in volumeMap.",
    21: "Deleting block {block} file /mnt/hadoop/dfs/data/current/subdir{n}/{block}",
    22: "BLOCK* NameSystem.allocateBlock: /user/data/part-0000{n}. {block}",
    23: "BLOCK* NameSystem.delete: {block} is added to invalidSet of 10.250.1.{n}:50010",
    25: "BLOCK* ask 10.250.1.{n}:50010 to replicate {block} to datanode(s) 10.250.2.{n}:50010",
    26: "BLOCK* NameSystem.addStoredBlock: blockMap updated: 10.250.1.{n}:50010 is added to {block} size {n}",
    27: "BLOCK* NameSystem.addStoredBlock: Redundant addStoredBlock request received for {block} on"
    " 10.1.1.{n}:50010 size 67{n}",
    28: "BLOCK* NameSystem.addStoredBlock: addStoredBlock request received for {block} on 10.1.1.{n}:50010"
    " size 67{n} But it does not belong to any file.",
}
KNOWN = set(TEXTS)


@pytest.fixture
def numbers(tmp_path: Path) -> Path:
    imitation.write(tmp_path, 7, 120, 60, 20)
    return tmp_path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The log of eleven normal blocks, and of two of which one replica could not be deleted."""
    random = Random(3)
    sessions: list[list[int]] = []
    while len(sessions) < 13:
        one = imitation.normal(random) if len(sessions) < 11 else imitation.not_found(random)
        if KNOWN.issuperset(one):
            sessions.append(one)
    blocks = [f"blk_{'-' * (n % 2)}{n:03}8999" for n in range(len(sessions))]
    told = [(block, message) for block, one in zip(blocks, sessions, strict=True) for message in one]
    lines = [
        f"081109 2035{at % 60:02} {at} INFO dfs.DataNode$DataXceiver: "
        + TEXTS[message].format(block=block, n=at % 9)
        for at, (block, message) in enumerate(told)
    ]
    lines.append(
        f"081110 000000 9 INFO dfs.FSNamesystem: BLOCK* ask 10.2.1.1:50010 to delete {' '.join(blocks)}"
    )
    (tmp_path / "HDFS.log").write_text("\n".join(lines) + "\n")
    labels = [f"{block},{'Normal' if n < 11 else 'Anomaly'}" for n, block in enumerate(blocks)]
    (tmp_path / "anomaly_label.csv").write_text("\n".join(["BlockId,Label", *labels]) + "\n")
    return tmp_path


def names(session: Session) -> set[str]:
    return {step.name for step in session}


def refusal(folder: Path) -> str:
    with pytest.raises(SystemExit) as refused:
        hdfs.load(folder, learned=8)
    return str(refused.value)


def test_deeplogs_files_are_read_whole(numbers: Path) -> None:
    split = hdfs.load(numbers)
    assert (len(split.train), split.normal.total(), split.abnormal.total()) == (120, 60, 20)
    assert "BLOCK* NameSystem allocateBlock: (first)" in names(split.train[0])


def test_the_order_of_messages_says_nothing_and_their_number_does() -> None:
    assert hdfs.session("aab") == hdfs.session("aba") != hdfs.session("abb")
    assert names(hdfs.session("a" * 3)) == {"a (first)", "a (second)", "a (third)"}


def test_large_numbers_count_in_powers_of_two() -> None:
    four = names(hdfs.session("a" * 4))
    assert names(hdfs.session("a" * 5)) - four == {"a (twice fourth)"}
    assert hdfs.session("a" * 5) == hdfs.session("a" * 8) != hdfs.session("a" * 9)
    assert names(hdfs.session("a" * 16)) - four == {"a (twice fourth)", "a (twice twice fourth)"}


def test_how_often_a_block_is_read_says_nothing() -> None:
    served, received = name_of(3), name_of(9)
    assert hdfs.session([received, served]) == hdfs.session([received, *[served] * 30])


def test_steps_stand_in_the_order_of_a_blocks_life() -> None:
    messages = [name_of(number) for number in (26, 21, 5, 22)]
    found = [step.name.removesuffix(" (first)") for step in hdfs.session(["never met", *messages])]
    assert found == [*map(name_of, (22, 5, 26, 21)), "never met"]
    assert set(hdfs.LIFE) == set(MESSAGES) - {30}


def test_names_hold_no_digits_that_could_be_masked() -> None:
    sessions = hdfs.session(name_of(number) for number in range(40) for _ in range(20))
    assert not any(letter.isdigit() for step in sessions for letter in step.name)
    assert len({name_of(number) for number in range(40)}) == 40


def test_each_message_of_the_log_is_known_by_its_own_pattern() -> None:
    for number, text in TEXTS.items():
        assert number_of(text.format(block="blk_-16", n=4)) == number
    assert number_of("Something never met") is None
    assert set(MESSAGES) == set(range(1, 31))


def test_a_log_gives_its_first_normal_blocks_to_learn_and_the_others_to_judge(log: Path) -> None:
    split = hdfs.load(log, learned=8)
    assert (len(split.train), split.normal.total(), split.abnormal.total()) == (8, 3, 2)
    assert all("Unexpected error" in " ".join(names(session)) for session in split.abnormal)


def test_a_log_says_the_same_as_deeplogs_numbers(log: Path) -> None:
    random = Random(3)
    one = next(one for one in iter(lambda: imitation.normal(random), None) if KNOWN.issuperset(one))
    assert hdfs.load(log, learned=8).train[0] == hdfs.session(map(name_of, one))


def test_labels_may_lie_in_the_folder_that_loghub_puts_them_in(log: Path) -> None:
    (log / "preprocessed").mkdir()
    (log / "anomaly_label.csv").rename(log / "preprocessed" / "anomaly_label.csv")
    assert len(hdfs.load(log, learned=8).train) == 8


def test_a_message_never_met_is_a_step_of_its_own(log: Path) -> None:
    with (log / "HDFS.log").open("a") as file:
        file.write("081111 000000 9 WARN dfs.DataNode: Disk 7 lost blk_0008999 and 12 3 others\n")
    assert "Disk * lost * and * others (first)" in names(hdfs.load(log, learned=8).train[0])


def test_what_is_no_folder_of_hdfs_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none").endswith(
        "none: is no folder; give the one that holds hdfs_train or HDFS.log."
    )
    assert "holds neither hdfs_train" in refusal(tmp_path)


def test_a_missing_or_empty_file_is_refused(numbers: Path) -> None:
    (numbers / "hdfs_test_normal").write_text("\n")
    assert refusal(numbers).endswith("hdfs_test_normal: holds no session.")
    (numbers / "hdfs_test_normal").unlink()
    assert "hdfs_test_normal: is missing" in refusal(numbers)


def test_a_line_that_is_no_session_is_refused_with_its_number(numbers: Path) -> None:
    with (numbers / "hdfs_train").open("a") as file:
        file.write("5 5 22 x\n")
    assert "hdfs_train, line 121: is not a session" in refusal(numbers)


def test_a_line_that_is_no_message_is_refused_with_its_number(log: Path) -> None:
    path = log / "HDFS.log"
    path.write_text("a line of another log\n" + path.read_text())
    assert "HDFS.log, line 1: is not of the form" in refusal(log)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ("Block,Truth\n", "line 1: does not begin with the line BlockId,Label."),
        ("BlockId,Label\nblk_0008999,Odd\n", "line 2: is not a block and Normal or Anomaly."),
        ("BlockId,Label\nblk_1,Normal\n", "has no label for blk_"),
    ],
)
def test_wrong_labels_are_refused(log: Path, labels: str, said: str) -> None:
    (log / "anomaly_label.csv").write_text(labels)
    assert said in refusal(log)


def test_a_log_without_labels_is_refused(log: Path) -> None:
    (log / "anomaly_label.csv").unlink()
    assert "holds HDFS.log without anomaly_label.csv" in refusal(log)


def test_a_log_with_too_few_normal_blocks_is_refused(log: Path) -> None:
    with pytest.raises(SystemExit, match="leaves no block labelled Normal to judge after the 4,855"):
        hdfs.load(log)
