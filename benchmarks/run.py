"""Running suites one after another, on a database made afresh for each."""

import sys
import warnings
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db import connections, router
from django.utils import timezone

from benchmarks import booking, checks, databases, growth, machine, memory, proposal
from benchmarks.options import Options
from benchmarks.peers import PeerMissing
from benchmarks.programs import ProgramMissing
from benchmarks.results import Results, page
from clinic import servers

SUITES: dict[str, Callable[[Options], Results]] = {
    "proposal": proposal.run,
    "growth": growth.run,
    "booking": booking.run,
    "memory": memory.run,
}
EMPTY = "empty"  # the schema and the catalogue, to be copied


def suites(names: list[str], *, quick: bool, folder: Path) -> int:
    """Run the suites `names`; 0 if every one of them could be run to its end.

    The page is written where all of them ran, at full length.
    """
    router.routers = [databases.Chosen()]
    warnings.filterwarnings("ignore", "No directory at")  # static files lie elsewhere
    options = Options(quick=quick)
    try:
        checks.run()
        facts = {"Date": f"{timezone.now():%Y-%m-%d}"} | machine.facts()
        found = {name: _one(name, options) for name in names}
    except (PeerMissing, ProgramMissing) as missing:
        print(missing, file=sys.stderr)
        return 1
    if set(names) == set(SUITES) and not quick:
        write(folder, list(found.values()), facts)
    return 0


def _one(name: str, options: Options) -> Results:
    print(f"--- {name}", flush=True)
    _fresh()
    return SUITES[name](options)


def _fresh() -> None:
    """Give the default connection a database with nothing but schema and catalogue."""
    if EMPTY in connections.databases:
        databases.create(servers.DATABASE, like=EMPTY)
        return
    databases.create(servers.DATABASE)
    for command in ("migrate", "load_roles", "load_catalogue"):
        call_command(command, verbosity=0, stdout=StringIO())
    databases.create(EMPTY, like=servers.DATABASE)


def write(folder: Path, found: list[Results], facts: Mapping[str, str]) -> None:
    """Write the page and its pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    for results in found:
        for name, picture in results.pictures.items():
            (folder / name).write_text(picture)
    (folder / "README.md").write_text(page(found, facts))
    print(f"Written: {folder / 'README.md'}")
