"""Whatever is sent to the front desk's doors: an answer in words, never a crash."""

from datetime import date, datetime, time, timedelta
from itertools import product
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signing import dumps
from django.urls import reverse
from django.utils import timezone

from bookings.forms.moves import WhereToForm
from bookings.forms.setup_hours import size_of
from bookings.models import (
    AccessLog,
    Appointment,
    AppointmentStatus,
    ConsultationRequest,
    Message,
    Patient,
    PatientFile,
    Task,
)
from bookings.services import confirmations, requests
from bookings.services.moves import undo
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_appointment,
    make_device,
    make_file,
    make_location,
    make_patient,
    make_place_with_people,
    make_practitioner,
    make_request,
    make_room,
    make_user,
)
from bookings.tests.series_desk import make_signed, propose, submit
from clinic.models import (
    Closure,
    Device,
    Location,
    Practitioner,
    Resource,
    Room,
    WeeklyHours,
)

pytestmark = pytest.mark.django_db

HUGE = "9" * 5000
DAYS = ["0001-01-01", "9999-12-31", "2026-02-30", "2026-02-29", "x", "", "\x00"]
KEYS = ["", "0", "-1", "x", "²", "٣", "\x00", "9" * 20, HUGE]
WORDS = ["\x00", "\ufffd", "a" * 3000, "%", "_", "\\", "'", "<script>alert(1)</script>"]
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def plan(db):
    return make_signed(make_place_with_people())


@pytest.fixture
def visit(plan, as_desk):
    submit(as_desk, plan, propose(as_desk, plan))
    return plan.appointments.order_by("number").first()


@pytest.fixture
def talk(plan):
    """A consultation of tomorrow, with nobody named."""
    return make_appointment(
        location=plan.location, starts_at=timezone.now() + timedelta(days=1)
    )


def codes(client, name, queries, *args, **headers):
    place = reverse(f"desk:{name}", args=args)
    return {client.get(place, query, **headers).status_code for query in queries}


# --- The diary ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["day", "day-feed", "day-sheet"])
def test_the_diary_makes_a_day_of_whatever_it_is_asked(as_desk, visit, name):
    del visit
    fields = ("date", "location", "by", "span", "who", "treatment", "open", "moving")
    queries = [
        {field: word} for field, word in product(fields, [*DAYS, *KEYS, *WORDS[:4]])
    ]
    queries += [
        {"date": day, "span": "week"}
        for day in ("1900-01-01", "2200-12-31", "2028-02-29", "2026-12-31")
    ]

    assert codes(as_desk, name, queries) == {200}


def test_a_clinic_without_a_place_has_words_for_it(as_desk):
    for name in ("day", "day-sheet", "book", "confirmations", "series-list"):
        assert as_desk.get(reverse(f"desk:{name}")).status_code == 200
    assert as_desk.get(reverse("desk:day-feed")).status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "day",
        "day-feed",
        "day-sheet",
        "find",
        "book",
        "patients",
        "patient-duplicates",
        "confirmations",
        "requests",
        "request-add",
        "series-list",
        "tasks",
        "waiting",
        "setup",
        "setup-closures",
    ],
)
def test_every_page_answers_htmx_heads_and_options(as_manager, visit, name):
    del visit
    place = reverse(f"desk:{name}")
    for target in ("drawer", "move-dialog", "x" * 999, ""):
        asked = as_manager.get(place, HTTP_HX_REQUEST="true", HTTP_HX_TARGET=target)
        assert asked.status_code == 200
    assert as_manager.head(place).status_code == 200
    for verb in ("options", "put", "patch", "delete"):
        assert getattr(as_manager, verb)(place).status_code in (200, 405)


# --- Finding ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["find", "patients", "book", "request-add"])
def test_any_words_find_somebody_or_nobody(as_desk, plan, name):
    dates = ["1.1.0001", "31.12.9999", "29 Feb 2027", "00-00-00", HUGE]
    queries = [{"q": words} for words in [*WORDS, *KEYS, *dates]]

    assert codes(as_desk, name, queries) == {200}
    other = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "results"}
    assert codes(as_desk, name, queries, **other) == {200}


def test_any_words_find_the_other_record_or_none(as_desk):
    queries = [{"q": words} for words in [*WORDS, *KEYS]]

    assert codes(as_desk, "patient-merge-choose", queries, make_patient().pk) == {200}


@pytest.mark.parametrize("name", ["patients", "requests"])
def test_any_page_number_is_a_page(as_desk, name):
    make_request()

    assert codes(as_desk, name, [{"page": key} for key in KEYS]) == {200}


@pytest.mark.parametrize("name", ["confirmations", "requests", "series-list"])
@pytest.mark.parametrize("shape", ["html", "csv"])
def test_what_a_board_does_not_know_filters_nothing(as_desk, visit, name, shape):
    del visit
    fields = ("location", "treatment", "practitioner", "doctor", "state", "days")
    queries = [
        {field: word, "format": shape}
        for field, word in product(fields, [*KEYS, *WORDS[:3]])
    ]

    assert codes(as_desk, name, queries) == {200}


# --- Booking and moving -------------------------------------------------------------


def test_an_address_to_book_that_makes_no_sense_is_a_page(as_desk, plan):
    elsewhere = make_practitioner(make_location()), make_room(make_location())
    fields = ("patient", "plan", "request", "practitioner", "room", "location")
    queries = [{field: key} for field, key in product(fields, KEYS)]
    queries += [
        {"date": day, "time": at, "patient": plan.patient_id}
        for day, at in product(DAYS, ["", "00:00", "24:00", "\x00", "23:59"])
    ]
    queries += [
        {"what": word, "kind": word, "arrive_from": word, "days": word}
        for word in [*WORDS, *KEYS]
    ]
    queries += [{"practitioner": elsewhere[0].pk, "room": elsewhere[1].pk}]

    assert codes(as_desk, "book", queries) <= {200, 422}


def test_a_booking_that_makes_no_sense_books_nothing(as_desk, plan):
    about = {"patient": plan.patient_id, "kind": "consultation"}
    tomorrow = (timezone.now() + timedelta(days=7)).date()
    days = [*DAYS, tomorrow.isoformat()]
    for day, key, note in product(days, KEYS[:5], ["", "x" * 999, "\x00"]):
        query = about | {"date": day, "time": "10:00", "practitioner": key}
        place = f"{reverse('desk:book')}?{urlencode(query)}"
        answer = as_desk.post(place, {"key": key, "note": note, "reason": note})
        assert answer.status_code == 422

    assert not Appointment.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize("kind", ["session", "talk"])
def test_a_move_to_people_or_rooms_that_make_no_sense_moves_nothing(
    as_desk, visit, talk, kind
):
    row = visit if kind == "session" else talk
    before = row.during
    elsewhere = make_location()
    others = [make_practitioner(elsewhere).pk, make_room(elsewhere).pk]
    where = {"day": row.local_date, "time": "10:00"}
    place = reverse("desk:appointment-move", args=[row.pk])
    wished = list(product(("practitioner", "room"), [*KEYS[1:], *others]))
    few = [("practitioner", HUGE), ("room", others[1])]  # a session looks far ahead
    for name, key in few if kind == "session" else wished:
        query = where | {name: key}
        for headers in ({}, {"HTTP_HX_REQUEST": "true"}):
            assert as_desk.get(place, query, **headers).status_code == 422
        answer = as_desk.post(f"{place}?{urlencode(query)}", {"version": row.version})
        assert answer.status_code == 422
    row.refresh_from_db()
    assert row.during == before


def test_a_talk_moves_to_no_day_outside_the_calendar(as_desk, talk):
    place = reverse("desk:appointment-move", args=[talk.pk])
    for day, at in product(DAYS, ["00:00", "23:59", "25:00", "\x00", ""]):
        query = urlencode({"day": day, "time": at})
        for version in ("1", HUGE, "-1", "x"):
            answer = as_desk.post(f"{place}?{query}", {"version": version})
            assert answer.status_code == 422


@pytest.mark.parametrize(
    ("day", "at", "fits"),
    [
        (date(2026, 3, 8), time(1, 59), True),
        (date(2026, 3, 8), time(2, 0), False),
        (date(2026, 3, 8), time(2, 59), False),
        (date(2027, 3, 14), time(2, 30), False),
        (date(2027, 3, 14), time(3, 0), True),
        (date(2026, 11, 1), time(1, 30), True),
    ],
)
def test_a_time_that_the_clocks_skip_is_no_time_to_move_to(day, at, fits):
    form = WhereToForm({"day": day, "time": at}, place=make_location())

    assert form.is_valid() == fits
    if not fits:
        assert form.errors["time"] == ["The clocks skip that time on that day."]


def test_a_time_that_comes_twice_is_the_first_of_the_two():
    form = WhereToForm({"day": "2026-11-01", "time": "01:30"}, place=make_location())

    assert form.is_valid()
    assert form.start().utcoffset() == timedelta(hours=-4)


def test_what_took_place_did_not_at_a_time_that_the_clocks_skipped(as_desk):
    night = datetime(2026, 3, 8, 0, 30, tzinfo=make_location().zone)
    row = make_appointment(starts_at=night, status=AppointmentStatus.IN_SESSION)
    place = reverse("desk:appointment-change", args=[row.pk, "done"])
    typed = {"done-day": "2026-03-08", "done-time": "02:30", "version": "1"}

    answer = as_desk.post(place, typed)

    assert answer.status_code == 422
    assert "The clocks skip that time" in answer.content.decode()


# --- Undo, and the way back ---------------------------------------------------------


def test_a_token_of_another_make_undoes_nothing(as_desk, desk, visit):
    before = visit.during
    sealed = {"rows": [[visit.pk, None, "x"]], "actor": desk.pk, "patient": 1}
    forged = [dumps(sealed), dumps(sealed, salt="bookings.move"), "a:b:c", HUGE, "\x00"]
    for token in ["", *forged]:
        for headers in ({}, {"HTTP_HX_REQUEST": "true"}):
            answer = as_desk.post(reverse("desk:undo"), {"token": token}, **headers)
            assert answer.status_code in (200, 302)
    visit.refresh_from_db()
    assert (visit.during, visit.is_live) == (before, True)


def test_the_token_of_somebody_else_undoes_nothing(as_desk, visit):
    with undo.recording(visit, actor=make_user(), now=timezone.now()) as record:
        Appointment.objects.filter(pk=visit.pk).update(status="confirmed")

    answer = as_desk.post(reverse("desk:undo"), {"token": record.token}, follow=True)

    assert "Only who did it can undo it" in answer.content.decode()
    visit.refresh_from_db()
    assert visit.status == "confirmed"


@pytest.mark.parametrize(
    "there", ["https://evil.example.org/", "//evil.example.org", "javascript:1", "\x00"]
)
def test_nobody_is_sent_to_another_site(as_desk, visit, there):
    step = reverse("desk:appointment-change", args=[visit.pk, "confirm"])
    for place, typed in (
        (reverse("desk:undo"), {"token": "x"}),
        (step, {"version": visit.version, "status": "booked"}),
    ):
        answer = as_desk.post(place, typed | {"next": there})
        assert answer.status_code == 302
        assert answer.url.startswith("/desk/")


@pytest.mark.parametrize("verb", ["confirm", "arrive", "begin", "back", "reopen"])
def test_a_step_takes_no_rubbish(as_desk, talk, verb):
    place = reverse("desk:appointment-change", args=[talk.pk, verb])
    for version, status in product(KEYS, ["", "x", HUGE]):
        typed = {"version": version, "status": status}
        assert as_desk.post(place, typed).status_code == 422
    talk.refresh_from_db()
    assert talk.status == AppointmentStatus.BOOKED


@pytest.mark.parametrize("note", ["\x00", "x" * 5000])
def test_a_note_takes_no_rubbish_and_keeps_what_was_typed(as_desk, talk, note):
    place = reverse("desk:appointment-change", args=[talk.pk, "note"])

    answer = as_desk.post(place, {"note-note": note, "note-seen": "x:y"})

    assert answer.status_code == 422
    talk.refresh_from_db()
    assert talk.note == ""


# --- Records ------------------------------------------------------------------------


def test_two_records_become_one_only_if_there_are_two(as_desk):
    kept, gone, third = (make_patient() for _ in range(3))
    Patient.objects.filter(pk=gone.pk).update(merged_into=kept)
    for one, other, code in (
        (kept.pk, kept.pk, 422),
        (kept.pk, gone.pk, 404),
        (gone.pk, third.pk, 404),
        (kept.pk, 10**18, 404),
    ):
        place = reverse("desk:patient-merge", args=[one, other])
        assert as_desk.post(place, {"seal": "x"}).status_code == code
    place = reverse("desk:patient-merge", args=[kept.pk, third.pk])
    for seal in ("", "\x00", HUGE):
        answer = as_desk.post(place, {"seal": seal, "email": "gone", "phone": "gone"})
        assert answer.status_code == 422
    third.refresh_from_db()
    assert third.merged_into is None


@pytest.mark.parametrize("key", [*KEYS[1:], "10"])
def test_a_request_is_of_somebody_who_is_there(as_desk, key):
    place = reverse("desk:request-add")

    assert as_desk.get(place, {"patient": key}).status_code == 404
    assert as_desk.post(place, {"choose": key}).status_code == 404


def test_a_request_of_a_merged_record_is_refused(desk):
    kept, gone = make_patient(), make_patient()
    Patient.objects.filter(pk=gone.pk).update(merged_into=kept)

    with pytest.raises(BookingRefused, match="merged into another"):
        requests.add(gone, actor=desk, now=NOW, words="A talk")

    assert not ConsultationRequest.objects.exists()


def test_a_call_about_the_visit_of_a_record_merged_meanwhile_is_not_left_behind(desk):
    row, kept = make_appointment(starts_at=NOW + timedelta(days=1)), make_patient()
    Patient.objects.filter(pk=row.patient_id).update(merged_into=kept)

    with pytest.raises(BookingRefused, match="merged into another"):
        confirmations.no_answer(row, actor=desk, now=NOW)

    assert not Task.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        'a"; filename="b.exe',
        "a\r\nSet-Cookie: x=1.pdf",
        "résumé \u202efdp.exe",
        "x" * 250,
        ".pdf",
    ],
)
def test_a_file_is_handed_out_under_a_name_without_harm(as_desk, name, settings):
    person = make_patient()
    upload = SimpleUploadedFile(name, b"%PDF-1.7 <script>alert(1)</script>")

    as_desk.post(reverse("desk:patient-file-add", args=[person.pk]), {"file": upload})

    row = PatientFile.objects.get()
    answer = as_desk.get(reverse("desk:patient-file", args=[row.pk]))
    b"".join(answer.streaming_content)
    answer.close()
    said = answer["Content-Disposition"]
    assert said.startswith("attachment")
    assert not {"\r", "\n"} & set(said)
    assert "/" not in row.name
    assert row.name.endswith(".pdf")
    assert "\u202e" not in row.name


def test_a_consent_takes_no_rubbish(as_desk):
    person = make_patient()
    place = reverse("desk:patient-consent", args=[person.pk])
    for word in [*WORDS, *KEYS]:
        typed = {"kind": word, "is_given": word, "source": word}
        assert as_desk.post(place, typed).status_code == 422
        assert as_desk.get(place, {"kind": word}).status_code == 200
    assert not person.consents.exists()


@pytest.mark.parametrize("words", ["=1+1", " =1+1", "\t=1", "\n=1", "+1", "@x", "-1"])
def test_no_cell_of_a_file_acts_as_a_formula(as_desk, words):
    make_patient(first_name=words, last_name=words)
    make_request(words=f"{words}\nsecond line")

    for name in ("patients", "requests"):
        page = as_desk.get(reverse(f"desk:{name}"), {"format": "csv"})
        cells = page.content.decode().split(",")
        assert not [one for one in cells if one.strip('" \t\n').startswith(("=", "@"))]


# --- The set-up ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["locations", "practitioners", "rooms", "devices"])
def test_a_thing_of_the_clinic_takes_no_rubbish(as_manager, kind):
    make_device()
    before = [model.objects.count() for model in (Location, Resource)]
    for word in [*WORDS[:3], *KEYS, *DAYS]:
        fields = ("name", "slug", "location", "skills", "user", "licence_expires_on")
        typed = dict.fromkeys(fields, word) | {"timezone": "../etc", "phone": word}
        place = reverse("desk:setup-add", args=[kind])
        assert as_manager.post(place, typed).status_code == 422
        assert as_manager.get(place, {"location": word}).status_code == 200
    assert [model.objects.count() for model in (Location, Resource)] == before


def test_a_shift_with_an_endless_number_is_none():
    assert size_of({f"day0-{HUGE}-opens": "", "day0-²-opens": "", "day0": ""}) == 1


def test_hours_take_no_rubbish(as_manager):
    room = make_room()
    place = reverse("desk:setup-hours-change", args=[room.pk])
    for word in [*DAYS, *KEYS]:
        typed = {
            "first": word,
            "last": word,
            "seen": word,
            "day0-0-opens": word,
            "day7-²-opens": word,
            "source": word,
            "target": word,
        }
        for button in ("save", "copy", "more", "x"):
            answer = as_manager.post(place, typed | {button: "1"})
            assert answer.status_code in (200, 422)
        query = {"from": word, "like": word, "until": word}
        assert as_manager.get(place, query).status_code == 200
    assert not WeeklyHours.objects.exists()


def test_a_closure_takes_no_rubbish(as_manager):
    make_room()
    place = reverse("desk:setup-closure-add")
    whoms = ["clinic", "room", "location:", "resource:x", f"resource:{HUGE}", "\x00"]
    for day, whom in product(DAYS, whoms):
        typed = {"name": "x", "kind": "holiday", "first_day": day, "last_day": day}
        typed |= {"whom": whom, "agreed": "x"}
        assert as_manager.post(place, typed).status_code == 422
    for day in [*DAYS, "2027-02-03"]:
        holidays = as_manager.post(reverse("desk:setup-holidays"), {"day": [day]})
        assert holidays.status_code == 422
    for key in KEYS:
        assert as_manager.get(place, {"resource": key}).status_code == 200
    assert not Closure.objects.exists()


# --- Words that look like markup, and who looked ------------------------------------


def test_markup_in_names_is_shown_as_words_on_every_page(as_manager, visit, talk):
    Patient.objects.update(first_name=EVIL, last_name=EVIL)
    Practitioner.objects.update(name=EVIL, credential=EVIL[:20])
    Room.objects.update(name=EVIL)
    Device.objects.update(name=EVIL)
    Appointment.objects.update(note=EVIL, reason=EVIL)
    make_file(patient=visit.patient)
    make_request(patient=visit.patient, words=EVIL)
    day = {"date": visit.local_date.isoformat()}
    for place in (
        f"{reverse('desk:day')}?{urlencode(day)}",
        f"{reverse('desk:day')}?{urlencode(day | {'moving': visit.pk})}",
        f"{reverse('desk:day-sheet')}?{urlencode(day)}",
        reverse("desk:drawer", args=[visit.pk]),
        reverse("desk:appointment-move", args=[visit.pk]),
        reverse("desk:appointment-move", args=[talk.pk]),
        reverse("desk:patient", args=[visit.patient_id]),
        f"{reverse('desk:book')}?patient={visit.patient_id}",
        f"{reverse('desk:find')}?q=script",
        reverse("desk:confirmations"),
        reverse("desk:requests"),
        reverse("desk:series-list"),
        reverse("desk:setup"),
        reverse("desk:setup-closure-add"),
        reverse("desk:patient-merge", args=[visit.patient_id, talk.patient_id]),
    ):
        shown = as_manager.get(place).content.decode()
        assert "<script>alert" not in shown, place


def logged(client, name, *args, **query):
    before = AccessLog.objects.count()
    client.get(reverse(f"desk:{name}", args=args), query)
    return AccessLog.objects.count() - before


def test_whoever_opens_a_record_is_written_down(as_desk, visit, talk):
    del talk
    day = {"date": visit.local_date.isoformat()}
    file = make_file(patient=visit.patient)

    assert logged(as_desk, "drawer", visit.pk) == 1
    assert logged(as_desk, "appointment", visit.pk) == 1
    assert logged(as_desk, "appointment-move", visit.pk) == 1
    assert logged(as_desk, "patient", visit.patient_id) == 1
    assert logged(as_desk, "patient-edit", visit.patient_id) == 1
    assert logged(as_desk, "patient-consent", visit.patient_id) == 1
    assert logged(as_desk, "patient-merge-choose", visit.patient_id) == 1
    assert logged(as_desk, "book", patient=visit.patient_id) == 1
    assert logged(as_desk, "day-sheet", **day) >= 1
    assert logged(as_desk, "day", **day, format="csv") >= 1
    assert logged(as_desk, "patients", format="csv") == Patient.objects.count()
    assert logged(as_desk, "confirmations") >= 1
    answer = as_desk.get(reverse("desk:patient-file", args=[file.pk]))
    answer.close()


def test_with_initials_alone_the_diary_names_nobody(as_desk, visit, talk):
    Patient.objects.update(last_name="Quillfeather")
    for row in (visit, talk):
        query = {
            "date": row.local_date.isoformat(),
            "location": row.location.slug,
            "names": "initials",
            "open": row.pk,
            "moving": row.pk,
        }
        for name in ("day", "day-feed"):
            for span in ("day", "week"):
                shown = as_desk.get(reverse(f"desk:{name}"), query | {"span": span})
                assert "Quillfeather" not in shown.content.decode(), (name, span)
        for name in ("drawer", "appointment-move"):
            place = reverse(f"desk:{name}", args=[row.pk])
            part = as_desk.get(place, HTTP_HX_REQUEST="true").content.decode()
            assert "Quillfeather" not in part, name
