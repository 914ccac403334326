"""The verb `outbox`: what could not be delivered, and trying it once more."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from coldtrail.errors import ConfigError
from coldtrail.records.delivery import Delivery
from coldtrail.store.database import Database, Page

_PAGE = 500


def dead(database: Database, limit: int = 50, after: str = "") -> tuple[list[Delivery], str]:
    """Deliveries that were given up, the latest made first, and where the next page begins."""
    return database.deliveries("dead", Page(limit, after))


def replay(database: Database, ids: Sequence[str], *, everything: bool = False) -> list[Delivery]:
    """The deliveries that are due again, by their ids or what these begin with; raises `ConfigError` for an
    id of none that was given up."""
    given_up = _all_dead(database)
    chosen = given_up if everything else [_one(given_up, id) for id in ids]
    again = [replace(one, state="due", attempts=0, next_at=0.0) for one in chosen]
    for one in again:
        database.delivered(one)
    return again


def _all_dead(database: Database) -> list[Delivery]:
    found, after = database.deliveries("dead", Page(_PAGE))
    while after:
        more, after = database.deliveries("dead", Page(_PAGE, after))
        found += more
    return found


def _one(given_up: Sequence[Delivery], id: str) -> Delivery:
    found = [one for one in given_up if id and one.id.startswith(id)]
    if len(found) != 1:
        raise ConfigError(
            f"No delivery {id!r} was given up, or several begin so; `coldtrail outbox list` names all."
        )
    return found[0]
