"""What Cadence is held against: programs of their own, in an environment of their own.

Each answers one JSON object a line, and measures itself: what it takes to hand a
problem over counts for nobody.
"""

import json
import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / "var" / "bench" / "log"


class PeerMissing(Exception):
    """The peers' environment is not there; its text says how to make it."""


def python() -> Path:
    """The Python of the peers' environment: BENCH_VENV, or `.venv-bench`."""
    path = Path(os.environ.get("BENCH_VENV") or ROOT / ".venv-bench", "bin", "python")
    if not path.exists():
        raise PeerMissing(
            f"{path} is missing: `make bench` makes it from benchmarks/requirements.txt."
        )
    return path


class Peer:
    """One peer's program, running for as long as the block lasts."""

    def __init__(self, name: str, **environment: str) -> None:
        self._log = (LOGS / f"{name}.log").open("w")
        self._process = subprocess.Popen(
            [python(), "-m", f"benchmarks.peers.{name}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            cwd=ROOT,
            env=os.environ | environment,
        )

    def ask(self, **question: Any) -> dict[str, Any]:
        """What it answers to `question`; RuntimeError where it has died."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"The peer ended early: {self._log.name}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()
        self._log.close()
