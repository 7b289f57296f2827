"""The benchmarks' own door: python -m benchmarks [--quick] [names]."""

import argparse
import sys
from importlib import import_module

import django

from benchmarks import databases

databases.point_the_settings()

from clinic import servers  # noqa: E402  (reads where the servers are)

SUITES = ("proposal", "growth", "booking", "memory")
PAGE = servers.REPOSITORY / "docs" / "benchmarks"


def main() -> int:
    """Run the suites asked for on a fresh database, and write the page of them all."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("suites", nargs="*", help=", ".join(SUITES))
    options.add_argument("--quick", action="store_true", help="less, in two minutes")
    chosen = options.parse_args()
    if unknown := set(chosen.suites) - set(SUITES):
        options.error(f"no such suite: {', '.join(sorted(unknown))}")
    with servers.running(databases.HOME):
        django.setup()
        return measure(chosen.suites or list(SUITES), quick=chosen.quick)


def measure(names: list[str], *, quick: bool) -> int:
    """Run each suite; where all of them ran at length, write the page."""
    run = import_module("benchmarks.run")
    return int(run.suites(names, quick=quick, folder=PAGE))


if __name__ == "__main__":
    sys.exit(main())
