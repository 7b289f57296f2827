"""The demo in one process tree: python -m clinic.launcher, or `make demo`.

Starts the servers, prepares the demo clinic, then runs web server, worker and beat
until Ctrl-C, SIGTERM, or the end of one of them, which ends them all. After a
`kill -9` of this very process, the next start ends what was left behind.
"""

import fcntl
import http.client
import os
import secrets
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NoReturn

from clinic import children, port, processes, servers
from clinic.children import Children
from clinic.demo_accounts import DEMO_PATIENT, DEMO_SIGN_INS
from clinic.programs import ServerFailed

WATCH_SECONDS = 0.3
ANSWER_SECONDS = 60
HANDOVER_SECONDS = 15
STOPPING = "stopping"
ENDINGS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class DemoFailed(Exception):
    """The demo cannot run; the text is one line that says why, and where to look."""


def main() -> int:
    """Run the demo; 0 if it was asked to stop, 1 if it could not go on."""
    for asked in ENDINGS:
        if asked is not signal.SIGHUP or signal.getsignal(asked) is not signal.SIG_IGN:
            signal.signal(asked, _stop)  # nohup keeps its promise
    try:
        run(servers.var_dir(), port.read(os.environ.get("PORT") or "8000"))
    except (DemoFailed, port.PortRefused, ServerFailed) as refusal:
        print(refusal, file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        _say("Cadence has stopped.")
    return 0


def _stop(number: int, frame: object) -> NoReturn:
    """Leave by the ordinary way out, once: nothing may interrupt the tidying."""
    for asked in ENDINGS:
        signal.signal(asked, signal.SIG_IGN)
    raise KeyboardInterrupt


def run(var: Path, number: int) -> None:
    """Serve the demo of `var` on port `number` until something ends it."""
    with alone(var, number), ExitStack() as stack:
        children.end_recorded(var)
        port.refuse_if_taken(number)
        if not _has_own_servers():
            _say("... Starting PostgreSQL and Valkey")
            stack.enter_context(servers.running(var))
        demo = Children(var, environment(var))
        stack.callback(demo.stop)
        prepare(demo)
        serve(demo, number)
        _welcome(number)
        watch(demo)


def _has_own_servers() -> bool:
    return bool(os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


# --- One launcher at a time -----------------------------------------------------------


@contextmanager
def alone(var: Path, number: int) -> Iterator[None]:
    """Be the only launcher of `var`; raises DemoFailed while another one runs."""
    path = var / "launcher.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        patience = HANDOVER_SECONDS if _is_stopping(path) else 1
        if not processes.wait_until(lambda: _can_have(file.fileno()), patience):
            raise DemoFailed(_taken(path, number))
        path.write_text(f"{os.getpid()}\n")
        try:
            yield
        finally:
            path.write_text(f"{os.getpid()}\n{STOPPING}\n")


def _can_have(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_stopping(path: Path) -> bool:
    return STOPPING in path.read_text()


def _taken(path: Path, number: int) -> str:
    """Say who runs here already, and that the port is theirs if it is."""
    owner = f"the demo of this folder is running (process {processes.read_pid(path)})"
    try:
        port.refuse_if_taken(number)
    except port.PortRefused:
        return f"Port {number} is taken: {owner}."
    return f"Stop the other one first: {owner}."


# --- What runs ------------------------------------------------------------------------


def environment(var: Path) -> dict[str, str]:
    """What the demo's processes are told, where the person has not said otherwise."""
    defaults = {
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
        "HTTPS": "false",
        "PYTHONUNBUFFERED": "1",
    }
    if not os.environ.get("SECRET_KEY"):
        defaults["SECRET_KEY"] = secret_key(var)
    return {name: os.environ.get(name) or value for name, value in defaults.items()}


def secret_key(var: Path) -> str:
    """This machine's own key, made at the first start."""
    path = var / "secret-key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text().strip()


def prepare(demo: Children) -> None:
    """Bring database, demo clinic and static files up to date."""
    _say("... Preparing the demo clinic (the first time takes a minute)")
    manage = str(servers.REPOSITORY / "manage.py")
    demo.start("prepare", [sys.executable, manage, "prepare_demo"])
    if demo.wait("prepare"):
        raise DemoFailed(f"Preparing the demo failed: read {demo.log_of('prepare')}")


def serve(demo: Children, number: int) -> None:
    """Start the web server and, once it answers, worker and beat."""
    _say("... Starting web server, worker and beat")
    web, *others = commands(demo.var, number).items()
    _start(demo, web)
    deadline = time.monotonic() + ANSWER_SECONDS
    while not _answers(number):
        _raise_if_one_died(demo)
        if time.monotonic() > deadline:
            raise DemoFailed(f"The web server is silent: read {demo.log_of('web')}")
        time.sleep(WATCH_SECONDS)
    for other in others:  # only now: together they would all be slow to come
        _start(demo, other)


def _start(demo: Children, one: tuple[str, list[str]]) -> None:
    name, command = one
    demo.start(name, [sys.executable, "-m", *command])


def commands(var: Path, number: int) -> dict[str, list[str]]:
    """The Python modules that are the demo, each with its arguments."""
    celery = ["celery", "--app", "clinic.celery"]
    return {
        "web": [
            *("gunicorn", "clinic.wsgi", "--bind", f"{port.HOST}:{number}"),
            *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
            *("--graceful-timeout", "3", "--access-logfile", "-"),
            *("--preload", "--no-control-socket"),
        ],
        "worker": [
            *(*celery, "worker", "--concurrency", "1", "--loglevel", "INFO"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ],
        "beat": [
            *(*celery, "beat", "--loglevel", "INFO", "--pidfile="),
            *("--schedule", str(var / "beat-schedule")),
        ],
    }


def _answers(number: int) -> bool:
    line = http.client.HTTPConnection(port.HOST, number, timeout=5)
    try:
        line.request("GET", "/healthz")
        return line.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def watch(demo: Children) -> NoReturn:
    """Stay until one of them ends, or until `make`, which started us, is gone."""
    parent = os.getppid() if os.environ.get("MAKELEVEL") else None
    while parent in (None, os.getppid()):
        _raise_if_one_died(demo)
        time.sleep(WATCH_SECONDS)
    raise KeyboardInterrupt


def _raise_if_one_died(demo: Children) -> None:
    name = demo.dead()
    if not name and not _has_own_servers():
        name = servers.silent(demo.var)
    if name:
        raise DemoFailed(f"{name} has ended by itself: read {demo.log_of(name)}")


# --- What is said ---------------------------------------------------------------------


def _welcome(number: int) -> None:
    _say(f"\nCadence answers at http://localhost:{number}/ (stop it with Ctrl-C)\n")
    for role, address, password in (*DEMO_SIGN_INS, DEMO_PATIENT):
        _say(f"  {role:<12} {address:<30} {password}")


def _say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    sys.exit(main())
