"""Cloud services, their operations, databases and hosts by one name each, however telemetry spells them."""

from __future__ import annotations

import re

from coldtrail.features.names.masking import Names, RawNames, clean
from coldtrail.formats.service_table import TABLE
from coldtrail.formats.statements import verb_of
from coldtrail.records.flow import ASYNCHRONOUS, SYNCHRONOUS, InvocationType
from coldtrail.records.telemetry import SEVERAL

_DATABASES = """
Cassandra apachecassandra, ClickHouse, Cloudflare_D1, CockroachDB cockroach, Cosmos_DB azurecosmosdb, CouchDB,
Couchbase, DB2 ibmdb2, Derby, Elasticsearch, Firebird firebirdsql, H2 h2database, HSQLDB, Hive, InfluxDB,
MariaDB, Memcached, MongoDB mongo, MySQL aurora auroramysql mysql2 mysqli mysqldb pymysql mysqlconnector,
Neo4j, OpenSearch, Oracle oracledb cxoracle oraclethin,
PostgreSQL aurorapostgresql postgres psycopg psycopg2 pg pgx pg8000 asyncpg npgsql pgsql, Presto, Redis,
Redshift awsredshift, SAP_HANA hana hanadb, SQLite sqlite3,
SQL_Server mssql microsoftsqlserver sqlsrv pyodbc pymssql microsoftdatasqlclient systemdatasqlclient,
Snowflake, Spanner gcpspanner, Teradata, Trino, Valkey
"""
"""Of each database system the name that it goes by here, and what else it is called; `_` is a blank."""
_SYSTEMLESS = "SQL"
"""The database system where nothing names one."""
_STATEMENT_CHARS = 4_096
_OPERATION = re.compile(r"[A-Za-z][\w.:/-]{0,63}(?=\s|$)", re.ASCII)
_AUTHORITY = re.compile(r"[^/?#]*")
_SPLIT_PASSWORD = re.compile(r"[^/?#@:\[\]]*:(?!\d{0,5}[/?#])[^@]*@")
"""`user:pass/word@`: what would be a host's port is none, so it is a password, which ends at the `@`."""
INVOKE, INVOKE_ASYNCHRONOUSLY = "Invoke", "InvokeAsync"
"""What the latter did, which Lambda has no more, `Invoke` does with the type `Event`."""
ACCEPTED = 202
_INVOCATION_TYPES: dict[str, InvocationType] = {
    "requestresponse": SYNCHRONOUS,
    "event": ASYNCHRONOUS,
    SYNCHRONOUS: SYNCHRONOUS,
    ASYNCHRONOUS: ASYNCHRONOUS,
}
_KINDS = {
    "AWS::SQS::Queue": "AWS::SQS",
    "AWS::SNS::Topic": "AWS::SNS",
    "AWS::Events::EventBus": "AWS::Events",
    "AWS::EventBridge": "AWS::Events",
}


def _key(name: str) -> str:
    return "".join([char for char in name[:64].casefold() if char.isalnum()])


def _by_spelling(table: str) -> dict[str, str]:
    """The names that things go by, by all that they are called."""
    known: dict[str, str] = {}
    for entry in table.split(","):
        first, *others = entry.split()
        name = first.replace("_", " ")
        known |= dict.fromkeys([_key(name), *others], name)
    return known


_CANONICAL = _by_spelling(TABLE)
_SYSTEMS = _by_spelling(_DATABASES)
DATABASES = frozenset((*_SYSTEMS.values(), _SYSTEMLESS))
"""Names of database systems, as types of steps have them."""
_PREFIXES = ("amazon", "aws")


class Services(Names):
    """Service names, however the telemetry spells them: `services["dynamodb"]` is `DynamoDB`."""

    def __missing__(self, name: str) -> str:
        key = _key(name)
        known = _CANONICAL.get(key)
        for prefix in _PREFIXES:
            known = known or _CANONICAL.get(key.removeprefix(prefix))
        return self._keep(name, known or clean(name, self._max_chars))


class Databases(Names):
    """Database systems, however drivers spell them: `databases["postgresql+psycopg2"]` is `PostgreSQL`."""

    def __missing__(self, name: str) -> str:
        key = _key(name.removeprefix("jdbc:").partition("+")[0])
        if key in ("", "unknown", "othersql", "sql"):
            return self._keep(name, _SYSTEMLESS)
        return self._keep(name, _SYSTEMS.get(key) or clean(name, self._max_chars))


def operation_of(value: str) -> str:
    """The name of an operation (`findAndModify`); of a statement in its place its first word, or `query`."""
    word = _OPERATION.match(value.strip()[:_STATEMENT_CHARS])
    return word[0] if word else verb_of(value)


def kind_of(origin: str) -> str:
    """What a part of a trace is, in the cloud's words, by one name each: `AWS::SQS`, `AWS::SNS`."""
    return _KINDS.get(origin, origin)


class Operations(Names):
    """Names of operations with an upper-case first letter: `operations["getItem"]` is `GetItem`."""

    def __missing__(self, name: str) -> str:
        cleaned = clean(name, self._max_chars)
        return self._keep(name, cleaned[:1].upper() + cleaned[1:])


class Resources(RawNames):
    """Addresses of resources: a queue's URL becomes the ARN of the queue, all else stays as it is called.

    Several may stand in one, parted by `SEVERAL`.
    """

    def __missing__(self, name: str) -> str:
        return self._keep(name, SEVERAL.join([self._address(one) for one in name.split(SEVERAL)]))

    def _address(self, name: str) -> str:
        scheme, found, rest = name.partition("://")
        return clean(_of_url(rest) if found and scheme in ("http", "https") else name, self._max_chars)


def _of_url(rest: str) -> str:
    """`sqs.eu-west-1.amazonaws.com/123456789012/orders` as an ARN; of other URLs, what they end with."""
    parts = without_user(rest).partition("?")[0].rstrip("/").split("/")
    if len(parts) < 2:
        return parts[0]
    name, account = parts[-1], parts[-2]
    return f"arn:aws:sqs::{account}:{name}" if len(account) == 12 and account.isdigit() else name


def without_user(rest: str) -> str:
    """What stands in an address behind `://`, without its user and password."""
    if _SPLIT_PASSWORD.match(rest):
        rest = rest.partition("@")[2]
    authority = _AUTHORITY.match(rest)
    return rest[rest.rfind("@", 0, authority.end() if authority else 0) + 1 :]


def invocation_type_in(told: str | None) -> InvocationType | None:
    """How a function is started, in AWS's words (`Event`, `RequestResponse`) or in ours; else None."""
    return _INVOCATION_TYPES.get((told or "").casefold())


def function_url_of(host: str) -> str | None:
    """What tells a function URL (`<it>.lambda-url.eu-west-1.on.aws`) from others; None of any other host."""
    own, _, rest = host.partition(".")
    return own if rest.startswith("lambda-url.") and rest.endswith(".on.aws") else None


def invocation_type_of(status: int | None) -> InvocationType | None:
    """How a function was started, as the status of the answer tells: 202 is that the event was accepted.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, `StatusCode`.
    """
    if status is None or not 100 <= status < 1_000:
        return None
    return ASYNCHRONOUS if status == ACCEPTED else SYNCHRONOUS


def host_of(name: str) -> str:
    """The host (and port) of a remote call's name, without scheme, credentials, path or query."""
    before, found, after = name.partition("://")
    host = _AUTHORITY.match(without_user(after if found else before))
    return (host[0] if host else "").casefold() or "unknown"
