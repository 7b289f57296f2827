"""manage.py assets: fetch what the pages need into node_modules/."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic import assets


class Command(BaseCommand):
    help = "Fetch the browser assets that package-lock.json names. Safe to run again."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            fetched = assets.fetch()
        except assets.AssetsFailed:
            raise CommandError("npm could not fetch the browser assets.") from None
        done = "are fetched" if fetched else "are here already; nothing changed"
        self.stdout.write(f"The browser assets {done}.")
