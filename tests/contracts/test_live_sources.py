"""What every pull source promises, driven through failures, kills and restarts against real servers."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from moto import settings as moto_settings

from coldtrail.errors import SourceError
from coldtrail.records.intake import Batch, PullSource
from coldtrail.records.telemetry import Document
from coldtrail.registry import LIVE_SOURCES, load
from coldtrail.sources.batch_queue import BatchQueue
from coldtrail.sources.polling import Condition, Pauses, Polling
from tests.contracts.pull_worlds import WORLDS, World
from tests.sources.aws.cloud import Fault, Faults
from tests.sources.aws.conftest import endpoint, faults, moto

__all__ = ("endpoint", "faults", "moto")
FAULTS: tuple[Fault, ...] = (503, 429, 500, "cut", 403, "rubbish")
ENOUGH_S = 60.0
ALLOWED_BY = {
    "ListObjectsV2": "ListBucket",
    "DeleteMessageBatch": "DeleteMessage",
    "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
}
"""What a call needs, where that is called otherwise."""


@pytest.fixture(params=WORLDS)
def world(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    endpoint: str,
    faults: Faults,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    made = WORLDS[request.param](tmp_path, endpoint, faults, monkeypatch)
    yield made
    made.end()


def id_of(document: Document) -> bytes:
    """What was put there, by its id: a source may wrap it."""
    return payload_of(int(json.loads(document.payload)["Id"].rpartition("-")[2], 16))


def payload_of(number: int) -> bytes:
    return json.dumps({"Id": f"1-5f84c7a1-{number:024x}", "Segments": []}).encode()


def payloads(first: int, number: int) -> list[bytes]:
    return [payload_of(one) for one in range(first, first + number)]


def tried(world: World, source: PullSource) -> Batch | None:
    """A fetch, again and again until it is answered."""
    until = time.monotonic() + ENOUGH_S
    while time.monotonic() < until:
        try:
            world.hurry(source)
            source.tend()
            return source.fetch()
        except SourceError:
            continue
    raise AssertionError("it never answered")


def batches(world: World, source: PullSource, expected: set[bytes], seen: Counter[bytes]) -> Iterator[Batch]:
    """What a source gives, until all has been seen and no more comes."""
    until = time.monotonic() + ENOUGH_S
    while True:
        batch = tried(world, source)
        if batch is not None:
            yield batch
        elif expected <= seen.keys():
            return
        else:
            assert time.monotonic() < until, f"{len(expected - seen.keys())} documents never came"


def count(batch: Batch, seen: Counter[bytes]) -> None:
    seen.update([id_of(document) for document in batch.documents])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_calls_that_fail_lose_and_repeat_nothing(world: World, seed: int) -> None:
    random = Random(seed)
    world.fail_by(lambda operation: random.choice(FAULTS) if random.random() < 0.3 else None)
    source = world.made()
    seen: Counter[bytes] = Counter()
    expected: set[bytes] = set()
    for round in range(3):
        some = payloads(10 * round, random.randint(1, 9))
        world.put(some)
        expected.update(some)
        for batch in batches(world, source, expected, seen):
            count(batch, seen)
            commit(source, batch.position)
    assert set(seen) == expected
    assert set(seen.values()) == {1}
    assert world.tally.lost == 0
    source.close()


def commit(source: PullSource, position: bytes) -> None:
    until = time.monotonic() + ENOUGH_S
    while time.monotonic() < until:
        try:
            source.committed(position)
        except SourceError:
            continue
        return


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_killed_anywhere_it_goes_on_after_the_last_commit(world: World, seed: int) -> None:
    random = Random(seed)
    seen: Counter[bytes] = Counter()
    expected: set[bytes] = set()
    position: bytes | None = None
    source = world.made()
    for round in range(4):
        some = payloads(10 * round, random.randint(1, 9))
        world.put(some)
        expected.update(some)
        uncommitted: set[bytes] = set()
        for batch in batches(world, source, expected, seen):
            count(batch, seen)
            uncommitted.update(id_of(document) for document in batch.documents)
            chance = random.random()
            if chance < 0.4:
                position = batch.position
                uncommitted.clear()
                if chance < 0.3:
                    source.committed(position)
            elif chance < 0.6:
                break
        # What was not committed has to come again.
        seen = Counter({payload: times for payload, times in seen.items() if payload not in uncommitted})
        source = world.made()
        if position is not None:
            source.resume(position)
    for batch in batches(world, source, expected, seen):
        count(batch, seen)
    assert set(seen) == expected
    assert world.tally.lost == 0


def test_it_needs_what_it_asks_for(world: World) -> None:
    source = world.made()
    world.put(payloads(0, 3))
    seen: Counter[bytes] = Counter()
    for batch in batches(world, source, set(payloads(0, 3)), seen):
        count(batch, seen)
        source.committed(batch.position)
    needed = {action.partition(":")[2] for permission in source.needs() for action in permission.actions}
    asked = {ALLOWED_BY.get(call, call) for call in world.faults.calls}
    assert asked <= needed | {"AssumeRole"}
    assert all(permission.resources and permission.why for permission in source.needs())


@pytest.mark.parametrize("world", [name for name, one in WORLDS.items() if one.is_in_moto], indirect=True)
def test_a_policy_of_what_it_needs_is_enough(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enforced by moto, which knows actions by the names of calls, and no narrower resource than all."""
    source = world.made()
    world.put(payloads(0, 3))
    needed = [action for permission in source.needs() for action in permission.actions]
    actions = needed + [
        f"{action}Batch" for action in needed if f"{action.partition(':')[2]}Batch" in ALLOWED_BY
    ]
    with only_allowed(world, actions, monkeypatch):
        seen: Counter[bytes] = Counter()
        while set(payloads(0, 3)) != seen.keys():
            world.hurry(source)
            batch = source.fetch()
            if batch is not None:
                count(batch, seen)
                source.committed(batch.position)
        source.tend()
    refused = world.made()
    with only_allowed(world, ["s3:PutObject"], monkeypatch), pytest.raises(SourceError, match="not allowed"):
        refused.fetch()


@contextmanager
def only_allowed(world: World, actions: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only these actions are allowed, to everybody."""
    user = f"coldtrail-{len(actions)}"
    iam = world.aws("iam")
    iam.create_user(UserName=user)
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=user, PolicyName="needs", PolicyDocument=policy)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    with monkeypatch.context() as patched:
        patched.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        patched.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
        # The server runs in this process.
        patched.setattr(moto_settings, "INITIAL_NO_AUTH_ACTION_COUNT", 0.0)
        yield


def test_lost_permission_is_said_with_its_remedy_and_may_come_back(world: World) -> None:
    source = world.made()
    world.put(payloads(0, 3))
    world.fail_by(lambda operation: 403)
    world.hurry(source)
    with pytest.raises(SourceError) as raised:
        source.fetch()
    assert not raised.value.retryable
    world.fail_by(lambda operation: None)
    seen: Counter[bytes] = Counter()
    for batch in batches(world, source, set(payloads(0, 3)), seen):
        count(batch, seen)
    assert set(seen) == set(payloads(0, 3))


def test_in_a_thread_of_its_own_all_comes_through_and_it_ends_in_time(world: World) -> None:
    world.put(payloads(0, 8))
    calls = iter([503, "cut", 403])
    world.fail_by(lambda operation: next(calls, None))
    queue, tally = BatchQueue(2_000), world.tally
    quick = Pauses(idle_s=0.01, first_s=0.01, stopped_s=0.01)
    polling = Polling(world.made(), queue, tally=tally, pauses=quick)
    polling.start()
    seen: Counter[bytes] = Counter()
    until = time.monotonic() + ENOUGH_S
    while set(payloads(0, 8)) != seen.keys():
        fetched = queue.get(timeout_s=0.1)
        assert time.monotonic() < until, polling.state
        if fetched is not None:
            count(fetched.batch, seen)
            polling.committed(fetched.batch.position)
    assert polling.stop(ENOUGH_S)
    state = polling.state
    assert (state.condition, state.documents, set(seen.values())) == (Condition.ENDED, 8, {1})
    assert state.last_error
    assert state.last_success


def test_a_foreign_position_is_refused(world: World) -> None:
    with pytest.raises(SourceError):
        world.made().resume(b"[3]")


def test_every_pull_source_has_a_world() -> None:
    pull = {kind for kind in LIVE_SOURCES if hasattr(_made_by(kind), "Settings") and _is_pull(kind)}
    assert pull == {world.kind for world in WORLDS.values()}


def _made_by(kind: str) -> type:
    found: type = load(LIVE_SOURCES, kind, "source")
    return found


def _is_pull(kind: str) -> bool:
    return not hasattr(_made_by(kind), "serve")
