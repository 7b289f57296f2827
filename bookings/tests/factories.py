"""Builders of rows. Their defaults are dull: what a test mentions is what matters."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import Group
from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    AnswerValue,
    Appointment,
    AppointmentKind,
    HealthAnswer,
    Patient,
    PlanStatus,
    TreatmentPlan,
)
from clinic import roles
from clinic.models import (
    Device,
    DeviceKind,
    Location,
    Practitioner,
    Resource,
    Room,
    User,
    WeeklyHours,
)
from treatments.models import (
    BodyArea,
    Concern,
    Protocol,
    ProtocolPhase,
    ProtocolRole,
    SessionCount,
    SuitabilityRule,
    Treatment,
)

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Ottawa
TODAY = date(2026, 11, 24)

_number = count(1)


# --- The clinic ---------------------------------------------------------------------


def make_location(**fields: Any) -> Location:
    defaults = {
        "name": "Centretown",
        "slug": f"place-{next(_number)}",
        "address": "1 Elgin Street",
        "city": "Ottawa",
        "phone": "613-555-0100",
    }
    return Location.objects.create(**defaults | fields)


def make_user(role: str = "", **fields: Any) -> User:
    """An account with the permissions of `role`; of none where it is empty."""
    defaults = {
        "email": f"person{next(_number)}@example.org",
        "first_name": "Robin",
        "last_name": "Roy",
    }
    user = User.objects.create_user(password="a fine password", **defaults | fields)
    if role:
        roles.load_roles()
        user.groups.add(Group.objects.get(name=role))
    return user


def make_practitioner(location: Location | None = None, **fields: Any) -> Practitioner:
    defaults = {"name": "Dr Okafor", "skills": ["needling", "consult"]}
    return _make_resource(Practitioner, location, defaults | fields)


def make_doctor(location: Location | None = None, **fields: Any) -> Practitioner:
    defaults = {"skills": ["needling", "rf", "prp", "consult", "doctor"]}
    return make_practitioner(location, **{"may_supervise": True} | defaults | fields)


def make_room(location: Location | None = None, **fields: Any) -> Room:
    defaults = {"name": "Room 1", "skills": ["treatment", "consult"]}
    return _make_resource(Room, location, defaults | fields)


def make_device(location: Location | None = None, **fields: Any) -> Device:
    defaults = {
        "name": "Pen 1",
        "skills": ["needling"],
        "device_kind": DeviceKind.PEN,
        "health_canada_class": 2,
        "licence_number": "100001",
        "licence_expires_on": date(2030, 12, 31),
        "in_service_from": date(2020, 1, 1),
    }
    return _make_resource(Device, location, defaults | fields)


def make_hours(resource: Resource, **fields: Any) -> list[WeeklyHours]:
    """Monday to Friday, 8 to 18, local time."""
    defaults = {"opens": time(8), "closes": time(18)}
    return [
        WeeklyHours.objects.create(
            resource_id=resource.pk, weekday=weekday, **defaults | fields
        )
        for weekday in range(5)
    ]


def make_place_with_people() -> Location:
    """A location where one microneedling session after another can be given."""
    location = make_location()
    for make in (make_doctor, make_room, make_device):
        make_hours(make(location))
    return location


def _make_resource(model: Any, location: Location | None, fields: Any) -> Any:
    code = {"code": f"thing-{next(_number)}"}
    place = {"location": location or make_location()}
    return model.objects.create(**place | code | fields)


# --- What it offers -----------------------------------------------------------------
