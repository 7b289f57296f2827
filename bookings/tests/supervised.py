"""A place with a nurse all day and a doctor in the morning, and plans for its patients."""

from datetime import time, timedelta

from bookings.services.judging import PlannedSession
from bookings.tests.factories import (
    draft_protocol,
    make_device,
    make_doctor,
    make_hours,
    make_location,
    make_practitioner,
    make_room,
)
from bookings.tests.test_series_book import FIRST, local, make_approved
from clinic.models import Device, Practitioner, Room
from treatments.models import Protocol, ProtocolPhase, ProtocolRole

NURSE, DOCTOR = "C. Bouchard", "Dr Beaulieu"
LENGTH = timedelta(minutes=70)  # numbing 30, needling 30, turnover 10


def make_dermal_protocol():
    """Needling in the dermis, by whoever can, with a doctor on the premises."""
    protocol = draft_protocol(target_layer="dermis", needs_supervision=True)
    ProtocolRole.objects.create(
        protocol=protocol,
        name="supervisor",
        kind="practitioner",
        skills=["doctor"],
        shared=True,
        source="S1",
    )
    ProtocolPhase.objects.filter(protocol=protocol, name="needling").update(
        roles=["operator", "room", "device", "supervisor"]
    )
    Protocol.objects.filter(pk=protocol.pk).update(published_at=local(FIRST))
    return Protocol.objects.get(pk=protocol.pk)


def make_place():
    """The nurse from eight to six, the doctor, who does not needle, until noon."""
    place = make_location()
    for make in (make_room, make_device):
        make_hours(make(place))
    make_hours(make_practitioner(place, name=NURSE, skills=["needling"]))
    doctor = make_doctor(place, name=DOCTOR, skills=["doctor"])
    make_hours(doctor, closes=time(12))
    return place


def the_nurse():
    return Practitioner.objects.get(name=NURSE)


def the_doctor():
    return Practitioner.objects.get(name=DOCTOR)


def make_dermal(place=None, **fields):
    """An approved plan for one session in the dermis."""
    fields.setdefault("protocol", None)
    fields["protocol"] = fields["protocol"] or make_dermal_protocol()
    return make_approved(place or make_place(), session_count=1, **fields)


def at(plan, hour, *, supervisor=True, number=1, day=FIRST):
    """The nurse's session at `hour`, which may be a time, on the first day."""
    place = plan.location
    roles = {
        "operator": the_nurse().pk,
        "room": Room.objects.get(location=place).pk,
        "device": Device.objects.get(location=place).pk,
    }
    if supervisor:
        roles["supervisor"] = the_doctor().pk
    start = local(day, hour if isinstance(hour, time) else time(hour))
    return PlannedSession(number, start, start + LENGTH, roles)
