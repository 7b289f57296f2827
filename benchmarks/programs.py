"""Programs that come with PostgreSQL."""

import shutil
from pathlib import Path

from clinic import programs


class ProgramMissing(Exception):
    """A program is not on this machine; its text says what to install."""


def pgbench() -> Path:
    """The pgbench beside our PostgreSQL, or the machine's own."""
    ours = Path(programs.postgres_program("pgbench"))
    if ours.exists():
        return ours
    if found := shutil.which("pgbench"):
        return Path(found)
    raise ProgramMissing("pgbench is missing. Install it (Debian: postgresql-contrib).")
