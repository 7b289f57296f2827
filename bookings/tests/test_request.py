"""Asking for a consultation on the site: kept, judged, held off, and sent once."""

import re
from datetime import date, timedelta
from html import unescape
from itertools import count
from threading import Thread

import pytest
from django.core import mail
from django.core.cache import caches
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings.models import (
    AccessLog,
    Consent,
    ConsultationRequest,
    HealthAnswer,
    Message,
    MessageStatus,
    Patient,
    RequestSource,
    RequestStatus,
    Task,
)
from bookings.services import links
from bookings.services.enquiries import agreeing, draft, following, sending, traps
from bookings.services.enquiries.questions import Matters, cards
from bookings.services.enquiries.sending import Enquiry
from bookings.services.links import Purpose
from bookings.services.messages import outbox
from bookings.services.people import duplicates
from bookings.services.refusals import BookingRefused
from bookings.services.screening import Given
from bookings.tests.asking import HEALTH, STEPS, WHEN, WHY, YOU, Asker, make_catalogue
from bookings.tests.factories import (
    make_appointment,
    make_doctor,
    make_location,
    make_patient,
    make_request,
)
from bookings.views.public import limits
from treatments.suitability import Rule, RuleKind, WaitUnit

pytestmark = pytest.mark.django_db
_place = count(1)
LONG = "x" * 5000


@pytest.fixture(autouse=True)
def clinic(db, monkeypatch):
    """A place, the catalogue, nobody counted yet, and people who type like lightning."""
    make_catalogue()
    make_location(slug="west", name="Westboro")
    monkeypatch.setattr(traps, "QUICKEST", timedelta(0))
    monkeypatch.setattr(limits, "GROUP", f"test-{next(_place)}-{timezone.now()}")
    return make_location(slug="centre", name="Centretown")


def only() -> ConsultationRequest:
    return ConsultationRequest.objects.get()


def nothing_is_written() -> bool:
    tables = (Patient, HealthAnswer, Consent, ConsultationRequest, Message)
    return not any(table.objects.exists() for table in tables)


# --- The whole of it ------------------------------------------------------------------


def test_four_steps_bring_a_request_with_everything_that_was_said():
    doctor = make_doctor(is_on_site=True)
    stay = {"in_town_from_day": "1", "in_town_from_month": "2"}
    stay |= {"in_town_from_year": str(timezone.localdate().year + 1)}
    when = {
        "location": "centre",
        "weekdays": ["1", "3"],
        "arrive_from": "09:00:00",
        "arrive_until": "12:00:00",
        "doctor": doctor.pk,
        "travels": "on",
        "comes_from": "Halifax",
        "timezone": "America/Halifax",
        "contact": "on",
        "news": "on",
        **stay,
    }

    answer = Asker().send(when=when)

    row, patient = only(), Patient.objects.get()
    assert answer.headers["Location"] == "/request/sent/"
    assert (row.source, row.status) == (RequestSource.WEB, RequestStatus.NEW)
    assert (row.words, row.comes_from, row.doctor) == ("Hello", "Halifax", doctor)
    assert (row.weekdays, row.arrive_from.hour, row.arrive_until.hour) == (
        [1, 3],
        9,
        12,
    )
    assert row.in_town_from == date(timezone.localdate().year + 1, 2, 1)
    assert [one.code for one in row.concerns.all()] == ["acne-scars"]
    assert [one.code for one in row.areas.all()] == ["face"]
    assert (patient.first_name, patient.timezone) == ("Noémie", "America/Halifax")
    assert (patient.location, patient.birth_date) == (row.location, date(1990, 5, 4))
    assert {one.value for one in patient.answers.all()} == {"no"}
    assert patient.answers.count() == len(HEALTH)
    assert patient.answers.filter(answered_by=None).count() == len(HEALTH)
    assert not AccessLog.objects.exists()


@pytest.mark.parametrize("pre", ["", "/fr"])
def test_consents_keep_the_exact_words_of_the_page_and_their_language(pre):
    asker = Asker(pre)
    asker.up_to("when")
    page = asker.text("when")

    asker.post("when", WHEN | {"news": "on"})

    language = "fr" if pre else "en"
    rows = Consent.objects.order_by("kind")
    assert [row.kind for row in rows] == ["care", "marketing"]
    for row in rows:
        assert (row.language, row.is_given, row.recorded_by) == (language, True, None)
        assert row.text_version == agreeing.VERSION
        assert row.words in page


def test_news_are_not_ticked_and_not_needed():
    asker = Asker().up_to("when")
    page = asker.text("when")
    asker.post("when")

    assert 'name="news" id="id_news">' in page
    assert [row.kind for row in Consent.objects.all()] == ["care"]


def test_without_leave_to_answer_nothing_is_sent():
    answer = Asker().send(when={"location": "any", "news": "on"})

    assert answer.status_code == 422
    assert nothing_is_written()


# --- Kept between steps ---------------------------------------------------------------


def test_back_keeps_even_what_is_wrong():
    asker = Asker().up_to("you")
    answer = asker.post("you", {"first_name": "Jo", "email": "nonsense"}, go="back")

    assert answer.headers["Location"] == "/request/why/"
    page = asker.text("you")
    assert 'value="Jo"' in page
    assert 'value="nonsense"' in page
    assert "This needs another look" not in page


def test_coming_back_resumes_at_the_first_step_that_is_not_done():
    asker = Asker().up_to("health")

    assert asker.client.get("/request/").headers["Location"] == "/request/health/"


def test_a_later_step_cannot_be_reached_before_the_earlier_ones():
    asker = Asker()

    assert asker.get("when").headers["Location"] == "/request/why/"


def test_a_choice_that_brings_new_questions_asks_them_before_it_is_sent():
    plain = {"treatment": "microneedling", "concerns": [], "words": ""}
    health = {k: v for k, v in HEALTH.items() if k not in ("q-rf-implant",)}
    asker = Asker().up_to("when", why=plain, health=health)
    asker.post("why", plain | {"treatment": "microneedling-rf"})

    answer = asker.post("when")

    assert answer.headers["Location"] == "/request/health/"
    assert nothing_is_written()


def test_saving_says_where_to_go_on_and_can_be_taken_back():
    asker = Asker().up_to("you")
    answer = asker.post("you", {"first_name": "Jo"}, go="save")
    assert answer.headers["Location"] == "/request/saved/"
    assert b"Go on now" in asker.client.get("/request/saved/").content

    asker.client.post("/request/saved/")

    assert b"Nothing is saved" in asker.client.get("/request/saved/").content
    assert 'value="Jo"' not in asker.text("why")


def test_changing_the_language_keeps_what_was_typed():
    asker = Asker().up_to("you")
    answer = asker.post("you", {"first_name": "Jo"}, go="language")

    assert answer.headers["Location"] == "/fr/request/you/"
    asker.pre = "/fr"
    assert 'value="Jo"' in asker.text("you")


def test_looking_at_a_page_begins_no_session():
    client = Asker().client
    client.get("/request/why/")

    assert "sessionid" not in client.cookies


def test_an_address_fills_in_what_it_asks_for():
    doctor = make_doctor(is_on_site=True)
    asker = Asker()
    query = f"doctor={doctor.pk}&treatment=microneedling-rf&location=centre"
    asker.client.get(f"/request/?{query}&concern=wrinkles")

    why, when = asker.get("why"), asker.up_to("when").get("when")

    form = why.context["form"]
    assert form["treatment"].value() == "microneedling-rf"
    assert form["concerns"].value() == ["wrinkles"]
    assert when.context["form"]["location"].value() == "centre"
    assert str(when.context["form"]["doctor"].value()) == str(doctor.pk)


@pytest.mark.parametrize("said", ["nobody", "99999999999999", "\x00", LONG, "-1", "٣"])
def test_an_address_that_makes_no_sense_fills_in_nothing(said):
    names = ("doctor", "treatment", "concern", "location")
    answer = Asker().client.get("/request/", dict.fromkeys(names, said))

    assert answer.headers["Location"] == "/request/why/"


def test_an_address_does_not_offer_who_is_not_on_the_site():
    doctor = make_doctor(is_on_site=False)
    asker = Asker()
    asker.client.get(f"/request/?doctor={doctor.pk}")

    assert "enquiry" not in asker.client.session


# --- Health: only what matters --------------------------------------------------------


def asked_for(**why) -> set[str]:
    page = Asker().up_to("health", why={**WHY, **why}).get("health")
    return {question.code for question in page.context["form"].questions}


def test_a_treatment_asks_its_own_questions_only():
    plain = asked_for(treatment="microneedling")

    assert "blood-thinner" not in plain
    assert "rf-implant" not in plain
    assert asked_for(treatment="microneedling-rf") == plain | {"rf-implant"}


def test_without_a_treatment_the_questions_of_all_that_fit_are_asked():
    assert asked_for() == {name.removeprefix("q-") for name in HEALTH}


def test_words_alone_ask_the_questions_of_all_that_is_offered():
    said = asked_for(concerns=[], areas=[])

    assert said == {name.removeprefix("q-") for name in HEALTH}


def yes(days_ago: int = 21) -> dict[str, str]:
    day = timezone.localdate() - timedelta(days=days_ago)
    parts = {"day": day.day, "month": day.month, "year": day.year}
    date_said = {f"q-isotretinoin-date_{k}": str(v) for k, v in parts.items()}
    return HEALTH | {"q-isotretinoin": "yes"} | date_said


def test_a_wait_is_shown_once_and_then_lets_pass():
    asker = Asker().up_to("health")
    first = asker.post("health", yes())
    page = asker.client.get(first.headers["Location"])
    card = page.context["asked"][0].card

    second = asker.post("health", yes(), seen=card.sign)

    assert first.headers["Location"] == "/request/health/?read=1"
    assert card.title.startswith("You can start from")
    assert b"<svg" in page.content
    assert b"You can still have your consultation now." in page.content
    assert second.headers["Location"] == "/request/when/"


def test_a_wait_that_is_over_says_nothing():
    answer = Asker().up_to("health").post("health", yes(days_ago=300))

    assert answer.headers["Location"] == "/request/when/"


def test_another_date_is_shown_again():
    asker = Asker().up_to("health")
    card = asker.post("health", yes(), go="look").context["asked"][0].card

    answer = asker.post("health", yes(days_ago=5), seen=card.sign)

    assert "read=1" in answer.headers["Location"]


def test_looking_shows_the_card_at_once_and_keeps_nothing():
    asker = Asker().up_to("health")
    page = asker.post("health", yes(), go="look")

    assert page.status_code == 200
    assert page.context["asked"][0].card
    assert "health" not in asker.client.session["enquiry"]["typed"]


def test_i_would_rather_talk_is_an_answer_and_needs_no_date():
    health = HEALTH | {"q-isotretinoin": "unsure", "q-pregnancy": "unsure"}
    Asker().send(health=health)

    talked = HealthAnswer.objects.filter(value="unsure")
    assert sorted(talked.values_list("question", flat=True)) == [
        "isotretinoin",
        "pregnancy",
    ]


def test_whoever_cannot_be_treated_now_can_still_ask():
    asker = Asker().up_to("health")
    health = HEALTH | {"q-pregnancy": "yes", "q-keloid": "yes", "q-rf-implant": "yes"}
    page = asker.post("health", health, go="look")
    signs = [one.card.sign for one in page.context["asked"] if one.card]
    titles = {one.code: one.card.title for one in page.context["asked"] if one.card}

    asker.post("health", health, seen=signs)
    asker.post("when")

    assert titles["pregnancy"] == "Treatment waits until this is over"
    assert titles["keloid"] == "This treatment may not be right for you"
    assert titles["rf-implant"] == "Some treatments may not be right for you"
    assert only().status == RequestStatus.NEW


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({}, "Type the date."),
        ({"day": "31", "month": "2", "year": "2026"}, "That is no date."),
        ({"day": "1", "month": "1", "year": "2999"}, "still to come"),
        ({"day": "1", "month": "1", "year": "0026"}, "too long ago"),
        ({"day": "x", "month": "\x00", "year": LONG}, "That is no date."),
    ],
)
def test_a_yes_to_a_dated_question_needs_a_possible_date(parts, words):
    asker = Asker().up_to("health")
    said = {f"q-isotretinoin-date_{k}": v for k, v in parts.items()}
    answer = asker.post("health", HEALTH | {"q-isotretinoin": "yes"} | said)

    assert answer.status_code == 422
    assert words in unescape(answer.content.decode())


def test_a_date_beside_a_no_does_not_matter():
    said = {"q-isotretinoin-date_day": "rubbish"}
    Asker().send(health=HEALTH | said)

    assert only()


WAIT = Rule(
    code="wait",
    kind=RuleKind.WAIT,
    question="isotretinoin",
    question_text="?",
    reason="{date} {until}",
    source="S1",
    answer_kind="yes-no-date",
    date_text="When?",
    wait_amount=3,
    wait_unit=WaitUnit.MONTHS,
)
TODAY = date(2026, 11, 24)


def bar_on(since):
    given = [Given("isotretinoin", "yes", since)]
    card = cards(given, Matters((WAIT,), frozenset({"wait"})), today=TODAY)
    return card["isotretinoin"].bar


@pytest.mark.parametrize(
    "since", [date(2026, 8, 25), date(2026, 10, 1), date(2026, 11, 23), TODAY]
)
def test_the_bar_keeps_today_and_the_words_within_the_wait(since):
    bar = bar_on(since)

    assert 12 <= bar.today <= 224
    assert bar.label_from >= 12
    assert bar.label_from + bar.label_width <= 224
    assert bar.wait == "wait 3 months"


def test_no_bar_is_drawn_on_the_day_the_wait_is_over():
    given = [Given("isotretinoin", "yes", date(2026, 8, 24))]

    assert cards(given, Matters((WAIT,), frozenset()), today=TODAY) == {}


# --- Sent once, wholly or not at all --------------------------------------------------


def test_sending_twice_is_sending_once():
    asker = Asker()
    first = asker.send()
    again = asker.post("when")

    assert first.headers["Location"] == again.headers["Location"] == "/request/sent/"
    assert ConsultationRequest.objects.count() == 1


def test_two_tabs_bring_one_request():
    asker = Asker().up_to("when")
    other_tab = asker.clock
    asker.get("when")
    asker.post("when")
    asker.clock = other_tab

    answer = asker.post("when")

    assert answer.headers["Location"] == "/request/sent/"
    assert ConsultationRequest.objects.count() == 1


def test_a_second_request_of_the_same_person_is_another_one():
    asker = Asker()
    asker.send()
    asker.send()

    assert ConsultationRequest.objects.count() == 2


def test_it_is_written_wholly_or_not_at_all(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(agreeing, "agreed", fail)
    asker = Asker().up_to("when")

    with pytest.raises(RuntimeError):
        asker.post("when")

    assert nothing_is_written()
    monkeypatch.undo()
    monkeypatch.setattr(traps, "QUICKEST", timedelta(0))
    asker.post("when")  # what was typed is still there
    assert only()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one():
    enquiry = Enquiry(
        person={"first_name": "A", "last_name": "B", "email": "a@example.org"},
        answers=[],
        wishes={},
        agreed=[],
        language="en",
    )
    found = []

    def send():
        found.append(sending.send(enquiry, key="one", now=timezone.now()).pk)
        connections.close_all()

    threads = [Thread(target=send) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(found)) == 1
    assert len(found) == 4
    assert Patient.objects.count() == 1


# --- No hint whether an address is known ----------------------------------------------


NAMES = re.compile(r"(?<=SAVEPOINT) .*|'[^']*'")  # each savepoint and act has its own
NONCE = re.compile(r'nonce="[^"]*"')


def shape(asker: Asker) -> tuple[str, list[str], str]:
    asker.up_to("when")
    with CaptureQueriesContext(connection) as queries:
        answer = asker.post("when")
    kinds = [NAMES.sub("", " ".join(one["sql"].split()[:3])) for one in queries]
    return answer.headers["Location"], kinds, without_code(as_seen(asker))


def test_a_known_address_gets_the_same_page_after_the_same_work():
    Asker().send()  # what is read once is read now
    stranger = shape(Asker())
    Patient.objects.update(email="other@example.org", phone="613-555-0100")
    known = make_patient(email=YOU["email"], phone="613-555-0177")

    assert shape(Asker()) == stranger
    assert known.requests.count() == 0
    assert Patient.objects.filter(email=YOU["email"]).count() == 2


def test_the_desk_sees_the_likely_duplicate():
    known = make_patient(
        first_name="Noémie", last_name="Gagnon", birth_date=date(1990, 5, 4)
    )
    Asker().send()

    assert [one.patient for one in duplicates.like(only().patient)] == [known]


# --- Machines and crowds --------------------------------------------------------------


def as_seen(asker: Asker) -> str:
    return asker.client.get("/request/sent/").content.decode()


def test_a_filled_honeypot_is_thanked_and_not_written():
    asker = Asker()
    person, robot = as_sent(Asker()), asker
    robot.up_to("when")
    answer = robot.post("when", WHEN | {traps.HONEYPOT: "http://example.org"})

    assert answer.headers["Location"] == "/request/sent/"
    assert ConsultationRequest.objects.count() == 1
    assert without_code(as_seen(robot)) == without_code(person)


def as_sent(asker: Asker) -> str:
    asker.send()
    return as_seen(asker)


def without_code(page: str) -> str:
    before, _mark, after = page.partition('<b class="tnum">')
    return NONCE.sub("", before + after.partition("</b>")[2])


def test_a_honeypot_filled_on_an_early_step_counts_too():
    asker = Asker()
    asker.get("why")
    asker.post("why", WHY | {traps.HONEYPOT: "x"})
    for step in ("you", "health", "when"):
        asker.post(step)

    assert nothing_is_written()


@pytest.mark.parametrize(("seconds", "written"), [(9, 0), (10, 1)])
def test_who_is_faster_than_any_person_is_thanked_and_not_written(
    monkeypatch, seconds, written
):
    monkeypatch.setattr(traps, "QUICKEST", timedelta(seconds=10))
    asker = Asker().up_to("when")
    key = asker.client.session["enquiry"]["key"]
    asker.clock = traps.clock(key, timezone.now().timestamp() - seconds)

    answer = asker.post("when")

    assert answer.headers["Location"] == "/request/sent/"
    assert ConsultationRequest.objects.count() == written


@pytest.mark.parametrize("clock", ["", "forged", "a.1:b", "\x00", LONG])
def test_a_clock_that_was_not_signed_here_is_a_machine(clock):
    asker = Asker().up_to("when")
    asker.clock = clock

    assert asker.post("when").headers["Location"] == "/request/sent/"
    assert nothing_is_written()


def test_too_many_for_one_address_get_words_and_keep_what_they_typed(monkeypatch):
    monkeypatch.setattr(limits, "BY_ADDRESS", "1/d")
    Asker().send()
    asker = Asker().up_to("when")

    answer = asker.post("when", WHEN | {"weekdays": ["2"]})

    page = answer.content.decode()
    assert answer.status_code == 429
    assert "613-555-0100" in page
    assert 'value="2" checked' in page
    assert ConsultationRequest.objects.count() == 1
    assert "enquiry" in asker.client.session


def test_too_many_from_one_place_are_held_off_but_not_from_another(monkeypatch):
    monkeypatch.setattr(limits, "BY_PLACE", "1/h")
    Asker(REMOTE_ADDR="192.0.2.1").send()

    same = Asker(REMOTE_ADDR="192.0.2.1").send(you=YOU | {"email": "b@example.org"})
    other = Asker(REMOTE_ADDR="192.0.2.2").send(you=YOU | {"email": "c@example.org"})

    assert (same.status_code, other.status_code) == (429, 302)


def test_behind_a_proxy_the_address_it_saw_counts_and_no_other(settings, monkeypatch):
    settings.BEHIND_PROXY = True
    monkeypatch.setattr(limits, "BY_PLACE", "1/h")
    Asker(HTTP_X_FORWARDED_FOR="10.0.0.1, 192.0.2.1").send()

    forged = Asker(HTTP_X_FORWARDED_FOR="10.0.0.9, 192.0.2.1").send()
    other = Asker(HTTP_X_FORWARDED_FOR="10.0.0.1, 192.0.2.7").send()

    assert (forged.status_code, other.status_code) == (429, 302)


def test_a_cache_that_is_down_loses_no_request(monkeypatch):
    def down(*args, **kwargs):
        raise ConnectionError

    for name in ("get", "set", "add", "incr", "delete", "has_key", "touch"):
        monkeypatch.setattr(type(caches["default"]), name, down)

    answer = Asker().send()

    assert answer.headers["Location"] == "/request/sent/"
    assert only()


# --- Rubbish --------------------------------------------------------------------------


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("rubbish", ["\x00", LONG, "💥", "' OR 1=1 --", "-1", "<b>"])
def test_rubbish_in_every_field_is_answered_and_kept(step, rubbish):
    names = {
        **WHY,
        **YOU,
        **HEALTH,
        **WHEN,
        "q-isotretinoin-date_day": "",
        "weekdays": "",
        "arrive_from": "",
        "arrive_until": "",
        "doctor": "",
        "travels": "",
        "comes_from": "",
        "timezone": "",
        "in_town_from_day": "",
        "in_town_until_year": "",
    }
    asker = Asker().up_to(step)

    answer = asker.post(step, dict.fromkeys(names, rubbish))

    assert answer.status_code in (302, 422)
    assert asker.get(step).status_code in (200, 302)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", "Win at http://example.org"),
        ("first_name", "<script>"),
        ("last_name", "a@b"),
        ("email", "no"),
        ("phone", "12"),
        ("birth_date_year", "1850"),
        ("birth_date_year", "2999"),
        ("birth_date_month", "13"),
        ("language", "de"),
        ("pronouns", LONG),
    ],
)
def test_what_cannot_be_of_a_person_is_refused_at_its_field(field, value):
    asker = Asker().up_to("you")
    answer = asker.post("you", YOU | {field: value})

    assert answer.status_code == 422
    assert answer.context["form"].faults()
    assert b"autofocus" in answer.content


@pytest.mark.parametrize(
    "change",
    [
        {"location": "nowhere"},
        {"weekdays": ["9"]},
        {"arrive_from": "12:00:00", "arrive_until": "12:00:00"},
        {"arrive_from": "noon"},
        {"doctor": "99999999999999999999"},
        {"travels": "on"},
        {"travels": "on", "comes_from": "Halifax", "timezone": "Mars/Olympus"},
        {"travels": "on", "comes_from": "X", "in_town_from_day": "1"},
    ],
)
def test_wishes_that_make_no_sense_are_refused(change):
    assert Asker().send(when=WHEN | change).status_code == 422
    assert nothing_is_written()


def test_a_stay_is_kept_only_of_whoever_travels():
    Asker().send(when=WHEN | {"comes_from": "Halifax", "timezone": "Mars"})

    assert only().comes_from == ""
    assert only().patient.timezone == "America/Toronto"


def test_something_has_to_be_said():
    asker = Asker()
    asker.get("why")

    assert asker.post("why", {"words": "  "}).status_code == 422
    assert asker.post("why", {"treatment": "microneedling"}).status_code == 302


@pytest.mark.parametrize("step", ["nonsense", "choose"])
def test_there_are_four_steps_and_no_others(step):
    assert Asker().client.get(f"/request/{step}/").status_code == 404


def test_what_is_kept_stays_small():
    session = {}
    kept = draft.Draft("key", 0.0)
    kept.keep("why", {f"n{i}": [LONG] * 200 for i in range(500)})
    draft.keep(session, kept)

    typed = session["enquiry"]["typed"]["why"]
    assert len(typed) == draft.MOST_FIELDS
    assert all(len(v) <= draft.MOST_VALUES for v in typed.values())
    assert all(len(one) == draft.LONGEST for one in typed["n0"])


# --- The letter -----------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_letter_leaves_at_once_with_the_code_and_the_link(language):
    Asker().send(you=YOU | {"language": language})
    outbox.send_due(clock=timezone.now)

    (letter,) = mail.outbox
    row = Message.objects.get()
    path = "/fr/requests/" if language == "fr" else "/requests/"
    assert letter.to == [YOU["email"]]
    assert sending.code_of(only()) in letter.subject
    assert path in letter.body
    assert (row.rule, row.request, row.status) == (
        "request-received",
        only(),
        MessageStatus.SENT,
    )
    assert row.language == language
    link = letter.body.partition("http")[2].split()[0]
    page = Asker().client.get("/" + link.split("/", 3)[3])
    assert page.status_code == 200


def test_the_letter_of_a_request_taken_back_does_not_leave():
    Asker().send()
    following.withdraw(only(), now=timezone.now())
    outbox.send_due(clock=timezone.now)

    assert mail.outbox == []
    assert Message.objects.get().status == MessageStatus.SUPPRESSED


# --- Following it ---------------------------------------------------------------------


def token_of(row) -> str:
    return links.token(Purpose.REQUEST, row, now=timezone.now())


def page_of(row, more: str = "", pre: str = "") -> str:
    answer = Asker().client.get(f"{pre}/requests/{token_of(row)}/{more}")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_the_page_tells_how_the_request_stands():
    Asker().send()
    assert "We answer within one working day" in page_of(only())

    ConsultationRequest.objects.update(status=RequestStatus.CONTACTED)
    assert "We are looking for a time together" in page_of(only())


def test_a_booked_consultation_is_told_with_day_and_place():
    talk = make_appointment(kind="consultation")
    row = make_request(
        patient=talk.patient, status=RequestStatus.BOOKED, appointment=talk
    )

    page = page_of(row)

    assert talk.location.address in page
    assert "Change my request" not in page


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (RequestStatus.DONE, "Thank you for coming"),
        (RequestStatus.WITHDRAWN, "You have taken your request back"),
        (RequestStatus.CLOSED, "The reason: Moved away"),
    ],
)
def test_what_is_over_shows_its_state_alone(status, words):
    row = make_request(status=status, words="My secret wish", close_reason="Moved away")
    page = page_of(row)

    assert words in page
    assert "My secret wish" not in page
    for more in ("change/", "withdraw/"):
        client = Asker().client
        answer = client.post(f"/requests/{token_of(row)}/{more}")
        assert answer.status_code == 302
    row.refresh_from_db()
    assert row.status == status


def test_a_request_is_changed_and_the_desk_is_told():
    Asker().send()
    row = only()
    said = WHY | {"words": "Something else", "location": "centre", "weekdays": ["5"]}
    answer = Asker().client.post(f"/requests/{token_of(row)}/change/", said)

    row.refresh_from_db()
    assert answer.status_code == 302
    assert (row.words, row.weekdays, row.location.slug) == (
        "Something else",
        [5],
        "centre",
    )
    assert Task.objects.get().request == row
    assert row.patient.answers.count() == len(HEALTH)


def test_a_change_that_is_wrong_keeps_what_was_typed():
    Asker().send()
    said = {"words": "Kept", "location": "nowhere", "concerns": "rubbish"}
    answer = Asker().client.post(f"/requests/{token_of(only())}/change/", said)

    assert answer.status_code == 422
    assert b"Kept" in answer.content
    assert only().words == "Hello"


def test_a_change_that_brings_questions_asks_them_and_adds_the_answers():
    plain = {"treatment": "microneedling", "concerns": [], "words": ""}
    health = {k: v for k, v in HEALTH.items() if k != "q-rf-implant"}
    Asker().send(why=plain, health=health)
    row, client = only(), Asker().client
    before = row.patient.answers.count()
    here = f"/requests/{token_of(row)}/change/"

    answer = client.post(here, WHEN | {"treatment": "microneedling-rf"})
    refused = client.post(f"{here}?part=health", {"q-keloid": "yes"})
    taken = client.post(
        f"{here}?part=health", {"q-rf-implant": "no", "q-keloid": "yes"}
    )

    assert answer.headers["Location"].endswith("?part=health")
    assert (refused.status_code, taken.status_code) == (422, 302)
    assert row.patient.answers.count() == before + 2
    assert row.patient.answers.filter(question="keloid").count() == 2


def test_the_link_shows_no_health_answer():
    Asker().send(health=HEALTH | {"q-pregnancy": "unsure"})

    assert "checked" not in page_of(only(), "change/?part=health")


def test_a_request_is_taken_back_after_a_second_look():
    Asker().send()
    row = only()
    assert "Take my request back?" in page_of(row, "withdraw/")

    for _twice in range(2):
        Asker().client.post(f"/requests/{token_of(row)}/withdraw/")

    row.refresh_from_db()
    assert row.status == RequestStatus.WITHDRAWN
    assert Task.objects.count() == 1


def test_a_booked_consultation_is_not_cancelled_by_the_way():
    talk = make_appointment(kind="consultation")
    row = make_request(
        patient=talk.patient, status=RequestStatus.BOOKED, appointment=talk
    )
    answer = Asker().client.post(f"/requests/{token_of(row)}/withdraw/")

    row.refresh_from_db()
    talk.refresh_from_db()
    assert answer.status_code == 422
    assert (row.status, talk.is_live) == (RequestStatus.BOOKED, True)
    assert "Taking the request back would not cancel it" in page_of(row, "withdraw/")
    with pytest.raises(BookingRefused):
        following.change(row, {}, timezone.now())


def test_wrong_old_foreign_and_ended_links_all_look_the_same():
    Asker().send()
    row, other = only(), make_request()
    good, now = token_of(row), timezone.now()
    old = links.token(Purpose.REQUEST, row, now=now - timedelta(days=91))
    foreign = f"{other.pk}.{good.partition('.')[2]}"
    purpose = links.token(Purpose.SIGN_IN, row.patient, now=now)
    client = Asker().client
    pages = [
        client.get(f"/requests/{token}/{more}")
        for token in (old, foreign, purpose, "x", "9" * 40, good + "x")
        for more in ("", "change/", "withdraw/")
    ]

    assert {page.status_code for page in pages} == {404}
    assert len({page.content for page in pages}) <= 1 + len(pages)  # but for nonces
    assert all(b"This link does not work" in page.content for page in pages)


# --- French ---------------------------------------------------------------------------


def test_the_whole_of_it_speaks_french():
    asker = Asker("/fr")
    titles = []
    for step in STEPS:
        titles.append(asker.text(step))
        asker.post(step, YOU | {"language": "fr"} if step == "you" else None)

    assert only().patient.language == "fr"
    assert "Ce qui vous amène" in titles[0]
    assert "Prénom" in titles[1]
    assert "Votre santé" in titles[2]
    assert "Quand et où" in titles[3]
