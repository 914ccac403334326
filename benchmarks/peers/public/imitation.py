"""Made-up HDFS sessions in DeepLog's form: `python -m benchmarks.peers.public.imitation FOLDER`.

For use where the real file is not at hand. What is imitated is what the literature says of the data: the life
of a block with three replicas whose messages come in any interleaving; blocks that are read, verified, moved
and deleted or not; and the kinds of anomaly, as often as Xu et al. 2009 counted them. It is no substitute:
numbers within kinds are invented, and figures on it say nothing certain of the real file's.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from random import Random

ALLOCATED, RECEIVING, RESPONDED, RECEIVED, STORED = 22, 5, 11, 9, 26
VERIFIED, SERVED, NOT_SERVED, ASKED, TRANSFER, SENT, MOVED = 2, 3, 4, 25, 18, 16, 6
TO_DELETE, DELETED, NOT_FOUND = 23, 21, 20
Session = list[int]


def normal(random: Random) -> Session:
    """The messages of a block that nothing happened to."""
    replicas = 10 if random.random() < 0.0006 else 3
    session = written(random, replicas)
    if random.random() < 0.3:
        session += interleaved(random, [[VERIFIED]] * random.randint(1, 3))
    if random.random() < 0.25:
        session += read(random)
    if random.random() < 0.01:
        times = min(int(random.paretovariate(1.0)), 8)
        session += [message for _ in range(times) for message in moved(random)]
        replicas += times
    if random.random() < 0.6:
        session += removed(random, replicas)
    return session


def written(random: Random, replicas: int) -> Session:
    """A block allocated, received by each replica and stored; the name node's messages anywhere between."""
    begun = [RECEIVING] * replicas
    begun.insert(random.choice([0, 1, replicas]), ALLOCATED)
    ends = [[RESPONDED, RECEIVED] for _ in range(replicas)] + [[STORED] for _ in range(replicas)]
    return begun + interleaved(random, ends)


def read(random: Random) -> Session:
    """Reads of the block, some of which fail without harm; mostly few, now and then very many."""
    times = min(int(random.paretovariate(1.2)), 60)
    return [NOT_SERVED if random.random() < 0.4 else SERVED for _ in range(times)]


def moved(random: Random) -> Session:
    """A replica copied to another node in the background; now and then a message of it is lost."""
    session = interleaved(random, [[ASKED, TRANSFER, RECEIVING, MOVED, STORED], [SENT]])
    if random.random() < 0.2:
        session.remove(random.choice([ASKED, TRANSFER, SENT]))
    return session


def removed(random: Random, replicas: int) -> Session:
    """The block deleted: the name node asks each replica, each answers."""
    return [TO_DELETE] * replicas + [DELETED] * replicas


def interleaved(random: Random, lanes: list[list[int]]) -> Session:
    """What several nodes tell, each in its own order."""
    order = [at for at, lane in enumerate(lanes) for _ in lane]
    random.shuffle(order)
    each = [iter(lane) for lane in lanes]
    return [next(each[at]) for at in order]


def not_found(random: Random) -> Session:
    """A replica that the name node was never told was deleted."""
    at = random.randint(1, 3)
    return written(random, 3) + [TO_DELETE] * 3 + [NOT_FOUND] * at + [DELETED] * (3 - at)


def client_gave_up(random: Random) -> Session:
    """A write that fails on the way: exceptions, and replicas that never were stored."""
    whole = written(random, 3)
    return whole[: random.randint(4, 9)] + random.sample([7, 8, 10, 12, 14], random.randint(1, 3))


def never_began(random: Random) -> Session:
    """A write that fails at its beginning."""
    return [ALLOCATED, *[RECEIVING] * random.randint(1, 3), *[7] * random.randint(0, 1)]


def deleted_at_once(random: Random) -> Session:
    """A replica too many, deleted as soon as it is stored."""
    session = written(random, 3)
    place = session.index(STORED) + 1
    session[place:place] = [STORED, TO_DELETE, DELETED]
    return session + (removed(random, 3) if random.random() < 0.6 else [])


def of_no_file(random: Random) -> Session:
    """A replica of a block that belongs to no file."""
    return [*written(random, 3), 28, TO_DELETE, DELETED]


def stored_twice(random: Random) -> Session:
    """A replica that is told of twice."""
    return [*written(random, 3), *[27] * random.randint(1, 2), *removed(random, 3)]


def delete_unknown(random: Random) -> Session:
    """A replica to delete that one node no longer has."""
    return written(random, 3) + [TO_DELETE] * 3 + [DELETED] * random.randint(0, 2)


def empty_packet(random: Random) -> Session:
    """A packet without content."""
    return [*written(random, 3), 13, *removed(random, 3)]


def timed_out(random: Random) -> Session:
    """A copy that was asked for and never came."""
    return [*written(random, 3), ASKED, 29]


ANOMALIES: dict[Callable[[Random], Session], int] = {
    not_found: 4297,
    client_gave_up: 3225,
    never_began: 2950,
    deleted_at_once: 2809,
    of_no_file: 1240,
    stored_twice: 953,
    delete_unknown: 724,
    empty_packet: 476,
    timed_out: 45,
}
"""Kinds, and how many blocks of each Xu et al. 2009 counted."""


def anomaly(random: Random) -> Session:
    """A session of one of the kinds, as often as they come."""
    (kind,) = random.choices(list(ANOMALIES), list(ANOMALIES.values()))
    return kind(random)


def write(folder: Path, seed: int, train: int, fine: int, strange: int) -> None:
    """Writes the three files of DeepLog's form into a folder."""
    random = Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for name, make, number in (
        ("hdfs_train", normal, train),
        ("hdfs_test_normal", normal, fine),
        ("hdfs_test_abnormal", anomaly, strange),
    ):
        lines = (" ".join(map(str, make(random))) for _ in range(number))
        (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def main() -> None:
    """Writes what the command line asks for."""
    parser = argparse.ArgumentParser(description="Made-up HDFS sessions in DeepLog's form.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--train", type=int, default=4855)
    parser.add_argument("--normal", type=int, default=55_337, help="a tenth of the real file's 553,366")
    parser.add_argument("--abnormal", type=int, default=1_684, help="a tenth of the real file's 16,838")
    options = parser.parse_args()
    write(options.folder, options.seed, options.train, options.normal, options.abnormal)


if __name__ == "__main__":
    main()
