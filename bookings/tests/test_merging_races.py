"""A merge while others write for the same person: refused, or it lands on the kept one."""

from datetime import timedelta

import pytest

from bookings.models import (
    Appointment,
    Claim,
    Consent,
    HealthAnswer,
    Patient,
    PatientMerge,
    TreatmentPlan,
)
from bookings.services import merging, screening
from bookings.services.people import consents
from bookings.services.refusals import BookingRefused
from bookings.services.screening import Given
from bookings.tests.factories import (
    NOW,
    make_patient,
    make_place_with_people,
    make_protocol,
)
from bookings.tests.factories import make_user as make_actor
from bookings.tests.test_series_book import book, make_approved, make_sessions
from bookings.tests.test_series_races import forget
from bookings.tests.threads import at_once

ROUNDS = 6

pytestmark = pytest.mark.django_db(transaction=True)


def merge(kept, gone, actor):
    return merging.merge(kept, gone, actor=actor, now=NOW)


def made_one(outcomes):
    return [one for one in outcomes if isinstance(one, PatientMerge)]


def test_a_series_booked_for_the_record_that_goes_lands_on_the_kept_one_or_is_refused():
    place, protocol, actor = make_place_with_people(), make_protocol(), make_actor()

    for _turn in range(ROUNDS):
        plan = make_approved(place, protocol=protocol, session_count=2)
        kept, gone = make_patient(), plan.patient
        sessions = make_sessions(plan, (0, 49))
        merged, booked = at_once(
            lambda k=kept, g=gone: merge(k, g, actor),
            lambda p=plan, s=sessions: book(p, s, actor=actor),
        )

        assert isinstance(merged, PatientMerge)
        assert TreatmentPlan.objects.get(pk=plan.pk).patient == kept
        assert not gone.appointments.exists()
        was_refused = isinstance(booked, BookingRefused)
        assert kept.appointments.count() == (0 if was_refused else 2)
        assert Claim.objects.count() == (0 if was_refused else 6)
        if was_refused:
            assert "just been merged" in str(booked)
        forget()


def test_answers_given_for_the_record_that_goes_are_never_left_behind():
    actor = make_actor()

    for _turn in range(ROUNDS):
        kept, gone = make_patient(), make_patient()
        given = [Given("keloid", "yes")]
        at_once(
            lambda k=kept, g=gone: merge(k, g, actor),
            lambda g=gone, a=given: screening.record(g, a, actor=actor, now=NOW),
        )

        assert not gone.answers.exists()
    assert HealthAnswer.objects.count() <= ROUNDS


def test_two_who_merge_the_same_two_records_the_other_way_round_merge_them_once():
    actor = make_actor()

    for _turn in range(ROUNDS):
        one, two = make_patient(), make_patient()
        outcomes = at_once(
            lambda a=one, b=two: merge(a, b, actor),
            lambda a=one, b=two: merge(b, a, actor),
        )

        assert len(made_one(outcomes)) == 1
        assert Patient.objects.current().filter(pk__in=(one.pk, two.pk)).count() == 1


def test_a_word_on_messages_given_meanwhile_is_never_left_behind():
    actor = make_actor()

    for _turn in range(ROUNDS):
        kept, gone = make_patient(), make_patient()
        at_once(
            lambda k=kept, g=gone: merge(k, g, actor),
            lambda g=gone: consents.record(
                g, "photos", is_given=True, source="desk", actor=actor, now=NOW
            ),
        )

        assert not gone.consents.exists()
    assert Consent.objects.count() <= ROUNDS


def test_a_visit_that_turns_up_at_the_same_time_is_never_doubled():
    """Both records are booked for one time while they are merged: one of the two gives."""
    actor = make_actor()
    place, protocol = make_place_with_people(), make_protocol()

    for _turn in range(ROUNDS):
        plan = make_approved(place, protocol=protocol, session_count=1)
        kept = make_patient()
        start = make_sessions(plan, (0,))[0].starts_at
        Appointment.objects.create(
            kind="consultation",
            patient=kept,
            location=place,
            during=(start, start + timedelta(minutes=30)),
        )
        merged, booked = at_once(
            lambda k=kept, p=plan: merge(k, p.patient, actor),
            lambda p=plan: book(p, make_sessions(p, (0,)), actor=actor),
        )

        refused = [isinstance(one, BookingRefused) for one in (merged, booked)]
        assert refused.count(True) == 1
        owners = {row.patient_id for row in Appointment.objects.all()}
        assert len(owners) == (1 if refused[1] else 2)
        forget()
