"""Letters: the right words, in the patient's language and the location's time."""

from datetime import UTC, date, datetime

import pytest

from bookings.models import ClaimReason, Message, MessageStatus
from bookings.services.messages import letters
from bookings.services.messages.letters import week_before
from bookings.services.messages.reminders import RULES
from bookings.tests.factories import (
    NOW,
    make_location,
    make_patient,
    make_practitioner,
)
from bookings.tests.letterbox import (
    CARE,
    make_message,
    make_series,
    make_talk,
    make_visit,
)

OF_A_VISIT = [rule for rule in RULES if RULES[rule].kinds]

HALF_PAST_NINE = datetime(2026, 11, 30, 14, 30, tzinfo=UTC)  # in Ottawa, a Monday


def write(message: Message) -> letters.Letter:
    return letters.write(Message.objects.with_people().get(pk=message.pk), now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("make", "rule"),
    [(make_visit, rule) for rule in OF_A_VISIT]
    + [(make_talk, "confirmation"), (make_talk, "practical")],
)
def test_every_letter_is_whole(make, rule):
    message = make_message(make(), rule=rule)

    letter = write(message)

    assert letter.subject
    assert letter.subject == letter.subject.strip()
    assert '<html lang="en">' in letter.html
    for words in (letter.subject, letter.text, letter.html):
        assert "{{" not in words
        assert "{%" not in words
        assert "None" not in words


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rule", "subject"),
    [
        ("confirmation", "Your booking on Monday 30 November"),
        ("pre-care", "Getting ready for Monday 30 November"),
        ("practical", "See you on Monday 30 November, 9:30"),
        ("after-care", "After your visit on Monday 30 November"),
    ],
)
def test_subjects_name_a_day_and_never_a_treatment(rule, subject):
    session = make_visit(starts_at=HALF_PAST_NINE)

    assert write(make_message(session, rule=rule)).subject == subject


@pytest.mark.django_db
def test_times_are_those_of_the_locations_clocks():
    west = make_location(timezone="America/Vancouver", name="Kitsilano")
    talk = make_talk(starts_at=HALF_PAST_NINE, location=west)

    letter = write(make_message(talk))

    assert "Mon 30 November 2026, 6:30 to 7:30" in letter.text
    assert "Mon 30 November 2026, 6:30 to 7:30" in letter.html
    assert "1 Elgin Street, Kitsilano" in letter.text


@pytest.mark.django_db
def test_a_letter_is_in_one_language_dates_included():
    talk = make_talk(starts_at=HALF_PAST_NINE)

    letter = write(make_message(talk, language="fr"))

    assert letter.subject == "Votre réservation du lundi 30 novembre"
    assert (
        "lun 30 novembre 2026, de 9\N{NBSP}h\N{NBSP}30 à 10\N{NBSP}h\N{NBSP}30"
        in letter.text
    )
    assert '<html lang="fr">' in letter.html


@pytest.mark.django_db
def test_a_result_review_has_no_numbing_and_lasts_as_long_as_it_does():
    plan = make_visit().plan
    review = make_talk(kind="result-review", plan=plan, starts_at=HALF_PAST_NINE)

    text = write(make_message(review, rule="practical")).text

    assert "9:30 to 10:30" in text
    assert "numbing" not in text


@pytest.mark.django_db
def test_a_name_is_plain_in_the_text_and_harmless_on_the_page():
    patient = make_patient(first_name="<b>O'Neill", email="o@example.org")

    letter = write(make_message(make_talk(patient=patient)))

    assert "Hello <b>O'Neill," in letter.text
    assert "Hello &lt;b&gt;O&#x27;Neill," in letter.html


@pytest.mark.django_db
def test_pre_care_says_how_far_off_the_session_is():
    session = make_visit(starts_at=HALF_PAST_NINE)

    letter = write(make_message(session, rule="pre-care"))

    assert "Your session 1 of 3 is in 6 days." in letter.text
    assert "today is Tue 24" in letter.html


@pytest.mark.django_db
def test_pre_care_says_what_to_do_and_from_when_to_when():
    session = make_visit(starts_at=HALF_PAST_NINE)

    text = write(make_message(session, rule="pre-care")).text

    assert "Stop: Retinol, rough scrubs and acne products (23 to 30 Nov)" in text
    assert "Keep on: Washing and moisturising as usual (Until 30 Nov)" in text
    assert "Make-up" not in text


@pytest.mark.django_db
def test_after_care_says_until_when():
    session = make_visit(starts_at=HALF_PAST_NINE)

    text = write(make_message(session, rule="after-care")).text

    assert "Avoid: Make-up (Until Tue 1 Dec, 10:30)" in text
    assert "touch the area (Until your skin has healed)" in text
    assert "Retinol" not in text


@pytest.mark.django_db
def test_the_patients_time_ends_with_the_operators_work():
    session = make_visit(starts_at=HALF_PAST_NINE)
    claim = {"why": ClaimReason.APPOINTMENT, "during": session.during}
    nurse = make_practitioner(name="Nurse Roy")
    session.claims.create(resource=nurse, role="operator", **claim)

    text = write(make_message(session)).text

    assert "9:30 to 10:30" in text
    assert "9:30 numbing, 10:00 needling\n" in text
    assert "Nurse Roy, 1 Elgin Street" in text


@pytest.mark.django_db
@pytest.mark.parametrize("part", ["text", "html"])
def test_one_confirmation_lists_every_session_and_the_place_once(part):
    series = make_series()

    words = getattr(write(make_message(series[0])), part)

    assert "Your 3 sessions are booked." in words
    for when in (
        "Thu 24 December 2026, 10:00",
        "Thu 11 February 2027, 10:00",
        "Thu 1 April 2027, 11:00",
    ):
        assert words.count(when) == 1
    assert [words.count(f"Session {number}") for number in (1, 2, 3)] == [1, 1, 1]
    assert words.count("1 Elgin Street, Centretown") == 1


@pytest.mark.django_db
def test_the_subject_of_a_series_says_from_when():
    series = make_series()

    subject = write(make_message(series[0])).subject

    assert subject == "Your bookings from Thursday 24 December"


@pytest.mark.django_db
def test_a_booking_of_one_session_reads_as_one_visit():
    [session] = make_series(1)

    letter = write(make_message(session))

    assert "Your visit is booked. This is when we expect you." in letter.text
    assert letter.subject == "Your booking on Thursday 24 December"


@pytest.mark.django_db
@pytest.mark.parametrize("part", ["text", "html"])
def test_a_visit_that_was_moved_reads_as_changed(part):
    [session] = make_series(1, version=2)

    letter = write(make_message(session, version=2))

    assert "has changed. This is when we expect you now." in getattr(letter, part)
    assert "is booked" not in getattr(letter, part)
    assert letter.subject == "Changed: your booking from Thursday 24 December"


@pytest.mark.django_db
def test_sessions_that_moved_together_read_as_one_change():
    series = make_series(version=2)

    letter = write(make_message(series[0], version=2))

    assert "Something about your sessions has changed." in letter.text
    assert letter.subject == "Changed: your booking from Thursday 24 December"


@pytest.mark.django_db
def test_a_page_fetches_nothing_and_runs_nothing():
    session = make_visit(starts_at=HALF_PAST_NINE)

    for rule in OF_A_VISIT:
        page = write(make_message(session, rule=rule)).html
        assert "<script" not in page
        assert "<img" not in page
        assert "url(" not in page


@pytest.mark.django_db
def test_what_was_sent_is_read_as_it_was_sent():
    sent = make_message(
        make_talk(),
        status=MessageStatus.SENT,
        sent_at=NOW,
        subject="Then",
        text="As it was.",
        html="<p>As it was.</p>",
    )

    assert letters.read(sent, now=NOW) == letters.Letter(
        "Then", "As it was.", "<p>As it was.</p>"
    )


@pytest.mark.django_db
def test_a_message_still_to_leave_reads_as_of_its_due_day():
    session = make_visit(starts_at=HALF_PAST_NINE)
    due_at = datetime(2026, 11, 29, 14, 0, tzinfo=UTC)
    message = make_message(session, rule="pre-care", due_at=due_at)

    letter = letters.read(message, now=NOW)

    assert "Your session 1 of 3 is tomorrow." in letter.text


def test_the_week_before_ends_with_the_session():
    week = week_before(date(2026, 11, 30), today=date(2026, 11, 24), care_days=7)

    assert [cell.day.day for cell in week] == [23, 24, 25, 26, 27, 28, 29, 30]
    assert [cell.is_today for cell in week].index(True) == 1
    assert [cell.is_session for cell in week].index(True) == 7


def test_the_strip_has_as_many_days_as_the_care_and_seven_at_most():
    day = date(2026, 11, 30)

    cells = [len(week_before(day, today=day, care_days=days)) for days in (0, 3, 7, 8)]

    assert cells == [1, 4, 8, 8]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("offset", "heading"),
    [(-14, "Your 14 days before"), (-1, "The day before"), (0, "Before your session")],
)
def test_pre_care_names_as_many_days_as_the_protocol(offset, heading):
    [session] = make_series(1, care=[CARE[0] | {"starts_offset": offset}])

    letter = write(make_message(session, rule="pre-care"))

    assert heading in letter.text
    assert heading in letter.html
