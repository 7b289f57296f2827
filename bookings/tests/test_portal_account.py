"""My account: facts, e-mail address, consents, dates away, messages, the whole record."""

import io
import json
import zipfile
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.apps import apps
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import ForeignKey, OneToOneField
from django.test import Client
from django.utils import timezone

from bookings.models import (
    AccessLog,
    AwayDates,
    Consent,
    ConsentKind,
    Message,
    MessageStatus,
    Patient,
    PatientFile,
)
from bookings.services.portal import accounts, exports
from bookings.tests.factories import (
    NOW,
    make_answers,
    make_appointment,
    make_file,
    make_patient,
    make_plan,
    make_user,
)
from bookings.tests.portal import code_in, newest, signed_in_as
from bookings.tests.portal import worker as worker

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker")]
TODAY = timezone.localdate()


@pytest.fixture
def ada(db):
    return make_patient(phone="+16135550101")


@pytest.fixture
def as_ada(ada):
    return signed_in_as(ada)


# --- What is about me ---------------------------------------------------------------------


def test_details_are_changed_in_ones_own_name_and_pages_follow_the_language(
    ada, as_ada
):
    make_message(ada)
    typed = {
        "phone": "613-555-0199",
        "pronouns": "she/her",
        "language": "fr",
        "timezone": "America/Vancouver",
    }

    answer = as_ada.post("/my/account/details/", typed)

    assert answer.url == "/fr/my/account/"
    ada.refresh_from_db()
    assert (ada.phone, ada.pronouns) == ("+16135550199", "she/her")
    assert ada.timezone == "America/Vancouver"
    assert ada.messages.get().language == "fr"
    assert AccessLog.objects.filter(user=ada.user, patient=ada, what="changed").exists()
    assert (
        "Vos modifications sont enregistrées" in as_ada.get(answer.url).content.decode()
    )


def test_a_wrong_phone_is_refused_with_what_was_typed(as_ada):
    typed = {"phone": "12", "language": "en", "timezone": "America/Toronto"}

    answer = as_ada.post("/my/account/details/", typed)

    assert answer.status_code == 422
    assert b'value="12"' in answer.content


def test_name_and_birth_date_are_not_changed_here(ada, as_ada):
    typed = {"first_name": "Eve", "birth_date": "2000-01-01", "language": "en"}

    as_ada.post("/my/account/details/", typed | {"phone": "613-555-0101"})

    ada.refresh_from_db()
    assert (ada.first_name, ada.birth_date) == ("Ada", date(1992, 5, 4))


# --- E-mail address --------------------------------------------------------------------------


def test_a_new_address_counts_once_its_code_is_typed(ada, as_ada):
    key = ada.link_key
    answer = as_ada.post("/my/account/e-mail/", {"email": "New@example.org"})
    assert newest().to == ["new@example.org"]
    ada.refresh_from_db()
    assert ada.email == "ada@example.org"

    answer = as_ada.post(answer.url, {"code": code_in(newest())})

    assert answer.url == "/my/account/"
    ada.refresh_from_db()
    assert ada.email == ada.user.email == "new@example.org"
    assert ada.link_key != key
    assert newest().to == ["ada@example.org"]
    assert "new@example.org" not in newest().body
    assert as_ada.get("/my/account/").status_code == 200


def test_the_old_mailbox_no_longer_gets_in(ada, as_ada):
    there = signed_in_as(ada)
    as_ada.post("/my/account/e-mail/", {"email": "new@example.org"})
    as_ada.post("/my/account/e-mail/code/", {"code": code_in(newest())})

    assert there.get("/my/account/").status_code == 302
    assert accounts.opened_by("ada@example.org") is None


def test_a_wrong_code_changes_nothing(ada, as_ada):
    as_ada.post("/my/account/e-mail/", {"email": "new@example.org"})

    answer = as_ada.post("/my/account/e-mail/code/", {"code": "0000 0000"})

    assert answer.status_code == 422
    ada.refresh_from_db()
    assert ada.email == "ada@example.org"


def test_a_code_to_sign_in_does_not_change_an_address(ada, as_ada):
    as_ada.post("/my/account/e-mail/", {"email": "new@example.org"})
    as_ada.post("/my/sign-in/", {"email": "ada@example.org"})

    answer = as_ada.post("/my/account/e-mail/code/", {"code": code_in(newest())})

    assert answer.status_code == 422


def test_of_two_people_only_one_moves_to_another_address(ada):
    byron = make_patient(first_name="Byron")
    client = signed_in_as(ada)
    client.post("/my/who/", {"patient": byron.pk})
    client.post("/my/account/e-mail/", {"email": "byron@example.org"})
    client.post("/my/account/e-mail/code/", {"code": code_in(newest())})

    assert Patient.objects.get(pk=ada.pk).email == "ada@example.org"
    assert Patient.objects.get(pk=byron.pk).email == "byron@example.org"
    assert "Byron" in client.get("/my/account/").content.decode()
    assert client.post("/my/who/", {"patient": ada.pk}).status_code == 404


def test_a_known_address_is_asked_like_any_other(as_ada):
    make_patient(email="eve@example.org")
    for email in ("eve@example.org", "nobody@example.org"):
        answer = as_ada.post("/my/account/e-mail/", {"email": email})
        assert answer.url == "/my/account/e-mail/code/"
    assert len(mail.outbox) == 2


# --- Consents and dates away ---------------------------------------------------------------------


def test_each_word_about_letters_is_kept(ada, as_ada):
    for said in ("yes", "no"):
        typed = {"kind": ConsentKind.MARKETING, "say": said}
        assert as_ada.post("/my/account/letters/", typed).status_code == 302

    rows = Consent.objects.filter(patient=ada, kind=ConsentKind.MARKETING)
    assert [row.is_given for row in rows] == [False, True]
    assert {row.source for row in rows} == {"portal"}
    assert {row.recorded_by for row in rows} == {Patient.objects.get(pk=ada.pk).user}
    assert "You said no on" in as_ada.get("/my/account/").content.decode()


@pytest.mark.parametrize("kind", ["treatment", "photos", "nonsense", ""])
def test_consent_to_treatment_is_not_given_with_a_switch(as_ada, kind):
    as_ada.post("/my/account/letters/", {"kind": kind, "say": "yes"})

    assert not Consent.objects.exists()


def days(ahead, long, label=""):
    first = TODAY + timedelta(days=ahead)
    last = first + timedelta(days=long)
    return {"first_day": str(first), "last_day": str(last), "label": label}


def test_dates_away_are_added_seen_and_removed(ada, as_ada):
    as_ada.post("/my/account/away/", days(10, 4, "Lisbon"))
    as_ada.post("/my/account/away/", days(10, 4, "Lisbon"))

    row = ada.away_dates.get()
    assert "Lisbon" in as_ada.get("/my/account/").content.decode()
    as_ada.post(f"/my/account/away/{row.pk}/")
    assert not ada.away_dates.exists()


@pytest.mark.parametrize(
    ("ahead", "long"), [(10, -1), (-9, 8), (725, 6)], ids=["ends first", "past", "far"]
)
def test_dates_that_make_no_sense_are_refused(ada, as_ada, ahead, long):
    answer = as_ada.post("/my/account/away/", days(ahead, long))

    assert answer.status_code == 422
    assert not ada.away_dates.exists()


def test_a_visit_on_the_dates_stays_and_is_named(ada, as_ada):
    visit = make_appointment(patient=ada, starts_at=timezone.now() + timedelta(days=12))

    as_ada.post("/my/account/away/", days(10, 4))

    assert visit.code in as_ada.get("/my/account/").content.decode()


def test_somebody_elses_dates_are_not_there(as_ada):
    eve = make_patient(email="eve@example.org")
    row = AwayDates.objects.create(patient=eve, first_day=TODAY, last_day=TODAY)

    assert as_ada.post(f"/my/account/away/{row.pk}/").status_code == 404
    assert eve.away_dates.exists()


# --- Messages -------------------------------------------------------------------------------------


def make_message(patient, **fields):
    number = Message.objects.count()
    visit = fields.pop("appointment", None) or make_appointment(
        patient=patient, starts_at=timezone.now() + timedelta(days=20 + number)
    )
    defaults = {
        "rule": "confirmation",
        "due_at": timezone.now() + timedelta(days=1),
        "dedupe_key": f"test:{number}",
    }
    return Message.objects.create(
        patient=patient, appointment=visit, **defaults | fields
    )


def sent(patient, **fields):
    words = {
        "status": MessageStatus.SENT,
        "sent_at": timezone.now(),
        "subject": "Your visit",
        "text": "Hello",
        "html": "<p>Hello</p>",
        "recipient": patient.email,
    }
    return make_message(patient, **words | fields)


def test_messages_to_come_sent_and_never_sent_are_shown_honestly(ada, as_ada):
    visit = sent(ada).appointment
    make_message(ada, appointment=visit)
    make_message(ada, appointment=visit, status=MessageStatus.FAILED)
    make_message(ada, appointment=visit, status=MessageStatus.SUPPRESSED)
    gone = make_message(ada, appointment=visit, status=MessageStatus.SUPERSEDED)

    page = as_ada.get("/my/messages/").content.decode()

    assert page.count('cd-portal-row"') == 4
    assert "Comes " in page
    assert "We could not deliver it." in page
    assert "it was not needed" in page
    assert as_ada.get(f"/my/messages/{gone.pk}/").status_code == 404


def test_a_sent_message_reads_as_it_was_sent_in_a_frame_that_runs_nothing(ada, as_ada):
    letter = sent(ada)

    assert b"Your visit" in as_ada.get(f"/my/messages/{letter.pk}/").content
    frame = as_ada.get(f"/my/messages/{letter.pk}/page/")
    assert frame.content == b"<p>Hello</p>"
    assert "sandbox" in frame["Content-Security-Policy"]


def test_a_planned_message_reads_as_it_will(ada, as_ada):
    letter = make_message(ada)

    assert b"Planned for" in as_ada.get(f"/my/messages/{letter.pk}/").content
    assert b"<h1" in as_ada.get(f"/my/messages/{letter.pk}/page/").content


def test_somebody_elses_message_is_not_there(as_ada):
    letter = sent(make_patient(email="eve@example.org"))

    for address in (f"/my/messages/{letter.pk}/", f"/my/messages/{letter.pk}/page/"):
        assert as_ada.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/my/messages/", "/my/account/"])
def test_more_rows_cost_no_more_queries(ada, as_ada, count_queries, address):
    def add():
        visit = sent(ada).appointment
        make_message(ada, appointment=visit)
        ada.away_dates.create(first_day=TODAY, last_day=TODAY + timedelta(days=add.n))
        add.n += 1

    add.n = 1
    add()
    few = count_queries(as_ada, address)
    add()
    add()
    assert count_queries(as_ada, address) == few


# --- Everything the clinic keeps --------------------------------------------------------------------


def everything(client):
    answer = client.get("/my/export/?as=json")
    return json.loads(b"".join(answer.streaming_content))


def leads_to_a_patient(model, seen=frozenset()):
    if model is Patient:
        return True
    own = [
        field.related_model
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey | OneToOneField)
        and field.related_model._meta.app_label == "bookings"
        and field.related_model not in seen
    ]
    return any(leads_to_a_patient(one, seen | {model}) for one in own)


def test_every_kind_of_row_that_leads_to_a_patient_is_given_out():
    given = {table.model for table in exports.tables()} | set(exports.LEFT_OUT)
    models = apps.get_app_config("bookings").get_models()

    assert {model for model in models if leads_to_a_patient(model)} - given == set()


def test_every_table_can_be_read_and_written_out(ada, as_ada):
    assert {table.name for table in exports.tables()} < set(everything(as_ada))


def test_what_is_mine_is_there_and_what_is_anothers_is_not(ada, as_ada):
    plan = make_plan(patient=ada, wishes="Softer scars")
    make_answers(plan)
    visit = make_appointment(plan=plan, starts_at=NOW + timedelta(days=20))
    sent(ada, appointment=visit, text="Dear Ada")
    eve = make_patient(first_name="Eve", email="eve@example.org", phone="")
    make_plan(
        patient=eve, protocol=plan.protocol, wishes="Secret", location=plan.location
    )

    given = everything(as_ada)
    text = json.dumps(given)

    assert given["treatmentplan"][0]["wishes"] == "Softer scars"
    assert given["patient"][0]["email"] if isinstance(given["patient"], list) else True
    assert given["message"][0]["text"] == "Dear Ada"
    assert len(given["healthanswer"]) == 4
    assert len(given["appointment"]) == 1
    assert "Secret" not in text
    assert "eve@" not in text
    assert str(Patient.objects.get(pk=ada.pk).link_key) not in text


def test_what_stayed_with_a_record_merged_into_mine_is_there_too(ada, as_ada):
    old = make_patient(first_name="Adah", email="old@example.org")
    old.away_dates.create(first_day=TODAY, last_day=TODAY, label="Rome")
    Patient.objects.filter(pk=old.pk).update(merged_into=ada)

    given = everything(as_ada)

    assert [row["label"] for row in given["awaydates"]] == ["Rome"]


def test_the_archive_holds_a_page_the_data_and_the_files(
    ada, as_ada, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    file = SimpleUploadedFile("letter.pdf", b"%PDF-1.7")
    make_file(patient=ada, file=file)
    make_file(patient=ada, file="patient-files/gone.pdf")

    answer = as_ada.get("/my/export/?as=zip")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))

    assert archive.testzip() is None
    names = archive.namelist()
    assert names[:2] == ["read-me.html", "record.json"]
    assert [archive.read(name) for name in names[2:]] == [b"%PDF-1.7"]
    page = archive.read("read-me.html").decode()
    assert "<dd>Lovelace</dd>" in page
    assert "{" not in page
    assert answer.streaming
    assert "Ada" not in answer["Content-Disposition"]


def test_taking_the_record_away_is_written_down(ada, as_ada):
    as_ada.get("/my/export/")
    assert not AccessLog.objects.filter(what__startswith="export").exists()

    everything(as_ada)

    assert AccessLog.objects.get(what="export as json").patient == ada


def test_more_rows_of_a_kind_cost_no_more_queries_of_the_record(
    ada, as_ada, django_assert_max_num_queries
):
    plan = make_plan(patient=ada)
    for number in (1, 2, 3):
        starts = NOW + timedelta(days=50 * number)
        make_appointment(plan=plan, number=number, starts_at=starts)

    with django_assert_max_num_queries(4 * len(exports.tables())):
        everything(as_ada)


def test_a_key_is_never_in_the_record():
    shown = {f.name for t in exports.tables() for f in exports.fields_of(t.model)}

    assert not shown & {"link_key", "lease_token", "password"}
    assert isinstance(make_patient().link_key, UUID)


def test_my_account_offers_to_change_over_only_where_there_are_several(ada, as_ada):
    assert b"Change to somebody else" not in as_ada.get("/my/account/").content
    make_patient(first_name="Byron")
    client = signed_in_as(ada)
    client.post("/my/who/", {"patient": ada.pk})
    assert b"Change to somebody else" in client.get("/my/account/").content


def test_strangers_and_staff_get_no_record(client):
    ada = make_patient()
    make_file(patient=ada)
    for browser in (client, Client()):
        assert browser.get("/my/export/?as=zip").status_code == 302
    assert PatientFile.objects.exists()
    assert make_user()
