"""The pages around a session record: today, the form, its draft, the signed record."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from bookings.models import (
    AccessLog,
    AppointmentStatus,
    RecordDraft,
    SessionRecord,
    Task,
    TaskKind,
)
from bookings.services.moves import changes
from bookings.tests.conftest import signed_in
from bookings.tests.factories import make_area, make_protocol, make_user
from bookings.tests.records import (
    DERMAL,
    HOUR,
    MINUTE,
    amend,
    fresh,
    make_session,
    make_supervisor,
    nurse_of,
    off_rota,
    sign,
)

pytestmark = pytest.mark.django_db
TODAY = reverse("review:today")


def begun(**fields):
    """A session that began an hour ago by the real clock, and its nurse's browser."""
    row = make_session(starts_at=timezone.now() - HOUR, **fields)
    return row, signed_in(nurse_of(row))


def page(row, name="record"):
    return reverse(f"review:{name}", args=[row.code])


def filled(row, **changes):
    """The form as the plan fills it, with the endpoint tapped."""
    local = (timezone.now() - 2 * MINUTE).astimezone(row.location.zone)
    began = local - timedelta(minutes=10)
    [area] = row.plan.areas.all()
    fields = {
        "page": "this-page",
        "seen": "",
        "version": "0",
        "area": [area.area_id],
        "treated": [area.area_id],
        f"depth-{area.area_id}": str(area.depth_mm),
        f"passes-{area.area_id}": str(area.passes),
        "device": row.claims.get(role="device").resource_id,
        "anaesthetic": "none",
        "endpoint": "yes",
        "day": local.date().isoformat(),
        "began": f"{began:%H:%M}",
        "ended": f"{local:%H:%M}",
    }
    return fields | {name.replace("__", "-"): value for name, value in changes.items()}


# --- Today ----------------------------------------------------------------------------


def test_today_shows_ones_own_sessions_and_everyones_on_demand():
    row, nurse = begun()
    other, _client = begun(location=row.location)

    mine, all_of_them = nurse.get(TODAY), nurse.get(f"{TODAY}?who=everyone")

    assertContains(mine, page(row))
    assertNotContains(mine, page(other))
    assertContains(all_of_them, page(other))


def test_somebody_who_treats_nobody_sees_everyone(as_manager):
    row, _nurse = begun()

    assertContains(as_manager.get(TODAY), page(row))


def test_one_tap_starts_a_session_and_leads_to_its_record():
    row, nurse = begun(status=AppointmentStatus.ARRIVED)

    answer = nurse.post(
        page(row, "record-start"), {"version": row.version, "status": row.status}
    )

    assertRedirects(answer, page(row))
    assert fresh(row).status == AppointmentStatus.IN_SESSION


def test_a_session_that_cannot_start_says_why():
    row, nurse = begun(status=AppointmentStatus.CANCELLED)

    answer = nurse.post(page(row, "record-start"), {})

    assertContains(answer, "is marked “Cancelled” by now", status_code=422)


def test_today_lists_what_is_owed_and_what_waits_for_a_second_signature():
    row, nurse = begun(protocol=make_protocol(rules=(), **DERMAL))
    doctor = make_supervisor(row)
    sign(
        row,
        supervisor=doctor,
        confirmed=off_rota(doctor),
        started_at=row.starts_at,
        ended_at=row.ends_at - HOUR / 2,
    )
    owed = make_session(starts_at=timezone.now() - timedelta(days=3))
    changes.complete(
        owed,
        performed_at=timezone.now() - timedelta(days=3),
        actor=make_user(),
        now=timezone.now(),
    )

    assertContains(signed_in(doctor.user).get(TODAY), "For you to co-sign")
    assertNotContains(nurse.get(TODAY), "For you to co-sign")
    assertContains(signed_in(nurse_of(owed)).get(TODAY), "Still to record")


def test_today_costs_the_same_for_one_session_and_for_three(count_queries):
    row, nurse = begun()
    address = f"{TODAY}?who=everyone"
    nurse.get(address)
    one = count_queries(nurse, address)
    for _number in range(2):
        begun(location=row.location)

    assert count_queries(nurse, address) == one


# --- The form -------------------------------------------------------------------------


def test_the_form_starts_from_the_plan_and_is_signed_in_one_go():
    row, nurse = begun()

    shown = nurse.get(page(row))
    answer = nurse.post(page(row), filled(row))

    assertContains(shown, "Plan: 1.5 mm")
    assertRedirects(answer, page(row))
    assert SessionRecord.objects.get().appointment == row
    assert fresh(row).status == AppointmentStatus.DONE
    assert AccessLog.objects.filter(what="session record", patient=row.patient).exists()


def test_a_value_outside_the_plan_is_shown_to_be_confirmed_with_everything_kept():
    row, nurse = begun()
    key = row.plan.areas.get().area_id
    typed = filled(row, note="Calm skin", **{f"depth__{key}": "1.8"})

    refused = nurse.post(page(row), typed)

    assertContains(refused, "Confirm each one, or put it right", status_code=422)
    assertContains(refused, f'value="depth-{key}-1.8"', status_code=422)
    assertContains(refused, "Calm skin", status_code=422)
    assertRedirects(
        nurse.post(page(row), typed | {"confirm": f"depth-{key}-1.8"}), page(row)
    )


def test_needles_go_no_deeper_than_two_millimetres():
    row, nurse = begun()
    key = row.plan.areas.get().area_id

    refused = nurse.post(page(row), filled(row, **{f"depth__{key}": "2.1"}))

    assertContains(refused, "no deeper than 2.0 mm", status_code=422)


@pytest.mark.parametrize(
    "typed",
    [
        {"endpoint": "perhaps"},
        {"device": "0"},
        {"day": "soon"},
        {"began": "25:00"},
        {"treated": ["x"]},
        {"area": ["9" * 30, "\0"]},
        {"version": "-1", "endpoint": ""},
        {"products": ["\x1f", "Ge\0l\x1f1"], "endpoint": ""},
        {"products": ["Ge\0l\x1f1", "x" * 300]},
    ],
)
def test_rubbish_is_refused_in_words(typed):
    row, nurse = begun()

    assert nurse.post(page(row), filled(row) | typed).status_code in (302, 422)


def test_a_doctor_who_was_not_there_is_shown_to_be_confirmed():
    row, nurse = begun(protocol=make_protocol(rules=(), **DERMAL))
    doctor = make_supervisor(row)
    doctor.hours.all().delete()

    refused = nurse.post(page(row), filled(row, supervisor=doctor.pk))

    assertContains(refused, f'value="supervisor-{doctor.pk}"', status_code=422)


def test_a_draft_kept_by_hand_leads_back_to_today():
    row, nurse = begun()

    answer = nurse.post(page(row), filled(row, note="So far", keep="1"))

    assertRedirects(answer, TODAY)
    assertContains(nurse.get(page(row)), "So far")


def test_an_area_is_added_without_losing_what_was_typed():
    row, nurse = begun()
    neck = make_area(name="Neck")

    typed = filled(row, note="Half way", add="1", add_area=neck.pk)
    answer = nurse.post(page(row), typed, follow=True)

    assertContains(answer, "not in the plan")
    assertContains(answer, "Half way")


def test_what_is_typed_is_kept_and_says_what_lies_outside_the_plan():
    row, nurse = begun()
    key = row.plan.areas.get().area_id

    kept = nurse.post(
        page(row, "record-draft"), filled(row, note="So far", **{f"passes__{key}": "9"})
    )

    assertContains(kept, "Draft kept")
    assertContains(kept, f'value="passes-{key}-9"')
    assertContains(nurse.get(page(row)), "So far")
    assert "csrfmiddlewaretoken" not in RecordDraft.objects.get().typed


def test_a_draft_is_discarded_on_demand():
    row, nurse = begun()
    nurse.post(page(row, "record-draft"), filled(row, note="So far"))

    nurse.post(page(row), {"discard": "1"})

    assertNotContains(nurse.get(page(row)), "So far")


def test_somebody_elses_newer_draft_is_not_overwritten():
    row, nurse = begun()
    other = signed_in(make_user("Clinician", first_name="Luc", last_name="Côté"))
    other.post(page(row, "record-draft"), filled(row, page="theirs", note="Theirs"))

    refused = nurse.post(page(row, "record-draft"), filled(row, note="Mine"))

    assertContains(refused, "Luc Côté went on with this record", status_code=422)
    assertContains(nurse.get(page(row)), "Theirs")


def test_who_signs_second_finds_everything_in_an_amendment():
    row, nurse = begun()
    nurse.post(page(row), filled(row))

    refused = nurse.post(page(row), filled(row, note="My own words"))

    assertContains(refused, "Why it is amended", status_code=422)
    assertContains(refused, "My own words", status_code=422)


def test_a_session_that_was_cancelled_has_nothing_to_record():
    row, nurse = begun(status=AppointmentStatus.CANCELLED)

    assertContains(nurse.get(page(row)), "nothing to record")


@pytest.mark.parametrize("code", ["0000-0", "nonsense", "2W1P-X"])
def test_a_code_that_is_nobodys_leads_nowhere(as_clinician, code):
    address = reverse("review:record", args=[code])

    assert as_clinician.get(address).status_code == 404


# --- The signed record ----------------------------------------------------------------


def test_a_signed_record_is_read_amended_with_a_reason_and_shows_its_trail():
    row, nurse = begun()
    nurse.post(page(row), filled(row))
    amended = filled(row, version="1", endpoint="partly", why="Looked again")

    refused = nurse.post(page(row, "record-amend"), amended | {"why": ""})
    answer = nurse.post(page(row, "record-amend"), amended, follow=True)

    assertContains(refused, "the reason stays in the record", status_code=422)
    assertContains(answer, "Looked again")
    assertContains(answer, "<s>Even petechiae</s>")


def test_amending_starts_from_what_was_signed():
    row, nurse = begun()
    typed = filled(row, note="As signed", product__0="Serum", lot__0="HA-7")
    nurse.post(page(row), typed)

    shown = nurse.get(page(row, "record-amend"))

    assertContains(shown, "As signed")
    assertContains(shown, "HA-7")


def test_a_doctor_co_signs_and_the_task_is_done():
    row, nurse = begun(protocol=make_protocol(rules=(), **DERMAL))
    doctor = make_supervisor(row)
    nurse.post(
        page(row), filled(row, supervisor=doctor.pk, confirm=list(off_rota(doctor)))
    )
    record = SessionRecord.objects.get()
    place = reverse("review:record-cosign", args=[record.pk])

    refused = nurse.post(place)
    assertContains(signed_in(doctor.user).get(page(row)), "Co-sign")
    answer = signed_in(doctor.user).post(place, follow=True)

    assertContains(refused, "what they have signed themselves", status_code=422)
    assertContains(answer, "co-signed")
    assert not Task.objects.open().filter(kind=TaskKind.COSIGN).exists()


def test_alerts_lead_to_the_record_that_waits():
    row, nurse = begun(protocol=make_protocol(rules=(), **DERMAL))
    doctor = make_supervisor(row)
    sign(
        row,
        supervisor=doctor,
        confirmed=off_rota(doctor),
        started_at=row.starts_at,
        ended_at=row.ends_at - HOUR / 2,
    )

    assertContains(nurse.get(reverse("review:alerts")), page(row))


# --- Where else it is shown -------------------------------------------------------------


def test_the_patients_record_and_the_drawer_show_it_only_to_those_who_may(as_desk):
    row, nurse = begun()
    nurse.post(page(row), filled(row))
    places = (
        reverse("desk:patient", args=[row.patient_id]),
        reverse("desk:drawer", args=[row.pk]),
        reverse("desk:appointment", args=[row.pk]),
    )

    for place in places:
        assertContains(nurse.get(place), page(row))
        assertNotContains(as_desk.get(place), page(row))


def test_a_patients_records_cost_the_same_for_one_and_for_three(count_queries):
    row, nurse = begun()
    sign(row, started_at=row.starts_at, ended_at=row.ends_at - HOUR / 2)
    place = reverse("desk:patient", args=[row.patient_id])
    nurse.get(place)
    one = count_queries(nurse, place)
    amend(row, note="More", started_at=row.starts_at, ended_at=row.ends_at - HOUR / 2)

    assert count_queries(nurse, place) == one
