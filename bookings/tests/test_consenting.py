"""Consent to treatment and to photos: shown, signed, kept word for word, taken back."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from bookings.models import AccessLog, Consent, ConsentKind, PlanStatus, Task
from bookings.services import consenting, patients
from bookings.services.consenting import desk as at_desk
from bookings.services.consenting import signing, standing, texts, wording
from bookings.services.portal import accounts
from bookings.services.refusals import BookingRefused
from bookings.tests.conftest import signed_in
from bookings.tests.consents import (
    EARLIER,
    address_of,
    at_the_keyboard,
    filled,
    lines_of,
    make_full_protocol,
    make_needling,
    make_signable,
    shown,
    signed,
)
from bookings.tests.factories import (
    NOW,
    make_appointment,
    make_area,
    make_patient,
    make_plan,
    make_protocol,
)

pytestmark = pytest.mark.django_db
PHOTOS = "/my/consents/photos/"


@pytest.fixture(autouse=True)
def in_english():
    """Whatever the page before spoke."""
    with translation.override("en"):
        yield


# --- The words ------------------------------------------------------------------------


def test_the_words_are_made_of_the_plans_own_treatment_areas_and_protocol():
    plan = make_signable(session_count=1)

    text = wording.for_plan(plan, "en").text

    assert text.startswith("Consent to treatment\n\n1. What is planned\n\n")
    assert "Medical microneedling, on these areas: neck." in text
    assert "1 session." in text
    assert "– Needling: Tiny channels." in text
    assert "This is rare:\n\n– Small scabs." in text
    assert "This is very rare:\n\n– An infection." in text
    assert "– A peel may do." in text
    assert text.endswith(f"protocol version {plan.protocol.version}.")


def test_what_the_protocol_does_not_say_leaves_no_gap():
    plan = make_signable(protocol=make_protocol(treatment=make_needling()))

    text = wording.for_plan(plan, "en").text

    assert "This is rare:" not in text
    assert "What your skin may do afterwards" not in text
    assert "3. What you could do instead" in text


def test_the_words_speak_both_languages():
    plan = make_signable()

    text = wording.for_plan(plan, "fr").text

    assert text.startswith("Consentement au traitement\n\n1. Ce qui est prévu")
    assert "Light flaking" not in text or "Ceci peut arriver" in text
    assert "protocole" in text.splitlines()[-1]


def test_a_text_cut_into_blocks_loses_no_word():
    text = wording.for_plan(make_signable(), "en").text

    cut = [" ".join(line.split()) for b in wording.blocks(text) for line in b.lines]

    assert cut == lines_of(text)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("[photos]", "[photo]", "the file: photo is not known"),
        ('version = "1"', 'version = "one"', "treatment: version is not"),
        ('version = "1"', "version = 1", "treatment: version is not"),
        ("date = 2026-11-21", 'date = "today"', "treatment: date is not a day"),
        ("areas: {areas}", "areas: {depth}", "section 1, block 1: en has {depth}"),
        (
            'fr = "{treatment}, sur',
            'fr = "Traitement, sur',
            "section 1, block 1: the languages fill in other names",
        ),
        ('effects = "rare"', 'effects = "seldom"', "no effects are called seldom"),
        ("parts = true", 'parts = true\neffects = "rare"', "more than one list"),
        ('title.fr = "', 'title.de = "', "treatment: title: fr is missing"),
        ('fr = "Votre part"', 'fr = " "', "section 5: fr is not one line of words"),
        ("parts = true", "party = true", "party is not known"),
        ("[treatment]", "[treatment", "not TOML"),
        ("{clinic} treats", "{clinic treats", "section 7, block 1"),
    ],
)
def test_a_broken_file_says_where_it_is_broken(old, new, fault):
    source = texts.PATH.read_text(encoding="utf-8")
    assert old in source

    with pytest.raises(texts.ConsentTextError) as refused:
        texts.parse(source.replace(old, new, 1))

    assert fault in str(refused.value)


def test_the_file_as_it_is_has_both_kinds():
    assert set(texts.parse(texts.PATH.read_text(encoding="utf-8"))) == {
        "treatment",
        "photos",
    }


def test_photos_need_no_plan_and_may_not_list_its_parts():
    source = texts.PATH.read_text(encoding="utf-8")
    head, photos = source.split("[photos]")
    broken = f'{head}[photos]{photos}effects = "rare"\n'

    with pytest.raises(texts.ConsentTextError, match="a list needs a plan"):
        texts.parse(broken)


# --- The name -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "Zoé Côté-Roy",
        "zoe cote-roy",
        "ZOE COTE ROY",
        "  Zoé   Côté‑Roy ",
        "Zoe\u0301 Co\u0302te\u0301-Roy",
    ],
)
def test_accents_case_and_hyphens_do_not_matter_in_a_name(typed):
    zoe = make_patient(first_name="Zoé", last_name="Côté-Roy")

    assert signing.is_name_of(typed, zoe)


@pytest.mark.parametrize(
    "typed", ["", " ", "Zoé", "Côté-Roy", "Zoé Côté-Roys", "Zoé Roy", "-", "X"]
)
def test_another_name_is_no_signature(typed):
    zoe = make_patient(first_name="Zoé", last_name="Côté-Roy")

    assert not signing.is_name_of(typed, zoe)


# --- Signing --------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "prefix"), [("en", ""), ("fr", "/fr")])
def test_what_is_shown_is_what_is_kept(language, prefix):
    plan = make_signable()
    browser = at_the_keyboard(plan.patient)
    page = shown(browser.get(address_of(plan, prefix)))

    response = browser.post(
        address_of(plan, prefix), filled(plan, language, name="zoe cote-roy")
    )

    row = Consent.objects.get()
    assert response.status_code == 302
    assert (row.kind, row.is_given, row.plan) == (ConsentKind.TREATMENT, True, plan)
    assert (row.language, row.source) == (language, "portal")
    assert row.signed_name == "zoe cote-roy"
    assert row.text_version == wording.for_plan(plan, language).version
    assert row.recorded_by == accounts.account_of(plan.patient)
    for line in lines_of(row.words)[1:]:
        assert escape(line) in page


def test_a_consent_is_signed_once_however_often_it_is_sent():
    plan = make_signable()

    first, second = signed(plan), signed(plan, now=EARLIER + timedelta(minutes=1))

    assert first == second
    assert Consent.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "Zoé Roy"}, "Type your full name as we have it: Zoé Côté-Roy."),
        ({"name": ""}, "it is your signature"),
        ({"has_read": ""}, "Tick this once you have read the text."),
        ({"digest": "0" * 64}, "The text has changed since you opened it."),
        ({"digest": ""}, "The text has changed since you opened it."),
    ],
)
def test_half_a_signature_keeps_nothing_and_loses_nothing(wrong, said):
    plan = make_signable()

    response = at_the_keyboard(plan.patient).post(
        address_of(plan), filled(plan, **wrong)
    )

    assert response.status_code == 422
    assert said in shown(response)
    if wrong.get("name", "same"):
        assert f'value="{wrong.get("name", plan.patient)}"' in shown(response)
    assert not Consent.objects.exists()


def test_a_text_that_changed_meanwhile_is_shown_anew_with_what_was_typed():
    plan = make_signable(session_count=3)
    fields = filled(plan)
    plan.session_count = 4
    plan.save(update_fields=["session_count"])

    response = at_the_keyboard(plan.patient).post(address_of(plan), fields)

    page = shown(response)
    assert response.status_code == 422
    assert "this is 4 sessions" in page
    assert 'value="Zoé Côté-Roy"' in page
    assert "checked" in page
    assert wording.for_plan(plan, "en").digest in page
    assert not Consent.objects.exists()


def test_the_tick_is_never_set_beforehand():
    plan = make_signable()

    page = shown(at_the_keyboard(plan.patient).get(address_of(plan)))

    assert "checked" not in page


@pytest.mark.parametrize("status", [PlanStatus.DRAFT, PlanStatus.SUBMITTED])
def test_a_plan_no_clinician_has_signed_is_not_to_be_signed(status):
    plan = make_signable(status=status)
    browser = at_the_keyboard(plan.patient)

    response = browser.post(address_of(plan), filled(plan))

    assert response.status_code == 422
    assert "There is nothing to sign for this plan at the moment." in shown(response)
    assert not consenting.due(plan.patient, [plan])
    assert not Consent.objects.exists()


def test_a_signature_is_never_kept_without_its_trace(monkeypatch):
    plan = make_signable()

    def fail(*args, **kwargs):
        raise RuntimeError

    accounts.account_of(plan.patient)
    monkeypatch.setattr(patients, "log_access", fail)
    with pytest.raises(RuntimeError):
        signed(plan)

    assert not Consent.objects.exists()


def test_reading_a_consent_is_remembered():
    plan = make_signable()

    at_the_keyboard(plan.patient).get(address_of(plan))

    assert AccessLog.objects.filter(patient=plan.patient, what="consent").count() == 1


# --- Whether it still holds -----------------------------------------------------------


def state_of(plan):
    return standing.of_plan(plan).state


def test_a_new_version_of_the_protocol_is_signed_anew():
    plan = make_signable()
    signed(plan)
    assert state_of(plan) == standing.State.SIGNED

    plan.protocol = make_full_protocol(treatment=plan.protocol.treatment)
    plan.save(update_fields=["protocol"])

    assert state_of(plan) == standing.State.ANEW
    [due] = consenting.due(plan.patient, [plan])
    assert due.path == address_of(plan)
    signed(plan, now=EARLIER + timedelta(days=1))
    assert state_of(plan) == standing.State.SIGNED
    assert Consent.objects.count() == 2


def test_another_treatment_is_signed_anew():
    plan = make_signable()
    signed(plan)

    plan.protocol = make_full_protocol(treatment=make_needling("Roller"))
    plan.save(update_fields=["protocol"])

    assert state_of(plan) == standing.State.ANEW


def test_another_area_of_skin_is_signed_anew_and_back_again_holds():
    plan = make_signable()
    signed(plan)

    added = plan.areas.create(area=make_area(name="Arms"))
    assert state_of(plan) == standing.State.ANEW
    added.delete()
    assert state_of(plan) == standing.State.SIGNED


def test_another_number_of_sessions_needs_no_new_signature():
    plan = make_signable()
    signed(plan)

    plan.session_count = 5
    plan.save(update_fields=["session_count"])

    assert state_of(plan) == standing.State.SIGNED


def test_a_new_text_is_signed_anew(monkeypatch):
    plan = make_signable()
    signed(plan)

    newer = replace(texts.TEXTS["treatment"], version="2", day=date(2027, 1, 4))
    monkeypatch.setitem(texts.TEXTS, "treatment", newer)

    assert state_of(plan) == standing.State.ANEW


def test_a_signature_for_one_plan_is_none_for_another():
    first = make_signable()
    second = make_signable(patient=first.patient)
    signed(first)

    assert [one.plan for one in consenting.due(first.patient, [first, second])] == [
        second
    ]


def test_a_plan_of_somebody_else_is_never_due_here():
    plan = make_signable()

    assert consenting.due(make_patient(), [plan]) == []


def test_what_is_due_costs_two_queries_however_many_plans(django_assert_num_queries):
    first = make_signable()
    plans = [first, *(make_signable(patient=first.patient) for _ in range(2))]

    for few in (plans[:1], plans):
        with django_assert_num_queries(2):
            assert len(consenting.due(first.patient, few)) == len(few)


# --- Taking it back -------------------------------------------------------------------


def test_a_consent_that_is_taken_back_stays_on_record_and_wakes_the_desk():
    plan = make_signable()
    first = signed(plan)
    make_appointment(plan=plan)
    browser = at_the_keyboard(plan.patient)

    response = browser.post(address_of(plan), {"do": "take-back"}, follow=True)

    newest, oldest = Consent.objects.all()
    assert (oldest, newest.is_given, newest.words) == (first, False, first.words)
    assert state_of(plan) == standing.State.TAKEN_BACK
    [task] = Task.objects.open()
    assert "Zoé Côté-Roy takes back consent to Medical microneedling." in task.words
    assert "We will call you." in shown(response)
    assert "We do not treat you unless you sign again." in shown(response)


def test_the_desk_is_told_in_its_own_language():
    plan = make_signable()
    signed(plan, "fr")

    at_the_keyboard(plan.patient).post(address_of(plan, "/fr"), {"do": "take-back"})

    assert "takes back consent" in Task.objects.get().words


def test_signing_again_settles_the_desks_task():
    plan = make_signable()
    signed(plan)
    signing.take_back(plan, actor=accounts.account_of(plan.patient), now=EARLIER)

    signed(plan, now=EARLIER + timedelta(hours=1))

    assert state_of(plan) == standing.State.SIGNED
    assert not Task.objects.open().exists()


def test_what_is_not_signed_cannot_be_taken_back():
    plan = make_signable()

    response = at_the_keyboard(plan.patient).post(address_of(plan), {"do": "take-back"})

    assert response.status_code == 422
    assert "is not signed, or was taken back before" in shown(response)
    assert not Consent.objects.exists()
    assert not Task.objects.exists()


def test_taking_back_and_the_task_are_kept_together(monkeypatch):
    plan = make_signable()
    signed(plan)

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(signing, "tell_desk", fail)
    with pytest.raises(RuntimeError):
        signing.take_back(plan, actor=accounts.account_of(plan.patient), now=EARLIER)

    assert Consent.objects.count() == 1


# --- Photos ---------------------------------------------------------------------------


def answer(**fields):
    return {"digest": wording.for_photos("en").digest} | fields


def test_neither_answer_about_photos_is_chosen_beforehand():
    page = shown(at_the_keyboard(make_patient()).get(PHOTOS))

    assert "checked" not in page
    assert "Yes and no are both fine." in page


def test_a_yes_to_photos_is_signed_and_touches_no_treatment():
    plan = make_signable()
    browser = at_the_keyboard(plan.patient)

    browser.post(PHOTOS, answer(answer="yes", name="zoe cote roy"))

    row = Consent.objects.get()
    assert (row.kind, row.is_given, row.plan) == (ConsentKind.PHOTOS, True, None)
    assert row.words == wording.for_photos("en").text
    assert state_of(plan) == standing.State.MISSING


def test_a_no_to_photos_needs_no_name_and_changes_nothing_else():
    plan = make_signable()
    signed(plan)
    browser = at_the_keyboard(plan.patient)

    response = browser.post(PHOTOS, answer(answer="no"), follow=True)

    photos = signing.photos(plan.patient)
    assert (photos.is_given, photos.signed_name) == (False, "")
    assert state_of(plan) == standing.State.SIGNED
    assert not Task.objects.exists()
    assert "Your treatment does not change." in shown(response)


def test_a_yes_to_photos_can_be_taken_back_at_any_time():
    zoe = make_patient(first_name="Zoé", last_name="Roy")
    browser = at_the_keyboard(zoe)
    browser.post(PHOTOS, answer(answer="yes", name="Zoé Roy"))

    browser.post(PHOTOS, answer(answer="no"))
    browser.post(PHOTOS, answer(answer="no"))

    assert [row.is_given for row in Consent.objects.all()] == [False, True]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"answer": "maybe"},
        {"answer": "yes"},
        {"answer": "yes", "name": "Somebody Else"},
        {"answer": "no", "digest": "old"},
    ],
)
def test_half_an_answer_about_photos_keeps_nothing(wrong):
    response = at_the_keyboard(make_patient()).post(PHOTOS, answer(**wrong))

    assert response.status_code == 422
    assert not Consent.objects.exists()


# --- At the door ----------------------------------------------------------------------


def test_a_stranger_is_led_to_sign_in(client):
    plan = make_signable()

    for address in (address_of(plan), PHOTOS):
        for response in (client.get(address), client.post(address, filled(plan))):
            assert response.status_code == 302
            assert response.url.startswith("/my/sign-in/")
    assert not Consent.objects.exists()


def test_another_patients_plan_is_not_found():
    plan = make_signable()
    browser = at_the_keyboard(make_patient(email="other@example.org"))

    for response in (
        browser.get(address_of(plan)),
        browser.post(address_of(plan), filled(plan)),
        browser.post(address_of(plan), {"do": "take-back"}),
    ):
        assert response.status_code == 404
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    "path",
    ["treatment/?plan=x", "treatment/?plan=%C2%B2", "treatment/?plan=0", "care/"],
)
def test_rubbish_is_not_found(path):
    browser = at_the_keyboard(make_patient())

    assert browser.get(f"/my/consents/{path}").status_code == 404


def test_without_a_plan_the_only_one_due_is_opened():
    plan = make_signable()
    browser = at_the_keyboard(plan.patient)
    address = "/my/consents/treatment/"

    assert browser.get(address).url == address_of(plan)
    make_signable(patient=plan.patient)
    assert browser.get(address).url == reverse("portal:documents")


# --- At the desk ----------------------------------------------------------------------


def paper_page(plan):
    return reverse("desk:plan-consent", args=[plan.pk])


def test_the_desk_notes_what_was_signed_on_paper(as_desk, desk):
    plan = make_signable()

    response = as_desk.post(paper_page(plan), {"do": "sign"})

    row = Consent.objects.get()
    assert response.url == reverse("desk:patient", args=[plan.patient_id])
    assert (row.source, row.recorded_by, row.signed_name) == ("paper", desk, "")
    assert row.words == wording.for_plan(plan, "en").text
    assert state_of(plan) == standing.State.SIGNED


def test_paper_is_in_the_patients_language(as_desk):
    patient = make_patient(language="fr")
    plan = make_signable(patient=patient)

    page = shown(as_desk.get(reverse("desk:plan-consent-print", args=[plan.pk])))
    as_desk.post(paper_page(plan), {"do": "sign"})

    row = Consent.objects.get()
    assert row.language == "fr"
    for line in lines_of(row.words)[1:]:
        assert escape(line) in page


@pytest.mark.parametrize("source", ["phone", "desk", "paper"])
def test_the_desk_notes_a_consent_taken_back_by_word(as_desk, source):
    plan = make_signable()
    signed(plan)

    as_desk.post(paper_page(plan), {"do": "take-back", "source": source})

    assert state_of(plan) == standing.State.TAKEN_BACK
    assert Consent.objects.first().source == source


def test_the_desk_is_refused_what_makes_no_sense(as_desk, desk):
    plan = make_signable()
    again = make_signable(status=PlanStatus.SUBMITTED)

    for place, fields, said in (
        (plan, {"do": "take-back", "source": "phone"}, "is not signed"),
        (plan, {"do": "take-back", "source": "portal"}, "Select a valid choice"),
        (again, {"do": "sign"}, "A clinician signs the plan before the patient"),
    ):
        response = as_desk.post(paper_page(place), fields)
        assert (response.status_code, said in shown(response)) == (422, True)
    assert not Consent.objects.exists()
    with pytest.raises(BookingRefused):
        at_desk.note_taken_back(plan, source="portal", actor=desk, now=NOW)


def test_the_desk_cannot_sign_twice(as_desk):
    plan = make_signable()
    signed(plan)

    response = as_desk.post(paper_page(plan), {"do": "sign"})

    assert response.status_code == 422
    assert "This consent is signed already." in shown(response)
    assert Consent.objects.count() == 1


def test_the_record_lists_every_signature_and_opens_its_words(as_desk):
    plan = make_signable()
    row = signed(plan)
    words = reverse("desk:consent", args=[row.pk])

    record = shown(as_desk.get(reverse("desk:patient", args=[plan.patient_id])))
    page = shown(as_desk.get(words))

    assert words in record
    assert row.text_version in record
    assert "Zoé Côté-Roy" in page
    for line in lines_of(row.words):
        assert escape(line) in page


def test_the_words_of_care_messages_are_no_paper(as_desk):
    row = make_patient().consents.create(
        kind=ConsentKind.CARE_MESSAGES, is_given=True, words="Yes.", at=NOW
    )

    assert as_desk.get(reverse("desk:consent", args=[row.pk])).status_code == 404


def test_the_review_says_how_consent_stands(as_clinician):
    plan = make_signable()
    page = reverse("review:plan", args=[plan.pk])
    said = [shown(as_clinician.get(page))]
    signed(plan)
    said.append(shown(as_clinician.get(page)))
    signing.take_back(plan, actor=accounts.account_of(plan.patient), now=EARLIER)
    said.append(shown(as_clinician.get(page)))

    for words, found in zip(
        (
            "The patient has not signed a consent for this plan yet.",
            "Consent signed 24 Nov 2025.",
            "The patient took the consent back on 24 Nov 2025.",
        ),
        said,
        strict=True,
    ):
        assert words in found


def test_a_record_costs_the_same_with_one_signature_and_with_three(
    as_desk, count_queries
):
    plan = make_signable()
    signed(plan)
    address = reverse("desk:patient", args=[plan.patient_id])
    count_queries(as_desk, address)
    one = count_queries(as_desk, address)

    for _ in range(2):
        signed(make_signable(patient=plan.patient))

    assert count_queries(as_desk, address) == one


def test_a_mailbox_of_two_signs_for_whom_it_looks_at():
    plan = make_signable()
    twin = make_patient(first_name="Léa", last_name="Roy", email="zoe@example.org")
    account = accounts.account_of(plan.patient)
    assert accounts.account_of(twin) == account
    browser = signed_in(account)

    response = browser.get(address_of(plan))

    assert response.status_code == 302
    assert response.url.startswith(reverse("portal:who"))


def test_a_plan_without_a_patients_name_on_it_is_never_signed_by_a_merged_record():
    plan = make_plan(status=PlanStatus.DRAFT)

    assert standing.of_plans([]) == []
    assert standing.of_plan(plan).is_due is False
