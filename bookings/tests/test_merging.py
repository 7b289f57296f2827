"""Two records of one person made one: nothing is lost, nothing half done."""

from datetime import date, timedelta

import pghistory.models
import pgtrigger
import pytest
from django.apps import apps
from django.db import DatabaseError, transaction

from bookings.models import (
    AccessLog,
    Appointment,
    AppointmentStatus,
    AwayDates,
    Consent,
    ConsentKind,
    HealthAnswer,
    Message,
    MessageStatus,
    Patient,
    PatientMerge,
    Task,
)
from bookings.services import merging, patients
from bookings.services.people import duplicates
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_answer,
    make_appointment,
    make_area,
    make_patient,
    make_plan,
    make_protocol,
    make_task,
    make_user,
)
from bookings.tests.letterbox import make_message
from bookings.tests.waiting import make_entry

pytestmark = pytest.mark.django_db

FILLED = {"size": 1, "added_at": NOW, "asked_at": NOW, "taken_at": NOW, "at": NOW}


def make_two(**gone):
    """The same person twice: the older record, and one with a row of every kind."""
    return make_patient(), fill(make_patient(**gone))


def fill(patient):
    """A row of every model that belongs to a patient."""
    plan = make_plan(patient=patient)
    visit = make_appointment(plan=plan)
    make_message(visit, dedupe_key=f"m{visit.pk}", status=MessageStatus.PLANNED)
    make_entry(plan=plan, patient=patient)
    make_task(patient=patient)
    make_answer(patient=patient)
    patient.away_dates.create(first_day=date(2027, 1, 1), last_day=date(2027, 1, 5))
    patient.consents.create(
        kind=ConsentKind.PHOTOS, is_given=True, words="Yes.", source="desk", at=NOW
    )
    patient.requests.create(asked_at=NOW)
    patient.photos.create(
        area=make_area(),
        angle="left",
        moment="baseline",
        file="a.jpg",
        taken_at=NOW,
        added_at=NOW,
    )
    patient.files.create(
        name="a.pdf", file="a.pdf", size=1, added_by=make_user(), added_at=NOW
    )
    patient.rechecks.create(appointment=visit, has_changed=False, at=NOW)
    patient.check_ins.create(appointment=visit, moment="48h", state="well", at=NOW)
    patients.log_access(make_user(), patient, "patient page")
    return patient


def merge(kept, gone, **options):
    return merging.merge(kept, gone, **{"actor": make_user(), "now": NOW} | options)


def counts():
    """Rows of every table that no merge adds to."""
    added = (PatientMerge, AccessLog)
    return {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models()
        if model._meta.app_label == "bookings"
        and model not in added
        and not issubclass(model, pghistory.models.Event)
    }


def rows_of(patient):
    return {
        field.model._meta.label: set(
            field.model._base_manager.filter(**{field.name: patient}).values_list(
                "pk", flat=True
            )
        )
        for field in merging.pointers()
    }


# --- Nothing is forgotten ---------------------------------------------------------------


def test_every_relation_to_a_patient_moves_or_stays_for_a_reason():
    """Asked of all tables, not of the service: a model added later shows up here."""
    pointing = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if getattr(field, "related_model", None) is Patient and field.concrete
    }
    moving = {f"{f.model._meta.label}.{f.name}" for f in merging.pointers()}

    staying = {name for name in pointing - moving if "Event." not in name}
    assert moving <= pointing
    assert staying == {
        "bookings.Patient.merged_into",
        "bookings.PatientMerge.kept",
        "bookings.PatientMerge.gone",
    }


def test_the_test_has_a_row_of_every_kind():
    assert all(rows_of(fill(make_patient())).values())


def test_every_row_moves_and_none_is_lost():
    kept, gone = make_two()
    fill_count, before = rows_of(gone), counts()

    done = merge(kept, gone)

    after = rows_of(kept)
    assert all(fill_count[kind] <= after[kind] for kind in fill_count)
    assert not any(rows_of(gone).values())
    assert counts() == before
    assert done.moved["bookings.appointment"] == 1
    assert set(done.moved.values()) == {1}
    assert len(done.moved) == len(merging.pointers())


def test_it_is_kept_who_joined_what_and_when(desk):
    kept, gone = make_two()

    merge(kept, gone, actor=desk)

    gone.refresh_from_db()
    assert gone.merged_into == kept
    done = PatientMerge.objects.get()
    assert (done.kept, done.gone, done.by, done.at) == (kept, gone, desk, NOW)
    assert AccessLog.objects.filter(user=desk, patient=kept, what="merged").exists()


@pytest.mark.parametrize("model", [Consent, HealthAnswer, AccessLog])
def test_rows_that_never_change_are_shut_again_after_they_moved(model):
    kept, gone = make_two()
    merge(kept, gone)

    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.update(patient=gone)


def test_only_the_triggers_of_the_rows_that_move_are_lifted():
    assert merging.append_only(Consent) == ["bookings.Consent:keep_consent"]
    assert merging.append_only(Appointment) == []
    assert isinstance(Appointment._meta.triggers[0], pgtrigger.Protect)


def test_a_visit_is_in_the_history_as_moved_to_the_other_record():
    kept, gone = make_two()
    visit = gone.appointments.get()

    merge(kept, gone)

    owners = list(visit.events.order_by("pgh_id").values_list("patient", flat=True))
    assert owners == [gone.pk, kept.pk]


# --- What counts from now on ---------------------------------------------------------------


def test_facts_stay_as_they_were_unless_the_other_ones_are_taken():
    kept = make_patient(phone="+16135550101", pronouns="she/her")
    gone = make_patient(
        first_name="Adah", phone="+16135550102", pronouns="they/them", language="fr"
    )

    merge(kept, gone, take=["phone", "first_name"])

    kept.refresh_from_db()
    assert (kept.first_name, kept.pronouns, kept.language) == ("Adah", "she/her", "en")
    assert kept.phone == "+16135550102"
    gone.refresh_from_db()
    assert gone.phone == "+16135550102"


def test_the_preview_proposes_what_the_kept_record_lacks():
    kept = make_patient(pronouns="", phone="")
    gone = make_patient(first_name="Adah", pronouns="she/her", phone="+16135550102")

    shown = merging.preview(kept, gone)

    proposed = {one.name: one.takes_gone for one in shown.differences}
    assert proposed == {"first_name": False, "pronouns": True, "phone": True}
    assert dict(shown.same)["E-mail address"] == "ada@example.org"


def test_nobody_is_left_without_a_way_to_be_reached():
    kept = make_patient(email="", phone="+16135550101")
    gone = make_patient(email="ada@example.org", phone="")

    with pytest.raises(BookingRefused, match="Keep a phone number"):
        merge(kept, gone, take=["phone"])
    merge(kept, gone, take=["phone", "email"])


def test_an_account_moves_along():
    account = make_user()
    kept, gone = make_patient(), make_patient(user=account)

    merge(kept, gone)

    assert Patient.objects.get(user=account) == kept


def test_a_message_still_to_leave_goes_to_the_kept_address_in_its_language():
    kept = make_patient(email="new@example.org", language="fr")
    gone = make_patient(email="old@example.org")
    visit = make_appointment(patient=gone)
    waiting = make_message(visit, dedupe_key="a", status=MessageStatus.PLANNED)
    sent = make_message(
        visit, dedupe_key="b", status=MessageStatus.SENT, sent_at=NOW, recipient="old@"
    )

    merge(kept, gone)

    waiting = Message.objects.get(pk=waiting.pk)
    assert (waiting.patient.email, waiting.language) == ("new@example.org", "fr")
    sent.refresh_from_db()
    assert (sent.patient, sent.recipient, sent.language) == (kept, "old@", "en")


def test_dates_to_avoid_that_both_have_are_kept_once_with_their_label():
    kept, gone = make_patient(), make_patient()
    days = {"first_day": date(2027, 1, 1), "last_day": date(2027, 1, 5)}
    kept.away_dates.create(**days)
    gone.away_dates.create(**days, label="Cancún")
    gone.away_dates.create(**days | {"last_day": date(2027, 1, 6)})

    done = merge(kept, gone)

    assert list(kept.away_dates.values_list("label", flat=True)) == ["Cancún", ""]
    assert done.moved == {"bookings.awaydates": 1}
    assert AwayDates.objects.count() == 3


def test_different_answers_are_said_before_and_asked_again_after():
    kept, gone = make_patient(), make_patient()
    make_protocol()
    make_answer(patient=kept, question="keloid", value="yes")
    make_answer(patient=gone, question="keloid", value="no", answered_at=NOW)
    make_answer(patient=kept, question="pregnancy", value="no")
    make_answer(patient=gone, question="pregnancy", value="no", answered_at=NOW)

    assert len(merging.preview(kept, gone).cautions) == 1
    merge(kept, gone)

    task = Task.objects.get()
    assert task.patient == kept
    assert "Have you ever had raised scars?" in task.words
    assert HealthAnswer.objects.filter(patient=kept).count() == 4


def test_one_treatment_planned_twice_and_two_visits_a_day_are_pointed_out():
    protocol = make_protocol()
    kept, gone = make_patient(), make_patient()
    for patient, hours in ((kept, 0), (gone, 3)):
        plan = make_plan(patient=patient, protocol=protocol)
        make_appointment(plan=plan, starts_at=NOW + timedelta(days=3, hours=hours))

    cautions = " ".join(merging.preview(kept, gone).cautions)

    assert "Both have a plan for Medical microneedling." in cautions
    assert "Two visits on Fri 27 Nov 2026." in cautions


# --- What stands against it ------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "clash"), [(69, True), (70, False)])
def test_two_visits_at_one_time_are_refused_in_words(minutes, clash):
    kept, gone = make_patient(), make_patient()
    one = make_appointment(patient=kept)
    make_appointment(patient=gone, starts_at=one.starts_at + timedelta(minutes=minutes))

    if not clash:
        merge(kept, gone)
        return
    with pytest.raises(BookingRefused, match=f"Both have an appointment.*{one.code}"):
        merge(kept, gone)
    assert not PatientMerge.objects.exists()


def test_a_visit_given_up_stands_in_nobodys_way():
    kept, gone = make_patient(), make_patient()
    make_appointment(patient=kept)
    make_appointment(patient=gone, status=AppointmentStatus.CANCELLED)

    assert merge(kept, gone).moved == {"bookings.appointment": 1}


def two_mailboxes():
    ours, theirs = make_user(), make_user()
    kept = make_patient(email="new@example.org", user=ours)
    return kept, make_patient(email="old@example.org", user=theirs), ours, theirs


def test_of_two_accounts_the_one_of_the_mailbox_that_counts_stays():
    kept, gone, ours, theirs = two_mailboxes()
    key = kept.link_key

    merge(kept, gone)

    kept.refresh_from_db()
    assert (kept.user, kept.link_key) == (ours, key)
    assert not theirs.patients.exists()


def test_with_the_other_address_goes_the_other_account_and_every_link_of_before():
    kept, gone, _ours, theirs = two_mailboxes()
    key = kept.link_key

    merge(kept, gone, take=["email"])

    kept.refresh_from_db()
    assert kept.user == theirs
    assert kept.link_key != key


def test_an_account_of_a_mailbox_nobody_writes_to_stays_behind():
    kept, gone = make_patient(), make_patient(email="o@example.org", user=make_user())

    merge(kept, gone)

    assert not Patient.objects.exclude(user=None).exists()


def test_a_record_is_merged_once_and_never_into_itself_or_a_merged_one():
    one, two, three = (make_patient() for _turn in range(3))
    merge(one, two)

    for kept, gone in ((one, two), (three, two), (two, three), (one, one)):
        with pytest.raises(BookingRefused):
            merge(kept, gone)
    assert PatientMerge.objects.count() == 1


def test_a_chain_of_merges_leads_to_the_last_in_one_step():
    one, two, three = (make_patient() for _turn in range(3))

    merge(two, three)
    merge(one, two)

    for record in (two, three):
        record.refresh_from_db()
        assert record.merged_into == one


def test_what_changed_since_the_preview_is_shown_again_first():
    kept, gone = make_patient(), make_patient()
    seal = merging.preview(kept, gone).seal
    make_answer(patient=gone)

    with pytest.raises(BookingRefused, match="changed meanwhile"):
        merge(kept, gone, seen=seal)
    merge(kept, gone, seen=merging.preview(kept, gone).seal)


def test_nothing_more_is_written_for_a_merged_record():
    kept, gone = make_patient(), make_patient()
    merge(kept, gone)

    with pytest.raises(BookingRefused, match="just been merged"):
        patients.hold(gone.pk)
    assert patients.hold(kept.pk) == kept


def test_a_merged_record_vanishes_from_search_lists_and_warnings():
    kept, gone = make_patient(), make_patient()
    merge(kept, gone)

    assert list(patients.find("ada")) == list(patients.find("")) == [kept]
    assert duplicates.pairs() == []
    assert duplicates.like(kept) == []
    same = {"first_name": "Ada", "last_name": "Lovelace", "phone": ""}
    assert patients.alike(**same, email="ada@example.org") == [kept]


# --- All or nothing ----------------------------------------------------------------------------

STEPS = ["_move_all", "_move_account", "_take_facts", "_point"]


def fails_after(call, turns=1):
    calls = []

    def fail(*args, **kwargs):
        result = call(*args, **kwargs)
        calls.append(result)
        if len(calls) == turns:
            raise RuntimeError
        return result

    return fail


def assert_untouched(kept, gone, before):
    assert rows_of(gone) == before
    assert not any(rows_of(kept).values())
    gone.refresh_from_db()
    assert gone.merged_into is None
    assert gone.user is not None
    assert not PatientMerge.objects.exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        Consent.objects.update(source="phone")


@pytest.mark.parametrize("step", STEPS)
def test_a_merge_that_fails_after_any_step_leaves_nothing(step, monkeypatch):
    kept, gone = make_two(user=make_user())
    before = rows_of(gone)
    monkeypatch.setattr(merging, step, fails_after(getattr(merging, step)))

    with pytest.raises(RuntimeError), transaction.atomic():
        merge(kept, gone, take=["phone"])

    assert_untouched(kept, gone, before)


@pytest.mark.parametrize(
    ("owner", "step"),
    [("joining", "readdress"), ("joining", "ask_again"), ("patients", "log_access")],
)
def test_nor_does_one_that_fails_at_the_end(owner, step, monkeypatch):
    kept, gone = make_two(user=make_user())
    before = rows_of(gone)
    module = getattr(merging, owner)
    monkeypatch.setattr(module, step, fails_after(getattr(module, step)))

    with pytest.raises(RuntimeError), transaction.atomic():
        merge(kept, gone)

    assert_untouched(kept, gone, before)


def test_nor_does_one_that_fails_after_any_of_the_kinds_of_rows(monkeypatch):
    move = merging._move
    kept, gone = make_two(user=make_user())
    before = rows_of(gone)

    for turns in range(1, len(merging.pointers()) + 1):
        monkeypatch.setattr(merging, "_move", fails_after(move, turns))
        with pytest.raises(RuntimeError), transaction.atomic():
            merge(kept, gone)
        assert_untouched(kept, gone, before)


# --- Who may be one person ----------------------------------------------------------------------

BORN = date(1985, 4, 12)


@pytest.mark.parametrize(
    ("one", "other", "similar"),
    [
        ("Hélène Côté", "helene cote", True),
        ("Jon Roy", "John Roy", True),
        ("Roy Ann", "Ann Roy", True),
        ("Marie-Claude Roy", "Marie Roy", True),
        ("Ann Roy", "Bea Roy", False),
        ("Ann Roy", "Ann Tremblay", False),
    ],
)
def test_names_are_similar_up_to_a_slip(one, other, similar):
    assert duplicates.are_similar(one, other) is similar


@pytest.mark.parametrize(
    ("other", "count"),
    [
        ({"first_name": "Anne", "birth_date": BORN}, 1),
        ({"first_name": "Anne", "birth_date": BORN + timedelta(days=1)}, 0),
        ({"first_name": "Zoé", "birth_date": BORN}, 0),  # a twin
        ({"first_name": "Zoé", "birth_date": None, "phone": "+16135550142"}, 1),
        # Somebody else at the same number: another name, another birth date.
        (
            {
                "first_name": "Zoé",
                "birth_date": date(2010, 1, 1),
                "phone": "+16135550142",
            },
            0,
        ),
        ({"birth_date": None, "email": "ANN@example.org"}, 1),
        ({"birth_date": BORN, "phone": "+16135550142", "email": "ann@example.org"}, 3),
    ],
)
def test_likely_duplicates_are_found_from_either_side_with_the_reasons(other, count):
    dull = {"first_name": "Ann", "last_name": "Roy"}
    one = make_patient(
        **dull, birth_date=BORN, phone="+16135550142", email="ann@example.org"
    )
    two = make_patient(**dull | {"email": "x@example.org"} | other)

    reasons = [len(found.reasons) for found in duplicates.like(one)]

    assert reasons == ([count] if count else [])
    assert [len(pair.reasons) for pair in duplicates.pairs()] == reasons
    assert [found.patient for found in duplicates.like(two)] == [one] * bool(count)
