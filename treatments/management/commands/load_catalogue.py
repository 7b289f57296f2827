"""Loads the treatments on offer from their data file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from treatments.services import loading
from treatments.services.catalogue_file import CatalogueMalformedError, read


class Command(BaseCommand):
    help = (
        "Make the tables say what the catalogue says. The same catalogue again changes "
        "nothing; a changed protocol becomes a new version."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", nargs="?", type=Path, default=loading.CATALOGUE, help="a TOML file"
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="write nothing; say what would change, exit status 1 if anything",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        check: bool = options["check"]
        try:
            with transaction.atomic():
                wanted = read(options["file"])
                changes = loading.load(wanted, now=timezone.now())
                kept = loading.kept(wanted)
                transaction.set_rollback(check)
        except CatalogueMalformedError as error:
            raise CommandError(" ".join(str(error).split()), returncode=2) from error
        for change in changes:
            self.stdout.write(change)
        for line in kept:
            self.stdout.write(f"Kept as published here. {line}, says the file.")
        if not changes:
            self.stdout.write("The catalogue is up to date.")
        elif check:
            raise SystemExit(1)
