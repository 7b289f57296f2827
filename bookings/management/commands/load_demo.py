"""manage.py load_demo: an invented clinic to try Cadence with."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from bookings.services.demo import loader, today


@transaction.atomic
def _load(*, now: datetime) -> loader.Figures | None:
    """The clinic as it is every time, and its day as far as `now`."""
    figures = loader.load(now=now)
    if figures:
        today.come_as_far_as(now)
    return figures


class Command(BaseCommand):
    help = (
        "Load the demo clinic into an empty database: two locations, two hundred "
        "invented patients, diaries filled from today on. Safe to run again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            figures = _load(now=timezone.now())
        except loader.DemoRefusedError as refusal:
            raise CommandError(str(refusal)) from None
        if figures is None:
            self.stdout.write("The demo clinic is here already; nothing changed.")
            return
        self.stdout.write(
            f"The demo clinic is ready: {figures.patients} patients, "
            f"{figures.plans} plans, {figures.appointments} appointments, "
            f"{figures.claims} claims, {figures.messages} messages."
        )
