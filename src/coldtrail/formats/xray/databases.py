"""Calls of databases: which database of which server, and what was done there.

SDKs tell a connection in an address (`postgresql://user@host:5432/orders`, `jdbc:sqlserver://host;databaseName=x`,
`host:3306/orders`) or in a connection string (`Server=tcp:host,1433;Database=orders`). Users, passwords and
options in them stay outside, as does the statement but for its verb.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec
from msgspec import Raw, Struct

from coldtrail.formats.statements import verb_of

_MOST_CHARS = 2_048
_PLAIN = re.compile(r"[\w.\-$]{1,255}(?::\d{1,5})?/[\w.\-$]{1,128}")
"""A server and a database, and nothing else: `host:3306/orders`."""
_ADDRESS = re.compile(
    r"(?P<system>[a-zA-Z][\w.+\-]{1,31}):(?://|thin:@(?://)?|oci:@(?://)?)(?P<rest>.*)", re.DOTALL
)
_IN_BRACKETS = re.compile(r"[a-z]{2,8}\((?P<host>[^()]*)\)(?P<rest>.*)", re.DOTALL)
"""`tcp(host:3306)/orders`, as the MySQL driver of Go has it."""
_HOST = re.compile(r"\[[0-9A-Fa-f:.]{2,45}\]|[\w.\-$\\]{1,255}")
_DATABASE = re.compile(r"[^\s/;?#&=@:]{1,128}")
_SERVER_KEYS = ("server", "datasource", "host", "hostname", "address", "addr", "networkaddress")
_DATABASE_KEYS = ("database", "initialcatalog", "databasename", "dbname")


class Database(NamedTuple):
    """One call of a database, as its record tells it."""

    verb: str
    system: str
    """The database system, in the record's own words; empty where it does not say."""
    database: str
    """Empty where it is not told, as the server."""
    server: str

    @property
    def target(self) -> str | None:
        """`orders@shop.example`, or what of it is known."""
        return "@".join([part for part in (self.database, self.server) if part]) or None


class _Sql(Struct, gc=False):
    url: str | None = None
    connection_string: str | None = None
    database_type: str | None = None
    sanitized_query: str | None = None


_decode = msgspec.json.Decoder(_Sql).decode


def database_of(name: str, block: Raw) -> Database:
    """The database of a step with this name and this `sql` block."""
    try:
        sql = _decode(block)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        sql = _Sql()
    system, database, server = _of_address((sql.url or "")[:_MOST_CHARS])
    if not server:
        pairs = _pairs((sql.connection_string or sql.url or "")[:_MOST_CHARS])
        server = _host(_first(pairs, _SERVER_KEYS).removeprefix("tcp:").partition(",")[0])
        database = database or _database(_first(pairs, _DATABASE_KEYS))
    before, at, after = name[:_MOST_CHARS].partition("@")
    if at:
        database, server = database or _database(before), server or _host(after)
    told = sql.database_type or ""
    return Database(
        verb_of(sql.sanitized_query), system if told.casefold() in ("", "unknown") else told, database, server
    )


def _of_address(url: str) -> tuple[str, str, str]:
    """System, database and server of an address, each empty where it does not say."""
    found = _ADDRESS.match(url.removeprefix("jdbc:"))
    if found is None:
        rest = url.rpartition("@")[2]
        bracketed = _IN_BRACKETS.fullmatch(rest)
        if bracketed is not None:
            return "", _database(bracketed["rest"].removeprefix("/")), _host(bracketed["host"])
        if _PLAIN.fullmatch(rest) is None:
            return "", "", ""
        host, _, database = rest.partition("/")
        return "", database, _host(host)
    system, rest = found["system"], re.split(r"[?#]", found["rest"], maxsplit=1)[0]
    rest, _, options = rest.partition(";")
    authority, _, path = rest.partition("/")
    if "@" in path:  # a password with a slash in it
        authority, _, path = rest.rpartition("@")[2].partition("/")
    server = _host(authority.rpartition("@")[2])
    database = path if server else path.rpartition("/")[2]
    return system, _database(database or _first(_pairs(options), _DATABASE_KEYS)), server


def _host(text: str) -> str:
    """The host, without its port; of several the first."""
    found = _HOST.match(text.strip())
    return found[0].casefold() if found else ""


def _database(text: str) -> str:
    found = _DATABASE.match(text.strip())
    return found[0] if found else ""


def _pairs(text: str) -> dict[str, str]:
    """The settings of a connection string, by their names without blanks."""
    parts = text.split(";") if ";" in text else text.split()
    pairs = [part.partition("=") for part in parts[:64] if "=" in part]
    return {"".join(key.split()).casefold(): value for key, _, value in pairs}


def _first(pairs: dict[str, str], keys: tuple[str, ...]) -> str:
    return next((pairs[key] for key in keys if pairs.get(key)), "")
