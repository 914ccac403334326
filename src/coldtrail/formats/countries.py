"""The country of an address, by a file that the user supplies: none comes with Coldtrail.

Read is the MaxMind DB format (https://maxmind.github.io/MaxMind-DB/), in which GeoLite2, DB-IP and IPinfo are
given out. The whole file is held in memory: one that is replaced meanwhile changes nothing.
"""

from __future__ import annotations

import io
import os
import stat
import struct
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coldtrail.errors import ConfigError

if TYPE_CHECKING:
    from maxminddb import Reader

_MOST_BYTES = 512 * 2**20
_SEPARATOR_BYTES = 16
"""Between the tree of networks and what is said of them."""
_SAMPLE = [IPv4Address(number << 24) for number in range(256)]
_DAMAGE = (RuntimeError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError, struct.error)
"""What reading a damaged file raises; `InvalidDatabaseError` is a `RuntimeError`."""


class Countries:
    """The countries of addresses."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def of(self, address: IPv4Address | IPv6Address) -> str | None:
        """The country by its two letters (ISO 3166-1); None where the file does not say, or is damaged
        there."""
        try:
            return _country(self._reader.get(address))
        except _DAMAGE:
            return None


def countries_in(path: str) -> Countries | None:
    """The countries that a file tells, None without one; raises `ConfigError` where it is missing or
    damaged. The file is read once."""
    if not path:
        return None
    try:
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode):
            # A pipe would be waited for without end.
            raise ConfigError(
                f"baselines.country_file: {path}: the file cannot be read: it is no regular file."
            )
        return _read(path, found.st_mtime_ns, found.st_size)
    except FileNotFoundError:
        raise ConfigError(f"baselines.country_file: {path}: there is no such file.") from None
    except OSError as error:
        reason = error.strerror or error
        raise ConfigError(f"baselines.country_file: {path}: the file cannot be read: {reason}.") from None


@lru_cache(maxsize=1)
def _read(path: str, changed: int, size: int) -> Countries:
    try:
        from maxminddb import MODE_FD, open_database
    except ModuleNotFoundError:
        raise ConfigError(
            "baselines.country_file needs maxminddb; `pip install 'coldtrail[places]'` brings it."
        ) from None
    if size > _MOST_BYTES:
        raise ConfigError(
            f"baselines.country_file: {path}: a file of countries holds {_MOST_BYTES:,} bytes at most."
        )
    with open(path, "rb") as file:
        data = file.read(_MOST_BYTES + 1)
    try:
        reader = open_database(io.BytesIO(data), MODE_FD)
        _check(reader, data)
    except _DAMAGE:
        raise ConfigError(
            f"baselines.country_file: {path}: this is no whole file in the format of MaxMind (.mmdb)."
        ) from None
    return Countries(reader)


def _check(reader: Reader, data: bytes) -> None:
    """Raises a `ValueError`, or whatever the reader does, where the file is damaged: its tree must not lead
    out of it, and what is said of networks must be readable."""
    told = reader.metadata()
    within = len(data) - told.search_tree_size - _SEPARATOR_BYTES
    records = _records(data[: told.search_tree_size], told.record_size)
    places = records[records > told.node_count].astype(np.int64) - told.node_count - _SEPARATOR_BYTES
    if within <= 0 or np.any((places < 0) | (places >= within)):
        raise ValueError("the tree leads out of the file")
    for address in _SAMPLE:
        reader.get(address)


def _records(tree: bytes, bits: int) -> NDArray[np.uint32]:
    """The two numbers of each node of the tree, of 24, 28 or 32 bits each."""
    nodes = np.frombuffer(tree, np.uint8).reshape(-1, bits // 4).astype(np.uint32)
    low = [nodes[:, 0:3], nodes[:, -3:]]
    left, right = [one[:, 0] << 16 | one[:, 1] << 8 | one[:, 2] for one in low]
    if bits == 28:
        # The byte between them holds the highest four bits of both.
        left, right = left | (nodes[:, 3] & 0xF0) << 20, right | (nodes[:, 3] & 0x0F) << 24
    elif bits == 32:
        left, right = left << 8 | nodes[:, 3], right | nodes[:, 4] << 24
    return np.concatenate([left, right])


def _country(record: object) -> str | None:
    """The country that a record says: as GeoLite2 and DB-IP write it, or as IPinfo does."""
    if not isinstance(record, dict):
        return None
    country = record.get("country")
    code = country.get("iso_code") if isinstance(country, dict) else record.get("country_code", country)
    if isinstance(code, str) and len(code) == 2 and code.isascii() and code.isalpha():
        return code.upper()
    return None
