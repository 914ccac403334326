"""A PostgreSQL server of the tests' own, in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

_DEBIAN = Path("/usr/lib/postgresql")
_MEMORY = Path("/dev/shm")
_ACCOUNTS = ("postgres", "nobody")


def binaries() -> Path | None:
    """Where the server's programs lie; None where there are none."""
    if (found := shutil.which("postgres")) is not None:
        return Path(found).resolve().parent
    return max((path.parent for path in _DEBIAN.glob("*/bin/postgres")), default=None)


class PostgresqlServer:
    """A server that anybody on this machine may use until it is removed; it refuses to run as root, and is
    run as somebody else then."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        place = _MEMORY if os.access(_MEMORY, os.W_OK) else None
        self._folder = Path(tempfile.mkdtemp(prefix="coldtrail-postgresql-", dir=place))
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            known = {one.pw_name: one for one in pwd.getpwall()}
            account = next(known[name] for name in _ACCOUNTS if name in known)
            self._as = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            os.chown(self._folder, account.pw_uid, account.pw_gid)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._run(
            "initdb", "-U", "coldtrail", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync"
        )
        self._made = 0
        self.start()

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        options = f"-c listen_addresses=127.0.0.1 -p {self.port} -c unix_socket_directories="
        self._run("pg_ctl", "start", "-w", "-l", str(self._folder / "log"), "-o", f"{options} -c fsync=off")

    def stop(self) -> None:
        """Ends it at once, as a crash does."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate")

    def remove(self) -> None:
        """Ends it and removes its folder."""
        self.stop()
        shutil.rmtree(self._folder)

    def fresh(self) -> str:
        """The address of a new database."""
        self._made += 1
        self.execute(f"CREATE DATABASE d{self._made}")
        return self.url(f"d{self._made}")

    def url(self, database: str, port: int | None = None) -> str:
        """The address of a database."""
        return f"postgresql://coldtrail@127.0.0.1:{port or self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Runs a statement of SQL; the rows that it gives."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []

    def _run(self, program: str, *arguments: str) -> None:
        with (self._folder / "output").open("w+") as output:
            # Into a file, since a server that was started keeps what it was given open.
            done = subprocess.run(
                [str(self._programs / program), "-D", str(self._folder / "data"), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                check=False,
                **self._as,
            )
            output.seek(0)
            assert done.returncode == 0, output.read()
