"""Looking at what the demo wrote."""

import hashlib
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta

from django.apps import apps
from django.contrib.auth.models import Group
from django.db.models import Min

from bookings.models import (
    AccessLog,
    Appointment,
    AppointmentKind,
    Claim,
    Message,
    Patient,
    Task,
    TreatmentPlan,
)
from bookings.services import diary
from clinic.models import Location, Practitioner, User

MORNING = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)  # a Tuesday, 8:00 in Ottawa
EVENING = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)  # the same day, 22:00
TODAY = date(2026, 11, 24)
WRITTEN_BY_THE_CLOCK = {"created_at", "at", "date_joined"}
DICE = {"link_key"}  # of every record its own
KEY_IN_A_LINK = re.compile(r"\?time=\d+")


def digest():
    """One fingerprint a table of everything the demo wrote, whatever its keys are."""
    tables = [
        model
        for label in ("clinic", "bookings")
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if not model.__name__.endswith("Event")
    ]
    lowest = {model: lowest_key(model) for model in [Group, *tables]}
    return {model.__name__: fingerprint(model, lowest) for model in tables}


def lowest_key(model):
    return model._default_manager.aggregate(low=Min("pk"))["low"] or 0


def fingerprint(model, lowest):
    skipped = {"password", "dedupe_key"} | DICE
    if model in (AccessLog, Patient, Message, User):
        skipped |= WRITTEN_BY_THE_CLOCK
    if model is Task:
        skipped |= {"key"}  # it names keys of other tables
    fields = [f for f in model._meta.concrete_fields if f.name not in skipped]
    rows = model._default_manager.order_by("pk").values_list(
        *(field.attname for field in fields)
    )
    said = hashlib.sha256()
    for row in rows:
        pairs = zip(fields, row, strict=True)
        said.update(repr([told(*pair, lowest) for pair in pairs]).encode())
    return len(rows), said.hexdigest()


def told(field, value, lowest):
    """A value, with keys counted from the lowest of their table."""
    if isinstance(value, str):
        return KEY_IN_A_LINK.sub("", value)
    target = field.related_model if field.is_relation else field.model
    counts = field.is_relation or field.primary_key
    return value - lowest.get(target, 0) if counts and value else value


def open_and_taken(first, last):
    """Minutes that each practitioner is open and taken, local days inclusive."""
    there, taken = Counter(), Counter()
    for place in Location.objects.all():
        for pk, spans in diary.open_spans(place, first, last).items():
            there[pk] += sum(end - start for start, end in spans)
    zone = Location.objects.first().zone
    for claim in Claim.objects.filter(resource__kind="practitioner"):
        if first <= claim.during.lower.astimezone(zone).date() <= last:
            length = claim.during.upper - claim.during.lower
            taken[claim.resource_id] += length // timedelta(minutes=1)
    staff = Practitioner.objects.values_list("pk", "name")
    return {name: (there[pk], taken[pk]) for pk, name in staff}


def share_taken(first, last):
    pairs = open_and_taken(first, last).values()
    return sum(taken for _there, taken in pairs) / sum(there for there, _taken in pairs)


def sessions():
    return (
        Appointment.objects.live()
        .filter(kind=AppointmentKind.SESSION)
        .select_related("location", "plan__protocol")
        .prefetch_related("claims", "plan__protocol__phases", "plan__protocol__roles")
        .order_by("plan", "number")
    )


def plan_of(last_name):
    return TreatmentPlan.objects.with_people().get(patient__last_name=last_name)
