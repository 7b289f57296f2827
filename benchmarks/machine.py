"""The facts about the machine that a figure is worth nothing without."""

import os
import platform
from pathlib import Path

from benchmarks.databases import connection


def facts() -> dict[str, str]:
    """What the table's readers need to judge it; the load is that of right now."""
    return {
        "Processor": f"{_cpu()}, {os.cpu_count()} cores",
        "Memory": _memory(),
        "System": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "PostgreSQL": _postgres(),
        "Load average at the start": ", ".join(f"{n:.2f}" for n in os.getloadavg()),
    }


def _cpu() -> str:
    lines = _read("/proc/cpuinfo").splitlines()
    names = [line.split(":", 1)[1] for line in lines if line.startswith("model name")]
    return " ".join(names[0].split()) if names else platform.machine()


def _memory() -> str:
    for line in _read("/proc/meminfo").splitlines():
        if line.startswith("MemTotal"):
            return f"{int(line.split()[1]) / 2**20:.0f} GiB"
    return "unknown"


def _read(path: str) -> str:
    file = Path(path)
    return file.read_text() if file.exists() else ""


def _postgres() -> str:
    with connection().cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])
