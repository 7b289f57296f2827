"""The processes of the demo: started together, watched, and ended together.

What runs is written down under `var/pids/`, so that the next start can end what a
killed one left behind.
"""

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from clinic import processes

PATIENCE_SECONDS = 6.0


class Children:
    """Processes that live no longer than we do, unless we are killed outright."""

    def __init__(self, var: Path, environment: Mapping[str, str]) -> None:
        self.var = var
        self.environment = {**os.environ, **environment}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start `command`, with its output in the log of that `name`."""
        log = self.log_of(name)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            child = processes.start(command, log=output, env=self.environment)
        self._running[name] = child
        record = _record(self.var, name)
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(f"{child.pid}\n{' '.join(command)}\n")

    def log_of(self, name: str) -> Path:
        return self.var / "log" / f"{name}.log"

    def wait(self, name: str) -> int:
        """Wait for `name` to end by itself; what it ended with."""
        ended_with = self._running[name].wait()
        del self._running[name]
        _record(self.var, name).unlink()
        return ended_with

    def dead(self) -> str:
        """The name of one that has ended by itself, or nothing."""
        gone = (
            name for name, child in self._running.items() if child.poll() is not None
        )
        return next(gone, "")

    def stop(self) -> None:
        """End them all, the last started first."""
        self._running.clear()
        end_recorded(self.var)


def _record(var: Path, name: str) -> Path:
    return var / "pids" / f"{name}.pid"


def end_recorded(var: Path) -> None:
    """End every process written down in `var` that is still the one we started."""
    records = sorted((var / "pids").glob("*.pid"), key=_age, reverse=True)
    known = [(record, processes.read_pid(record), _mark(record)) for record in records]
    processes.end_all(
        [(pid, mark) for _, pid, mark in known if mark], patience=PATIENCE_SECONDS
    )
    _forget(record for record, _, _ in known)


def _age(record: Path) -> int:
    return record.stat().st_mtime_ns


def _mark(record: Path) -> str:
    return record.read_text().partition("\n")[2].strip()


def _forget(records: Iterable[Path]) -> None:
    for record in records:
        record.unlink(missing_ok=True)
