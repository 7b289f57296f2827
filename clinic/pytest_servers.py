"""Give a test run its servers: a plugin, and what the settings for tests ask first.

Runs may go on side by side. They share one PostgreSQL and one Valkey under
`var/test/`, quick and forgetful, but each run has databases named for it, and each of
its processes a database number of its own in Valkey. With DATABASE_URL and REDIS_URL
set, those servers are used, and nothing is started.
"""

import fcntl
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from clinic import processes, programs, servers

WHO = os.environ.get("PYTEST_XDIST_WORKER", "main")
OURS = "CADENCE_TEST_SERVERS"  # whose Valkey database REDIS_URL names, if it is ours
VALKEY_DATABASES = 64

_kept = ExitStack()


def point_the_settings() -> None:
    """Have the settings, which are read next, find this run's own places.

    What a test starts as a program of its own shares the places of the test.
    """
    os.environ.setdefault("PLAIN_STATIC", "true")
    if WHO == "main" and OURS not in os.environ:
        os.environ["CADENCE_TEST_RUN"] = f"_{os.getpid()}"
        if "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ:
            return
        os.environ["CADENCE_VAR"] = str(servers.var_dir() / "test")
        os.environ[OURS] = ""
    if os.environ.get(OURS, WHO) != WHO:
        number = _own_valkey_database()
        os.environ["REDIS_URL"] = servers.default_redis_url(servers.var_dir(), number)
        os.environ[OURS] = WHO


def _own_valkey_database() -> int:
    """A database number that no other live process has; free again when we end."""
    for number in range(VALKEY_DATABASES):
        path = servers.var_dir() / "seats" / f"valkey-{number}.lock"
        try:
            _kept.enter_context(servers.locked(path, fcntl.LOCK_EX | fcntl.LOCK_NB))
        except BlockingIOError:
            continue
        return number
    raise programs.ServerFailed(f"{VALKEY_DATABASES} test processes run already.")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> Iterator[None]:
    """Have the servers up before any worker starts or any test asks for rows."""
    if OURS in os.environ and not session.config.option.collectonly:
        if WHO == "main":
            # A polite kill ends a run as Ctrl-C does, and so stops the servers.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            _start()
        number = os.environ["REDIS_URL"].rpartition("=")[2]
        valkey = servers.Valkey(servers.var_dir(), durable=False)
        valkey.say(f"SELECT {number}\r\nFLUSHDB")
    return (yield)


def _start() -> None:
    var = servers.var_dir()
    _kept.enter_context(servers.running(var, durable=False))
    _forget_dead_runs()


def _forget_dead_runs() -> None:
    """Drop the databases of test runs that were killed."""
    for name in _psql("SELECT datname FROM pg_database").split():
        run = re.fullmatch(r"test_cadence_(\d+)(_gw\d+)?", name)
        if run and "pytest" not in processes.command_line(int(run[1])):
            _psql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _psql(statement: str) -> str:
    command = [
        str(programs.postgres_program("psql")),
        f"--host={servers.socket_dir(servers.var_dir())}",
        f"--username={servers.DATABASE}",
        *("--no-psqlrc", "--tuples-only", "postgres"),
    ]
    answer = subprocess.run(
        command,
        input=statement,
        env=programs.plain_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return answer.stdout


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Leave the servers; they stop if nobody else is using them."""
    _kept.close()
