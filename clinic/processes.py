"""Starting processes, finding out whether one is still ours, and ending it. Django-free."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

POLL_SECONDS = 0.05
KILL_SECONDS = 5

# Kept for as long as we live: they may outlive us, which is no mistake.
_started: list[subprocess.Popen[bytes]] = []


def start(
    command: Sequence[str | Path], *, log: IO[bytes], **options: Any
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, so that Ctrl-C does not reach it."""
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        **options,
    )
    _started.append(child)
    return child


def command_line(pid: int) -> str:
    """What process `pid` was started as; empty if there is none, or only its shell.

    A zombie (dead, but not yet fetched by its parent) counts as none.
    """
    for child in _started:
        child.poll()  # fetch what has died
    if Path("/proc/self/cmdline").exists():
        try:
            raw = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return ""
        return raw.replace(b"\0", b" ").decode(errors="replace").strip()
    ps = ["ps", "-o", "stat=,command=", "-p", str(pid)]
    shown = subprocess.run(ps, capture_output=True, text=True, check=False).stdout
    state, _, command = shown.strip().partition(" ")
    return "" if state.startswith("Z") else command.strip()


def is_alive(pid: int, mark: str) -> bool:
    """Whether `pid` runs, and as something started with `mark` on its command line.

    Numbers of processes are used again, so a bare number read from a file proves
    nothing: `mark` must be a path that only ours would name.
    """
    return pid > 1 and bool(line := command_line(pid)) and mark in line


def end(pid: int, mark: str, *, how: int = signal.SIGTERM, patience: float) -> None:
    """Ask `pid` to stop with signal `how`; kill it if it has not in `patience` s."""
    end_all([(pid, mark)], how=how, patience=patience)


def end_all(
    marked: Iterable[tuple[int, str]], *, how: int = signal.SIGTERM, patience: float
) -> None:
    """End several at once; what is left of them after `patience` s is killed."""
    alive = [(pid, mark) for pid, mark in marked if is_alive(pid, mark)]

    def all_gone() -> bool:
        return not any(is_alive(pid, mark) for pid, mark in alive)

    for pid, _ in alive:
        with suppress(ProcessLookupError):  # it went by itself
            os.kill(pid, how)
    wait_until(all_gone, patience)
    for pid, mark in alive:
        _kill_the_rest(pid, mark)
    wait_until(all_gone, KILL_SECONDS)


def _kill_the_rest(pid: int, mark: str) -> None:
    """Kill what `pid` leaves behind in its session, and itself if it has stayed."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    if is_alive(pid, mark):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def wait_until(true: Callable[[], bool], seconds: float) -> bool:
    """Whether `true()` became so within `seconds`."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def read_pid(path: Path) -> int:
    """The number on the first line of `path`; 0 where there is none to read."""
    try:
        return int(path.read_text().split("\n")[0])
    except (OSError, ValueError):
        return 0
