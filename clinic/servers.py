"""A PostgreSQL and a Valkey of our own, for the demo and the tests.

Their programs come with the Python packages; their data, sockets and logs live in one
folder (`var/`). Both listen on Unix sockets only, which nobody else may open. Servers
found running are used, so it does not matter how an earlier run ended: the last user
to leave stops them, and who was killed no longer counts as a user.

Standard library only: the settings ask here for their default addresses.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

from clinic import processes
from clinic.programs import (
    ServerFailed,
    as_stand_in,
    hand_over,
    open_the_programs,
    open_the_way,
    plain_environment,
    postgres_program,
    valkey_program,
)

REPOSITORY = Path(__file__).resolve().parent.parent
DATABASE = "cadence"  # the name of the database, and of the role that owns it
SOCKET_LIMIT = 100  # bytes; macOS refuses from 104, Linux from 108
START_SECONDS = 60
STOP_SECONDS = 10

# An error in the log names the rule that broke, never the row or the statement:
# these hold what patients told us.
DISCREET = {"log_error_verbosity": "terse", "log_min_error_statement": "panic"}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


# --- Where things are -----------------------------------------------------------------


def var_dir() -> Path:
    """The folder of everything that running leaves behind: CADENCE_VAR, or `var/`."""
    return Path(os.environ.get("CADENCE_VAR") or REPOSITORY / "var").absolute()


def socket_dir(var: Path) -> Path:
    """Where the sockets of `var` are: in it, unless that path is too long for one."""
    inside = var / "run"
    if len(os.fsencode(inside / ".s.PGSQL.5432")) <= SOCKET_LIMIT:
        return inside
    digest = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    name = f"cadence-{os.getuid()}-{digest}"
    outside = Path(tempfile.gettempdir(), name)
    if len(os.fsencode(outside / ".s.PGSQL.5432")) <= SOCKET_LIMIT:
        return outside
    return Path("/tmp", name)  # noqa: S108  (made with mode 0700, owner checked)


def default_database_url(var: Path) -> str:
    """The address of the PostgreSQL of `var`, as django-environ reads it."""
    return f"postgres://{DATABASE}@/{quote(str(socket_dir(var)))}/{DATABASE}"


def default_redis_url(var: Path, database: int = 0) -> str:
    """The address of the Valkey of `var`, as redis-py reads it."""
    return f"unix://{quote(str(socket_dir(var) / 'valkey.sock'))}?db={database}"


def broker_url(redis_url: str) -> str:
    """`redis_url` as Celery spells it, which differs for sockets only."""
    if not redis_url.startswith("unix://"):
        return redis_url
    spelled = redis_url.replace("unix://", "redis+socket://", 1)
    return spelled.replace("?db=", "?virtual_host=")


# --- The two servers ------------------------------------------------------------------


def _log(var: Path, name: str) -> IO[bytes]:
    folder = var / "log"
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / f"{name}.log").open("ab")


def _answers(
    is_ready: Callable[[], bool], started: subprocess.Popen[bytes] | None
) -> bool:
    """Wait for a server to answer, no longer than it lives."""

    def settled() -> bool:
        return is_ready() or (started is not None and started.poll() is not None)

    return processes.wait_until(settled, START_SECONDS) and is_ready()


@dataclass(frozen=True)
class Postgres:
    """The PostgreSQL whose data is `var`/postgres."""

    var: Path
    options: Mapping[str, str]

    @property
    def data(self) -> Path:
        return self.var / "postgres"

    def pid(self) -> int:
        """The number of its process, whoever started it; 0 while it does not run."""
        pid = processes.read_pid(self.data / "postmaster.pid")
        return pid if processes.is_alive(pid, str(self.data)) else 0

    def start(self) -> None:
        """Have it running and answering, from nothing if need be."""
        if not (self.data / "PG_VERSION").exists():
            self._create()
        started = None if self.pid() else self._launch()
        if not _answers(self._is_ready, started):
            raise ServerFailed(f"PostgreSQL did not start: {self.var}/log/postgres.log")

    def _create(self) -> None:
        """Make the cluster aside and move it in place whole: a half one is no start."""
        open_the_programs()
        new = self.data.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        hand_over(new)
        open_the_way(new)
        self._run_aside(
            new,
            "initdb",
            f"--username={DATABASE}",
            "--auth=trust",  # the folder of the socket is the lock
            "--no-locale",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        )
        create = f"CREATE DATABASE {DATABASE}\n".encode()
        self._run_aside(new, "postgres", "--single", "template1", words=create)
        new.rename(self.data)

    def _run_aside(
        self, data: Path, program: str, *arguments: str, words: bytes = b""
    ) -> None:
        command = [str(postgres_program(program)), *arguments[:1], "-D", str(data)]
        with _log(self.var, "postgres") as log:
            done = subprocess.run(
                [*command, *arguments[1:]],
                input=words,
                stdout=log,
                stderr=log,
                cwd=data,
                env=plain_environment(),
                check=False,
                **as_stand_in(),
            )
        if done.returncode:
            raise ServerFailed(f"{program} failed: {self.var}/log/postgres.log")

    def _launch(self) -> subprocess.Popen[bytes]:
        open_the_programs()
        open_the_way(self.data)
        hand_over(socket_dir(self.var))
        pid_file = self.data / "postmaster.pid"
        if processes.command_line(processes.read_pid(pid_file)):
            pid_file.unlink()  # its number went to some other program since
        with _log(self.var, "postgres") as log:
            return processes.start(
                [postgres_program("postgres"), "-D", self.data, *self._settings()],
                log=log,
                cwd=self.data,
                env=plain_environment(),
                **as_stand_in(),
            )

    def _settings(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(socket_dir(self.var)),
            "unix_socket_permissions": "0700",
            **DISCREET,
            **self.options,
        }
        return [part for k, v in settings.items() for part in ("-c", f"{k}={v}")]

    def _is_ready(self) -> bool:
        if not self.pid():
            return False
        lines = (self.data / "postmaster.pid").read_text().split("\n")
        return [line.strip() for line in lines[7:8]] == ["ready"]

    def stop(self) -> None:
        """Stop it after ending its connections; nothing committed is lost."""
        pid, mark = self.pid(), str(self.data)
        processes.end(pid, mark, how=signal.SIGINT, patience=STOP_SECONDS)


@dataclass(frozen=True)
class Valkey:
    """The Valkey whose data is `var`/valkey."""

    var: Path
    durable: bool

    @property
    def socket(self) -> Path:
        return socket_dir(self.var) / "valkey.sock"

    @property
    def data(self) -> Path:
        return self.var / "valkey"

    def pid(self) -> int:
        """The number of its process, whoever started it; 0 while it does not run."""
        pid = processes.read_pid(self.data / "valkey.pid")
        return pid if processes.is_alive(pid, str(self.socket)) else 0

    def start(self) -> None:
        """Have it running and answering."""
        self.data.mkdir(parents=True, exist_ok=True)
        hand_over(self.socket.parent)
        started = None if self.pid() else self._launch()
        if not _answers(self._is_ready, started):
            raise ServerFailed(f"Valkey did not start: {self.var}/log/valkey.log")

    def _launch(self) -> subprocess.Popen[bytes]:
        with _log(self.var, "valkey") as log:
            started = processes.start([valkey_program(), *self._settings()], log=log)
        (self.data / "valkey.pid").write_text(f"{started.pid}\n")
        return started

    def _settings(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "databases": "64",
            "maxmemory-policy": "noeviction",
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "set-proc-title": "no",  # its command line is how we know it
        }
        return [part for k, v in settings.items() for part in (f"--{k}", v)]

    def _is_ready(self) -> bool:
        try:
            return self.say("PING") == b"+PONG\r\n"
        except OSError:
            return False

    def say(self, words: str) -> bytes:
        """What it answers to one short command."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(5)
            line.connect(str(self.socket))
            line.sendall(f"{words}\r\n".encode())
            return line.recv(4096)

    def stop(self) -> None:
        """Stop it, writing what it was asked to keep."""
        processes.end(self.pid(), str(self.socket), patience=STOP_SECONDS)


# --- Sharing them ---------------------------------------------------------------------


@contextmanager
def locked(path: Path, how: int = fcntl.LOCK_EX) -> Iterator[IO[bytes]]:
    """Hold the file `path` locked; the system lets go of it however we end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        fcntl.flock(file, how)
        yield file


@contextmanager
def running(var: Path, *, durable: bool = True) -> Iterator[None]:
    """Both servers of `var` answer inside; the last user to leave stops them.

    Raises ServerFailed. Without `durable` they are quicker, and a crash of the
    machine may cost what they hold.
    """
    servers = (
        Postgres(var, {} if durable else {**FORGETFUL, "max_connections": "200"}),
        Valkey(var, durable),
    )
    users = var / "users.lock"
    with ExitStack() as stack:
        with locked(var / "start.lock"):
            seat = stack.enter_context(locked(users, fcntl.LOCK_SH))
            stack.callback(_leave, var, seat, servers)
            for server in servers:
                server.start()
        yield


def _leave(var: Path, seat: IO[bytes], servers: tuple[Postgres, Valkey]) -> None:
    with locked(var / "start.lock"):
        try:
            fcntl.flock(seat, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # somebody else is still here
        for server in reversed(servers):
            server.stop()


def silent(var: Path) -> str:
    """The name of a server of `var` that has stopped running, or nothing."""
    if not Postgres(var, {}).pid():
        return "postgres"
    return "" if Valkey(var, durable=True).pid() else "valkey"


def main() -> int:
    """Run one command with the servers up: python -m clinic.servers COMMAND ..."""
    if "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ:
        return subprocess.call(sys.argv[1:])
    with running(var_dir()):
        return subprocess.call(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
