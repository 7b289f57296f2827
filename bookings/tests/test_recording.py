"""Session records: what is refused, what is confirmed, what a signature does."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from bookings.models import (
    AppointmentStatus,
    RecordCosign,
    RecordDraft,
    SessionRecord,
    Task,
    TaskKind,
)
from bookings.services import alerts
from bookings.services.moves import backwards, changes, undo
from bookings.services.recording import (
    cosigning,
    drafts,
    lots,
    owing,
    reading,
    starting,
    trail,
)
from bookings.services.recording.drafts import Page
from bookings.services.recording.values import AreaDone, Used
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_area,
    make_device,
    make_protocol,
    make_user,
)
from bookings.tests.records import (
    DERMAL,
    HOUR,
    MINUTE,
    PAGE,
    amend,
    area_of,
    contents_of,
    fresh,
    make_session,
    make_supervisor,
    nurse_of,
    sign,
)
from bookings.tests.threads import at_once

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def dermal(**fields):
    return make_session(protocol=make_protocol(rules=(), **DERMAL), **fields)


# --- What a signature does ------------------------------------------------------------


def test_signing_keeps_what_was_done_and_ends_the_session():
    row = make_session()

    record = sign(row, reaction="A little swelling", note="Calm")

    row = fresh(row)
    assert row.status == AppointmentStatus.DONE
    assert row.completed_at == record.ended_at == NOW - 5 * MINUTE
    [area] = record.areas.all()
    assert (area.area.name, area.depth_mm, area.passes) == ("Face", Decimal("1.5"), 4)
    assert (record.version, record.endpoint, record.note) == (1, "yes", "Calm")
    assert record.signed_by == nurse_of(row)


def test_the_next_window_counts_from_the_day_of_the_record():
    row = make_session(starts_at=NOW - 2 * DAY, status=AppointmentStatus.BOOKED)

    sign(row, started_at=NOW - DAY - HOUR, ended_at=NOW - DAY)

    assert fresh(row).anchor_date == date(2026, 11, 23)


def test_a_session_that_the_desk_marked_as_done_is_recorded_as_it_stands():
    row = make_session()
    ended = NOW - 2 * MINUTE
    changes.complete(row, performed_at=ended, actor=make_user(), now=NOW)

    sign(row)

    assert fresh(row).completed_at == ended


def test_a_record_of_another_day_moves_the_day_from_which_the_window_counts():
    row = make_session(starts_at=NOW - 2 * DAY, status=AppointmentStatus.BOOKED)
    changes.complete(row, performed_at=NOW - 2 * DAY, actor=make_user(), now=NOW)

    sign(row, started_at=NOW - DAY - HOUR, ended_at=NOW - DAY)

    assert fresh(row).anchor_date == date(2026, 11, 23)


def test_what_is_refused_leaves_the_session_as_it_was():
    row = make_session()

    with pytest.raises(BookingRefused):
        sign(row, endpoint="")

    assert fresh(row).status == AppointmentStatus.IN_SESSION
    assert not SessionRecord.objects.exists()


def test_a_signed_record_is_locked_in_the_database():
    record = sign(make_session())

    with pytest.raises(DatabaseError), transaction.atomic():
        SessionRecord.objects.filter(pk=record.pk).update(note="Other words")


def test_front_desk_signs_no_record():
    with pytest.raises(BookingRefused, match="signed by clinicians"):
        sign(make_session(), actor=make_user("Front desk"))


def test_a_session_that_did_not_take_place_has_no_record():
    row = make_session(status=AppointmentStatus.CANCELLED)

    with pytest.raises(BookingRefused, match="Cancelled"):
        sign(row)


def test_the_second_to_sign_is_told_who_did_and_loses_nothing():
    row = make_session()
    sign(row)

    with pytest.raises(BookingRefused, match="Robin Roy signed this record on Tue 24"):
        sign(row)

    assert SessionRecord.objects.count() == 1


def test_an_ended_session_is_not_taken_back_once_its_record_is_signed():
    row = make_session()
    sign(row)

    with pytest.raises(BookingRefused, match="Its record is signed"):
        backwards.back(fresh(row), actor=make_user(), now=NOW)


def test_undo_does_not_take_back_a_recorded_session():
    row, who = make_session(), make_user()
    with undo.recording(row, actor=who, now=NOW) as kept:
        changes.complete(row, performed_at=NOW - 5 * MINUTE, actor=who, now=NOW)
    sign(row)

    with pytest.raises(BookingRefused, match="Its record is signed"):
        undo.undo(kept.token, actor=who, now=NOW)


# --- Limits ---------------------------------------------------------------------------


@pytest.mark.parametrize(("most", "depth"), [("2.0", "2.1"), ("1.0", "1.1")])
def test_deeper_than_the_limit_is_refused_even_when_confirmed(most, depth):
    row = make_session(protocol=make_protocol(rules=(), max_depth_mm=most), depth="0.5")
    areas = area_of(row, depth_mm=Decimal(depth))
    ticked = frozenset({f"depth-{areas[0].area.pk}-{depth}"})

    with pytest.raises(BookingRefused, match=f"no deeper than {most} mm"):
        sign(row, areas=areas, confirmed=ticked)


def test_the_limit_itself_is_allowed():
    row = make_session(depth="2.0")

    assert sign(row).areas.get().depth_mm == Decimal("2.0")


@pytest.mark.parametrize("changed", [{"depth_mm": Decimal("1.6")}, {"passes": 5}])
def test_more_than_the_plan_says_is_confirmed_value_by_value(changed):
    row = make_session()
    areas = area_of(row, **changed)
    key, [value] = areas[0].area.pk, changed.values()
    name = "depth" if "depth_mm" in changed else "passes"

    with pytest.raises(BookingRefused, match="outside the plan"):
        sign(row, areas=areas, confirmed=frozenset({f"{name}-{key}-9"}))
    record = sign(row, areas=areas, confirmed=frozenset({f"{name}-{key}-{value}"}))

    assert [one["code"] for one in record.confirmed_beyond] == [f"{name}-{key}-{value}"]


@pytest.mark.parametrize("changed", [{"depth_mm": Decimal("0.5")}, {"passes": 3}])
def test_less_than_the_plan_says_asks_nothing(changed):
    row = make_session()

    assert sign(row, areas=area_of(row, **changed)).confirmed_beyond == []


@pytest.mark.parametrize(
    ("passes", "is_confirmed"), [(14, True), (15, False), (20, False), (21, True)]
)
def test_passes_outside_the_range_of_the_roller_are_confirmed(passes, is_confirmed):
    protocol = make_protocol(rules=(), passes_min=15, passes_max=20)
    row = make_session(protocol=protocol, passes=20)
    areas = area_of(row, passes=passes)
    ticked = frozenset({f"passes-{areas[0].area.pk}-{passes}"})

    record = sign(row, areas=areas, confirmed=ticked)

    assert bool(record.confirmed_beyond) == is_confirmed


def test_an_area_that_is_not_in_the_plan_is_confirmed():
    row, neck = make_session(), make_area(name="Neck")
    areas = (*contents_of(row).areas, AreaDone(neck, Decimal("0.5"), 2))

    with pytest.raises(BookingRefused, match="outside the plan"):
        sign(row, areas=areas)
    record = sign(row, areas=areas, confirmed=frozenset({f"area-{neck.pk}"}))

    assert record.areas.count() == 2


def test_something_was_treated():
    with pytest.raises(BookingRefused, match="which area"):
        sign(make_session(), areas=())


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"licence_expires_on": date(2026, 11, 23)}, "expired on 23 Nov 2026"),
        ({"in_service_until": date(2026, 11, 23)}, "not in service"),
        ({"in_service_from": date(2026, 11, 25)}, "not in service"),
        ({"skills": ["rf"]}, "not made for"),
        ({"device_kind": "centrifuge"}, "not made for"),
    ],
)
def test_a_device_fits_and_is_licensed_on_that_day(fields, said):
    row = make_session()

    with pytest.raises(BookingRefused, match=said):
        sign(row, device=make_device(row.location, **fields))


@pytest.mark.parametrize("field", ["licence_expires_on", "in_service_until"])
def test_the_last_day_of_a_licence_and_of_service_counts(field):
    row = make_session()
    pen = make_device(row.location, **{field: date(2026, 11, 24)})

    assert sign(row, device=pen).device == pen


def test_a_session_ends_after_it_starts_and_not_in_the_future():
    row = make_session()

    with pytest.raises(BookingRefused, match="must end after it starts"):
        sign(row, ended_at=NOW - HOUR)
    with pytest.raises(BookingRefused, match="lies in the future"):
        sign(row, ended_at=NOW + MINUTE)


# --- Supervision and the second signature ---------------------------------------------


def test_dermal_work_names_the_doctor_who_supervised_and_waits_for_a_second_signature():
    row = dermal()
    doctor = make_supervisor(row)

    with pytest.raises(BookingRefused, match="Name the doctor"):
        sign(row)
    record = sign(row, supervisor=doctor)

    assert record.needs_cosignature
    [task] = Task.objects.open().filter(kind=TaskKind.COSIGN)
    assert "waits for the co-signature of Dr Okafor" in task.words
    assert task.patient == row.patient


def test_a_doctor_who_may_supervise_signs_alone():
    row = dermal()
    doctor = make_supervisor(row)

    record = sign(row, actor=doctor.user)

    assert not record.needs_cosignature
    assert not Task.objects.filter(kind=TaskKind.COSIGN).exists()


def test_work_in_the_epidermis_needs_no_second_signature():
    assert not sign(make_session()).needs_cosignature


def test_an_epidermal_plan_of_a_dermal_treatment_needs_none_either():
    row = dermal(depth="0.2")
    type(row.plan).objects.filter(pk=row.plan_id).update(target_layer="epidermis")

    assert not sign(row).needs_cosignature


def test_a_doctor_who_was_not_on_the_rota_is_confirmed():
    row = dermal()
    doctor = make_supervisor(row)
    doctor.hours.all().delete()

    with pytest.raises(BookingRefused, match="outside the plan"):
        sign(row, supervisor=doctor)

    assert (
        sign(
            row, supervisor=doctor, confirmed=frozenset({f"supervisor-{doctor.pk}"})
        ).supervisor
        == doctor
    )


def test_only_a_doctor_who_may_supervise_co_signs_and_only_once():
    row = dermal()
    doctor, other = make_supervisor(row), make_supervisor(row)
    record = sign(row, supervisor=doctor)

    with pytest.raises(BookingRefused, match="what they have signed themselves"):
        cosigning.cosign(record, actor=nurse_of(row), now=NOW)
    with pytest.raises(BookingRefused, match="A doctor who may supervise"):
        cosigning.cosign(record, actor=make_user("Clinician"), now=NOW)
    cosigning.cosign(record, actor=doctor.user, now=NOW)
    with pytest.raises(BookingRefused, match="co-signed it already"):
        cosigning.cosign(record, actor=other.user, now=NOW)

    assert not Task.objects.open().filter(kind=TaskKind.COSIGN).exists()
    assert RecordCosign.objects.get().by == doctor.user


def test_a_record_that_needs_no_second_signature_gets_none():
    row = make_session()

    with pytest.raises(BookingRefused, match="needs no second signature"):
        cosigning.cosign(sign(row), actor=make_supervisor(row).user, now=NOW)


def test_the_task_to_co_sign_is_not_closed_with_a_note():
    row = dermal()
    sign(row, supervisor=make_supervisor(row))
    task = Task.objects.open().get(kind=TaskKind.COSIGN)

    with pytest.raises(BookingRefused, match="closes by itself"):
        alerts.answer(task, note="Seen", actor=make_user("Clinician"), now=NOW)


# --- Amendments -----------------------------------------------------------------------


def test_an_amendment_is_another_version_that_says_why_and_what_changed():
    row = make_session()
    sign(row)

    amend(row, endpoint="partly", note="Seen again")

    newest, first = trail.of(reading.versions(row))
    assert (first.record.version, newest.record.version) == (1, 2)
    assert newest.record.why_amended == "Typed too fast"
    assert [(line.what, line.before, line.now) for line in newest.lines] == [
        ("Endpoint", "Even petechiae", "Partly"),
        ("Note", "blank", "Seen again"),
    ]


def test_an_amendment_needs_a_reason():
    row = make_session()
    sign(row)

    with pytest.raises(BookingRefused, match="Say why"):
        amend(row, why="  ")


def test_an_amendment_of_an_older_version_is_refused():
    row = make_session()
    sign(row)
    amend(row, note="First")

    with pytest.raises(BookingRefused, match="signed this record"):
        amend(row, note="Second")

    assert reading.current(row).note == "First"


def test_an_amended_record_is_co_signed_anew_and_the_old_version_no_more():
    row = dermal()
    doctor = make_supervisor(row)
    first = sign(row, supervisor=doctor)
    cosigning.cosign(first, actor=doctor.user, now=NOW)

    second = amend(row, supervisor=doctor, note="More")

    assert reading.awaits_cosignature(second)
    assert Task.objects.open().get(kind=TaskKind.COSIGN).key == f"cosign:{second.pk}"
    with pytest.raises(BookingRefused, match="amended since"):
        cosigning.cosign(first, actor=doctor.user, now=NOW)


def test_an_amended_day_moves_the_next_window():
    row = make_session(starts_at=NOW - 2 * DAY, status=AppointmentStatus.BOOKED)
    sign(row)

    amend(row, started_at=NOW - DAY - HOUR, ended_at=NOW - DAY)

    assert fresh(row).anchor_date == date(2026, 11, 23)


# --- Drafts ---------------------------------------------------------------------------


def keep(row, page=PAGE, actor=None, now=NOW, **typed):
    typed = {name: [text] for name, text in typed.items()}
    return drafts.keep(row, typed, page, actor=actor or nurse_of(row), now=now)


def test_what_is_typed_is_kept_until_it_is_signed():
    row = make_session()
    keep(row, note="So far")
    keep(row, note="So far so good", now=NOW + MINUTE)

    assert drafts.of(row).value("note") == ["So far so good"]
    sign(row)
    assert not RecordDraft.objects.exists()


def test_another_page_does_not_overwrite_what_it_has_not_seen():
    row = make_session()
    draft = keep(row, note="Mine")

    with pytest.raises(BookingRefused, match="went on with this record on another"):
        keep(row, page=Page("other", ""), note="Theirs")
    keep(row, page=Page("other", drafts.stamp(draft)), note="Both", now=NOW + MINUTE)

    assert drafts.of(row).value("note") == ["Both"]


def test_a_page_that_has_not_seen_the_newest_draft_does_not_sign():
    row = make_session()
    keep(row, page=Page("other", ""), note="Theirs")

    with pytest.raises(BookingRefused, match="on another screen"):
        sign(row)


def test_words_that_arrive_after_the_signature_make_no_draft():
    row = make_session()
    sign(row)

    with pytest.raises(BookingRefused, match="signed this record"):
        keep(row, note="Late")


# --- Where a record starts ------------------------------------------------------------


def test_a_record_starts_from_the_plan_and_what_is_booked():
    row = make_session()
    expired = make_device(
        row.location, name="Pen 9", licence_expires_on=date(2026, 1, 1)
    )
    make_device(row.location, name="RF 1", skills=["rf"])

    start = starting.of(row, actor=nurse_of(row), now=NOW)

    [area] = start.areas
    assert (area.depth_mm, area.passes) == (Decimal("1.5"), 4)
    assert [(one.device.name, one.is_booked) for one in start.fit] == [("Pen 1", True)]
    assert [one.device for one in start.unfit] == [expired]
    assert start.numbing == "Topical cream, 30 minutes"
    assert start.ended == NOW


def test_the_last_lots_of_a_location_are_offered_first():
    row = make_session()
    sign(row, products=(Used("Serum", "HA-1"), Used("Serum", "HA-2"), Used("Mask")))

    offered = lots.products(row.location, now=NOW)

    assert {one.name for one in offered} == {"Serum", "Mask"}
    assert lots.products(row.location, now=NOW + 91 * DAY) == []


# --- Records that are owed -------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "is_asked"), [(1, False), (2, True), (29, True), (31, False)]
)
def test_a_record_is_asked_for_once_the_day_after_is_over(days, is_asked):
    row = make_session()
    changes.complete(row, performed_at=NOW, actor=make_user(), now=NOW)

    owing.reconcile(now=NOW + days * DAY)

    assert Task.objects.open().filter(kind=TaskKind.RECORD).exists() == is_asked


def test_signing_closes_the_task_that_asks_for_the_record():
    row = make_session()
    changes.complete(row, performed_at=NOW - 5 * MINUTE, actor=make_user(), now=NOW)
    owing.reconcile(now=NOW + 2 * DAY)
    owing.reconcile(now=NOW + 40 * DAY)
    assert Task.objects.open().filter(kind=TaskKind.RECORD).count() == 1

    sign(row)

    assert not Task.objects.open().filter(kind=TaskKind.RECORD).exists()


def test_what_is_done_no_more_is_owed_no_more():
    row = make_session()
    changes.complete(row, performed_at=NOW, actor=make_user(), now=NOW)
    owing.reconcile(now=NOW + 2 * DAY)
    backwards.back(fresh(row), actor=make_user(), now=NOW)

    owing.reconcile(now=NOW + 3 * DAY)

    assert not Task.objects.open().filter(kind=TaskKind.RECORD).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_sign_at_once_one_is_told():
    row = make_session()
    sayings = at_once(lambda: sign(row), lambda: sign(row))

    assert SessionRecord.objects.count() == 1
    assert sum("signed this record" in str(one) for one in sayings) == 1
