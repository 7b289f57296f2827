"""Who was treated with a lot or a device, and what touched one patient."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.models import AppointmentStatus, ClaimReason
from bookings.services.reacting import tracing
from bookings.services.reacting.tracing import AMENDED, BOOKED, Sought, Span
from bookings.tests.factories import NOW, make_device, make_patient
from bookings.tests.reacting import DAY, make_done, make_reaction, make_record
from clinic.models import DeviceKind

pytestmark = pytest.mark.django_db


def touched(**sought):
    return tracing.trace(Sought(**sought)).touches


def names(touches):
    return [one.patient.first_name for one in touches]


def claim(session, device):
    session.claims.create(
        resource=device,
        during=session.during,
        why=ClaimReason.APPOINTMENT,
        role="device",
    )


def test_a_lot_is_found_in_kits_and_products_whatever_its_case():
    make_record(make_done(NOW - DAY, "Kit"), prp_lot="PK-1")
    make_record(make_done(NOW - 2 * DAY, "Gel"), lots={"pk-1": "Gel"})
    make_record(make_done(name="Other"), prp_lot="PK-10", lots={"G2": "Gel"})

    found = touched(lot="Pk-1")

    assert names(found) == ["Kit", "Gel"]
    assert [[thing.name for thing in one.things] for one in found] == [
        ["PRP kit"],
        ["Gel"],
    ]


def test_a_lot_of_a_version_that_was_amended_counts_and_says_so():
    session = make_done()
    make_record(session, prp_lot="PK-1")
    make_record(session, prp_lot="PK-2")

    [before], [now] = touched(lot="PK-1"), touched(lot="PK-2")

    assert (before.how, now.how) == (AMENDED, "")
    assert before.record.version == 1


def test_a_device_is_found_by_the_record_and_not_by_the_diary_against_it():
    booked, used = make_device(name="Booked"), make_device(name="Used")
    session = make_done()
    claim(session, booked)
    make_record(session, device=used)

    assert touched(device=booked) == []
    assert [one.how for one in touched(device=used)] == [""]


def test_a_device_is_found_by_the_diary_where_nothing_is_recorded():
    pen, session = make_device(), make_done()
    claim(session, pen)

    [one] = touched(device=pen)

    assert (one.how, one.record) == (BOOKED, None)


def test_a_centrifuge_is_found_by_the_diary_beside_a_record():
    spinner = make_device(device_kind=DeviceKind.CENTRIFUGE)
    session = make_done()
    claim(session, spinner)
    make_record(session)

    assert names(touched(device=spinner)) == ["Ada"]


def test_a_session_that_did_not_take_place_touched_nobody():
    pen, session = make_device(), make_done()
    claim(session, pen)
    session.status = AppointmentStatus.NO_SHOW
    session.save(update_fields=["status"])

    assert touched(device=pen) == []


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (0, 0, 1),
        (-1, 1, 1),
        (1, None, 0),
        (None, -1, 0),
        (None, None, 1),
    ],
)
def test_the_span_is_of_local_days_both_included(first, last, found):
    late = datetime(2026, 11, 11, 4, 30, tzinfo=UTC)  # 23:30 on the 10th in Ottawa
    make_record(make_done(late), prp_lot="PK-1")
    tenth = late.date() - DAY
    bounds = [None if n is None else tenth + timedelta(days=n) for n in (first, last)]

    assert len(touched(lot="PK-1", span=Span(*bounds))) == found


def test_sessions_without_a_record_are_counted_as_their_lots_are_unknown():
    make_done()
    make_done(NOW - 30 * DAY)
    make_record(make_done(name="Known"), prp_lot="PK-1")

    every = tracing.trace(Sought("PK-1"))
    lately = tracing.trace(Sought("PK-1", span=Span((NOW - 5 * DAY).date())))

    assert (every.unrecorded, lately.unrecorded) == (2, 1)


def test_a_lot_typed_otherwise_is_offered():
    make_record(prp_lot="PK-2031A", lots={"HG 77": "Gel"})

    assert tracing.trace(Sought("pk2031a")).alike == ["PK-2031A"]
    assert tracing.trace(Sought("hg-7")).alike == ["HG 77"]
    assert tracing.trace(Sought("ZZ")).alike == []
    assert tracing.trace(Sought("(((")).alike == []


def test_reactions_that_followed_are_counted():
    session = make_done()
    make_record(session, prp_lot="PK-1")
    make_reaction(session, severity="severe")
    make_reaction(session)

    found = tracing.trace(Sought("PK-1"))

    assert (len(found.patients), found.reactions, found.severe) == (1, 2, 1)


def test_back_from_a_patient_to_all_that_touched_the_skin():
    patient = make_patient()
    session = make_done()
    session.patient = patient
    session.save(update_fields=["patient"])
    pen = make_device(name="Pen 9")
    make_record(session, device=pen, prp_lot="PK-1", lots={"G1": "Gel"})
    make_record(make_done(name="Another"), prp_lot="PK-2")

    [one] = tracing.of_patient(patient)

    assert [(thing.name, thing.lot) for thing in one.things] == [
        ("Pen 9", ""),
        ("PRP kit", "PK-1"),
        ("Gel", "G1"),
    ]


def test_the_lots_used_last_are_offered_while_typing():
    make_record(prp_lot="PK-1", lots={"G1": "Gel", "": "Water"})

    assert tracing.lots() == ["G1", "PK-1"]


def queries():
    with CaptureQueriesContext(connection) as said:
        tracing.trace(Sought("PK-1"))
    return len(said)


def test_it_costs_the_same_for_one_session_and_three():
    def treat(name):
        session = make_done(name=name)
        make_record(session, prp_lot="PK-1", lots={"G1": "Gel"})
        make_reaction(session)

    treat("Ada")
    one = queries()
    treat("Bea")
    treat("Cyd")

    assert queries() == one
