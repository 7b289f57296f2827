"""Work in the dermis is booked where a doctor may supervise, and nowhere else."""

from datetime import time

import pytest

from bookings.models import Appointment
from bookings.scheduling import Infeasible, Strategy, solve_each
from bookings.services import diary, shapes
from bookings.services.moves import moving
from bookings.services.refusals import BookingRefused
from bookings.services.supervising import able
from bookings.tests.factories import NOW, make_device, make_protocol
from bookings.tests.supervised import (
    DOCTOR,
    NURSE,
    at,
    make_dermal,
    make_dermal_protocol,
    make_place,
    the_doctor,
    the_nurse,
)
from bookings.tests.test_series_book import FIRST, book, local, make_approved
from clinic.models import Device, Practitioner, Resource

pytestmark = pytest.mark.django_db


def booked_at(plan, hour, **changes):
    book(plan, [at(plan, hour, **changes)])
    return Appointment.objects.get().local_start.time()


def offered(plan, *, after=time(8)):
    """The best time on the first day, with who fills which role; None without one."""
    request = diary.Request(FIRST, frozenset([1]), (after, time(17)))
    read = diary.read(plan, request, now=NOW)
    answer = solve_each(read.problem)[Strategy.EARLIEST_FINISH]
    if isinstance(answer, Infeasible):
        return None
    session = answer.plans[0].sessions[0]
    roles = {role: read.names[who] for role, who in session.roles.items()}
    return f"{session.start:%H:%M}", roles.get("operator"), roles.get("supervisor")


# --- Booking it -----------------------------------------------------------------------


@pytest.mark.parametrize("start", [time(10), time(11)])
def test_dermal_work_is_booked_while_a_doctor_is_there(start):
    assert booked_at(make_dermal(), start) == start


def test_the_doctor_stays_until_the_needling_is_over():
    plan = make_dermal()

    with pytest.raises(BookingRefused, match="Dr Beaulieu is not available"):
        book(plan, [at(plan, time(11, 1))])


def test_a_session_is_not_booked_without_naming_who_supervises():
    plan = make_dermal()

    with pytest.raises(BookingRefused, match="lacks a person"):
        book(plan, [at(plan, 10, supervisor=False)])


def test_who_may_not_supervise_is_no_supervisor_whatever_they_can_do():
    plan = make_dermal()
    Practitioner.objects.filter(name=DOCTOR).update(may_supervise=False)

    with pytest.raises(BookingRefused, match="Dr Beaulieu may not supervise session 1"):
        book(plan, [at(plan, 10)])


def test_who_is_no_doctor_is_no_supervisor_whatever_is_ticked():
    plan = make_dermal()
    Practitioner.objects.filter(name=DOCTOR).update(skills=["needling"])

    with pytest.raises(BookingRefused, match="may not supervise"):
        book(plan, [at(plan, 10)])


def test_a_provider_alone_is_booked_for_the_epidermis():
    plan = make_dermal(target_layer="epidermis")

    assert booked_at(plan, 15, supervisor=False) == time(15)


def test_who_may_supervise_needs_nobody_else():
    plan = make_dermal()
    Practitioner.objects.filter(name=NURSE).update(
        skills=["needling", "doctor"], may_supervise=True
    )
    session = at(plan, 15)
    session.roles["supervisor"] = the_nurse().pk

    book(plan, [session])

    assert Appointment.objects.get().claims.filter(role="supervisor").count() == 0


# --- Finding a time -------------------------------------------------------------------


def test_dermal_work_is_offered_only_with_a_doctor_there():
    plan = make_dermal()

    assert offered(plan) == ("08:00", NURSE, DOCTOR)
    assert offered(plan, after=time(11)) == ("11:00", NURSE, DOCTOR)
    assert offered(plan, after=time(11, 15)) is None


def test_the_epidermis_is_offered_at_any_hour_to_a_provider_alone():
    plan = make_dermal(target_layer="epidermis")

    assert offered(plan, after=time(15)) == ("15:00", NURSE, None)


def test_nothing_dermal_is_offered_once_the_only_doctor_may_not_supervise():
    plan = make_dermal()
    assert offered(plan)

    Practitioner.objects.filter(name=DOCTOR).update(may_supervise=False)

    assert offered(plan) is None


def test_a_plan_for_the_dermis_needs_a_doctor_where_its_protocol_does_not():
    place = make_place()
    plan = make_approved(
        place, protocol=make_protocol(), session_count=1, target_layer="dermis"
    )

    assert [one.name for one in shapes.roles_of(plan)][-1] == "supervisor"
    assert offered(plan, after=time(11)) == ("11:00", NURSE, DOCTOR)
    assert offered(plan, after=time(11, 15)) is None
    with pytest.raises(BookingRefused, match="Dr Beaulieu is not available"):
        book(plan, [at(plan, 15)])


def test_an_epidermal_plan_without_a_layer_of_its_own_needs_nobody():
    plan = make_approved(make_place(), protocol=make_protocol(), session_count=1)

    assert offered(plan, after=time(15)) == ("15:00", NURSE, None)


# --- Moving it ------------------------------------------------------------------------


def test_a_dermal_session_does_not_move_to_when_nobody_supervises():
    plan = make_dermal()
    book(plan, [at(plan, 9)])

    refused = moving.propose(Appointment.objects.get(), local(FIRST, time(13)), now=NOW)
    fits = moving.propose(Appointment.objects.get(), local(FIRST, time(11)), now=NOW)

    assert "no supervising doctor is free" in refused.refusal
    assert fits.can_be_accepted


def test_an_epidermal_session_moves_to_any_hour():
    plan = make_dermal(target_layer="epidermis")
    book(plan, [at(plan, 9, supervisor=False)])

    moved = moving.propose(Appointment.objects.get(), local(FIRST, time(13)), now=NOW)

    assert moved.can_be_accepted


# --- Devices --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "number", "skills"),
    [
        ("pen", 2, {"needling"}),
        ("centrifuge", 1, set()),
        ("centrifuge", 2, set()),
    ],
)
def test_what_needles_is_made_for_it_and_of_class_two(kind, number, skills):
    device = make_device(device_kind=kind, health_canada_class=number)

    row = able.with_ticks(Resource.objects.filter(pk=device.pk)).get()

    assert able.skills_of(row) == skills


def test_a_device_of_class_one_is_neither_offered_nor_booked():
    plan = make_dermal(protocol=make_dermal_protocol())
    Device.objects.update(device_kind="centrifuge", health_canada_class=1)

    assert offered(plan) is None
    with pytest.raises(BookingRefused, match="Pen 1 cannot do this part"):
        book(plan, [at(plan, 10)])


def test_a_skill_that_is_the_tick_itself_counts_for_nothing():
    make_place()
    Practitioner.objects.filter(name=NURSE).update(skills=[able.MAY_SUPERVISE])

    rows = able.with_ticks(Resource.objects.filter(kind="practitioner"))

    held = {row.name: able.MAY_SUPERVISE in able.skills_of(row) for row in rows}
    assert held == {NURSE: False, the_doctor().name: True}
