"""manage.py prepare_demo: everything between empty servers and the first page."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from clinic import assets, static_files

LOADERS = ("load_roles", "load_catalogue", "load_demo")


class Command(BaseCommand):
    help = "Fetch assets, migrate, load the demo clinic. Safe, and quick, to run again."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self._say("Fetching the browser assets")
        assets.fetch()
        self._say("Preparing the database")
        call_command("migrate", interactive=False, verbosity=0)
        self._say("Loading the demo clinic")
        for loader in LOADERS:
            call_command(loader, stdout=self.stdout)
        self._say("Collecting static files")
        static_files.collect()

    def _say(self, what: str) -> None:
        self.stdout.write(f"... {what}")
        self.stdout.flush()
