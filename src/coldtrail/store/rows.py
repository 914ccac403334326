"""Records as rows: a column of JSON each, and beside it what lists are filtered and ordered by."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, TypeVar

import msgspec

from coldtrail.errors import ConfigError, StoreError
from coldtrail.records.case import Case
from coldtrail.records.delivery import Delivery
from coldtrail.store.database import AlertRow, Changes, Checkpoint, Page, VerdictRow

Row = dict[str, object]
Record = TypeVar("Record")
_MOST_KEY_BYTES = 1_000
_HIGHEST = chr(0x10FFFF)
as_json = msgspec.json.Encoder().encode
_positions = msgspec.json.Decoder(dict[str, bytes])


def rows_of(changes: Changes) -> Iterator[tuple[str, list[Row]]]:
    """What a commit writes: the name of a query and the values of each row, in order. What is gone goes
    first."""
    yield "drop_verdict", [{"id": key_of(one)} for one in changes.gone_verdicts]
    yield "put_verdict", [_verdict(one) for one in changes.verdicts]
    yield "put_alert", [_alert(one) for one in changes.alerts]
    yield "drop_case", [{"id": one} for one in changes.gone_cases]
    yield "put_case", [_case(one) for one in changes.cases]
    yield "put_delivery", [delivery_row(one) for one in changes.deliveries]
    yield (
        "put_silence",
        [
            {"id": one.id, "starts_at": one.starts_at, "ends_at": one.ends_at, "silence": as_json(one)}
            for one in changes.silences
        ],
    )
    yield "put_decision", [{"about": one.about, "decision": as_json(one)} for one in changes.decisions]
    yield "add_count", [{"name": name, "count": count} for name, count in changes.counts.items()]
    if changes.checkpoint is not None:
        yield "put_checkpoint", [_checkpoint(changes.checkpoint)]
        yield "drop_old_checkpoints", [{}]


def _verdict(row: VerdictRow) -> Row:
    key, whole = key_of(row.id), _as_bytes(row.id)
    return {
        "id": key,
        "whole_id": None if key == whole else whole,
        "start": row.start,
        "verdict": row.verdict,
        "line": row.line,
        "flow": row.flow,
    }


def _alert(row: AlertRow) -> Row:
    return {
        "id": row.alert.id,
        "state": row.episode.state,
        "severity": row.episode.severity,
        "first_seen": row.alert.first_seen,
        "last_seen": row.alert.last_seen,
        "alert": as_json(row.alert),
        "episode": as_json(row.episode),
    }


def _case(case: Case) -> Row:
    return {
        "id": case.id,
        "state": case.state,
        "severity": case.severity,
        "first_seen": case.first_seen,
        "last_seen": case.last_seen,
        "line": as_json(case),
    }


def delivery_row(delivery: Delivery) -> Row:
    """The values of a delivery's row."""
    return {
        "id": delivery.id,
        "channel": delivery.channel,
        "dedup_key": delivery.message.dedup_key,
        "state": delivery.state,
        "next_at": delivery.next_at,
        "made_at": delivery.made_at,
        "sent_at": delivery.sent_at,
        "delivery": as_json(delivery),
    }


def _checkpoint(checkpoint: Checkpoint) -> Row:
    return {
        "at": checkpoint.at,
        "bundle": checkpoint.bundle,
        "positions": as_json(checkpoint.positions),
        "state": checkpoint.state,
    }


def checkpoint_of(row: tuple[Any, ...]) -> Checkpoint:
    """The checkpoint of a row."""
    positions, state, bundle, at = row
    return Checkpoint(positions=decoded(_positions, positions), state=state, bundle=bundle, at=at)


def verdict_of(row: tuple[Any, ...]) -> VerdictRow:
    """The verdict of a row."""
    key, whole, start, verdict, line, flow = row
    return VerdictRow((whole or key).decode("utf-8", "surrogatepass"), start, verdict, line, flow)


def decoded(decoder: msgspec.json.Decoder[Record], line: bytes) -> Record:
    """A record as it was stored; raises `StoreError` where it is none of this version's."""
    try:
        return decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(
            f"A row of the database cannot be read ({error}); put a copy of the database back."
        ) from None


def key_of(id_: str) -> bytes:
    """An id that telemetry has given, as it is indexed: PostgreSQL indexes nothing of more than 2,704 bytes
    (https://www.postgresql.org/docs/15/btree-limits.html)."""
    key = _as_bytes(id_)
    if len(key) <= _MOST_KEY_BYTES:
        return key
    return key[:_MOST_KEY_BYTES] + b"\xff" + sha256(key).digest()


def _as_bytes(id_: str) -> bytes:
    return id_.encode("utf-8", "surrogatepass")


def is_storable(text: str) -> bool:
    """Whether every database can hold the text; what none holds is found in none."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def range_of(start: str) -> Row:
    """The first and the last id that begins so."""
    return {"id": start, "last": start + _HIGHEST}


def after(page: Page) -> Row:
    """Where a page begins that lists by time and id, the latest first, and how long it is."""
    at, _, id_ = (page.after or "inf ").partition(" ")
    try:
        row: Row = {"at": float(at), "id": id_, "limit": max(0, page.limit) + 1}
    except ValueError:
        row = {}
    if not row or not is_storable(id_):
        raise ConfigError(f"{page.after!r}: no page begins there; take what the page before gave as `next`.")
    return row


def cut(records: list[tuple[float, str, Record]], page: Page) -> tuple[list[Record], str]:
    """A page's records of one more than it holds, and where the next begins."""
    shown = records[: page.limit]
    following = f"{shown[-1][0]!r} {shown[-1][1]}" if len(records) > len(shown) > 0 else ""
    return [record for _, _, record in shown], following
