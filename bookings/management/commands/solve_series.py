"""manage.py solve_series: solve series problems in the exchange format."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from bookings.scheduling import Malformed, parse, solve, to_json

MALFORMED = 2


class Command(BaseCommand):
    """Problems in, answers out; neither a database nor a broker is needed."""

    help = "Solve one series problem, or with --lines the problem on each line."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a file, or - for standard input, and --lines."""
        parser.add_argument("problem", help="a file of JSON, or - for standard input")
        parser.add_argument(
            "--lines",
            action="store_true",
            help="read a problem from each line, and write an answer for each",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer what was asked; a single malformed problem exits with status 2."""
        name = options["problem"]
        try:
            with _opened(name) as source:
                self._answer(source, lines=options["lines"])
        except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
            words = _("%(name)s: this file cannot be read (%(why)s).")
            why = {"name": name, "why": error.strerror}
            raise CommandError(words % why) from error

    def _answer(self, source: Iterable[bytes], *, lines: bool) -> None:
        if lines:
            for line in source:
                self._write(_answer_line(line))
            return
        try:
            self._write(_solved(b"".join(source)))
        except Malformed as error:
            self.stderr.write(str(error))
            sys.exit(MALFORMED)

    def _write(self, answer: dict[str, object]) -> None:
        self.stdout.write(json.dumps(answer))
        self.stdout.flush()


def _opened(name: str) -> AbstractContextManager[BinaryIO]:
    """The file of that name, or standard input for -."""
    return nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb")


def _answer_line(line: bytes) -> dict[str, object]:
    """The answer to one line of many, malformed or not."""
    try:
        return _solved(line)
    except Malformed as error:
        return {"status": "malformed", "error": str(error)}


def _solved(text: bytes) -> dict[str, object]:
    """The answer to one problem; raises Malformed where it is none."""
    try:
        problem = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed("problem", "is not JSON that can be read") from error
    return to_json(solve(parse(problem)))
