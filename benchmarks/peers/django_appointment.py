"""django-appointment's own slot search, on the same diary in tables of its own.

What is measured is the function that its pages call for a day, once for each day:
`appointment.services.get_available_slots_for_staff`. DATABASE_URL names a database of
its own, as postgres://user@/folder-of-the-socket/name.

    python -m benchmarks.peers.django_appointment < questions
"""

import json
import os
import sys
from datetime import date, time, timedelta
from time import perf_counter
from typing import Any
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings


def configure() -> None:
    """The fewest settings that it runs with; times are local, as in its forms."""
    address = urlsplit(os.environ["DATABASE_URL"])
    socket, name = address.path[1:].rsplit("/", 1)
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": name,
                "USER": address.netloc.removesuffix("@"),
                "HOST": unquote(socket),
            }
        },
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "appointment",
        ],
        USE_TZ=True,
        TIME_ZONE="America/Toronto",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        LOGGING_CONFIG=None,
    )
    django.setup()


# Its log goes to standard output, where the answers are expected.
ANSWERS, sys.stdout = sys.stdout, sys.stderr
configure()

from appointment import models, services  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402


def load(diaries: list[list[list[str]]], opens: str, closes: str) -> None:
    """Staff with these bookings, each (date, start, end), at work Monday to Friday."""
    call_command("migrate", verbosity=0)
    call_command("migrate", run_syncdb=True, verbosity=0)  # it ships no migrations
    hours = {"start_time": opens, "end_time": closes}
    models.Config.objects.create(
        slot_duration=15, lead_time=opens, finish_time=closes, appointment_buffer_time=0
    )
    service = models.Service.objects.create(
        name="Needling", duration=timedelta(minutes=30), price=0
    )
    for number, diary in enumerate(diaries):
        user = User.objects.create(username=f"staff-{number}")
        staff = models.StaffMember.objects.create(user=user)
        staff.services_offered.add(service)
        for day in range(1, 6):
            models.WorkingHours.objects.create(
                staff_member=staff, day_of_week=day, **hours
            )
        _book(staff, service, diary)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _book(staff: Any, service: Any, diary: list[list[str]]) -> None:
    requests = models.AppointmentRequest.objects.bulk_create(
        models.AppointmentRequest(
            date=date.fromisoformat(day),
            start_time=time.fromisoformat(start),
            end_time=time.fromisoformat(end),
            service=service,
            staff_member=staff,
        )
        for day, start, end in diary
    )
    models.Appointment.objects.bulk_create(
        models.Appointment(client=staff.user, appointment_request=request)
        for request in requests
    )


def search(first: str, days: int) -> list[str]:
    """Every free slot of the first staff member on so many days."""
    staff = models.StaffMember.objects.get(user__username="staff-0")
    service = models.Service.objects.get()
    found = []
    for number in range(days):
        day = date.fromisoformat(first) + timedelta(days=number)
        weekday = day.isoweekday() % 7  # Sunday is 0
        slots = services.get_available_slots_for_staff(
            day, staff, weekday, service=service
        )
        found += [slot.isoformat() for slot in slots]
    return found


def measured(first: str, days: int) -> dict[str, Any]:
    """Milliseconds of one search, and what it found."""
    start = perf_counter()
    slots = search(first, days)
    return {"ms": (perf_counter() - start) * 1000, "slots": slots}


def counted(first: str, days: int) -> dict[str, int]:
    """How many queries one search asks."""
    with CaptureQueriesContext(connection) as queries:
        search(first, days)
    return {"queries": len(queries)}


def main() -> None:
    for line in sys.stdin:
        question = json.loads(line)
        what = question.pop("what")
        answer: dict[str, Any] = {}
        if what == "load":
            load(**question)
        else:
            answer = {"search": measured, "count": counted}[what](**question)
        print(json.dumps(answer), file=ANSWERS, flush=True)


if __name__ == "__main__":
    main()
