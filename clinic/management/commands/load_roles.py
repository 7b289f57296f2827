"""manage.py load_roles: the groups front desk, clinician and manager."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic import roles


class Command(BaseCommand):
    help = "Give the staff's three groups their permissions. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            changes = [change for change in roles.load_roles() if change]
        except roles.UnknownPermissionError as error:
            raise CommandError(f"No such permission: {error}. Migrate first.") from None
        for change in changes:
            self.stdout.write(_line(change))
        if not changes:
            self.stdout.write("The roles are as they should be; nothing changed.")


def _line(change: roles.RoleChange) -> str:
    """One line such as “Clinician (new): permissions 9 gained, 0 lost”."""
    name = f"{change.name} (new)" if change.is_new else change.name
    gained, lost = len(change.gained), len(change.lost)
    return f"{name}: permissions {gained} gained, {lost} lost"
