"""One new patient on a phone, from the first wish to skin that heals, in her language."""

from datetime import timedelta

import pytest

from bookings.models import AppointmentStatus, CareTick, CheckIn, Recheck
from bookings.tests.browser import journey
from bookings.tests.browser.conftest import PHONE
from bookings.tests.browser.journey import SINCE_DONE, Phone, patient
from bookings.tests.browser.test_request import quick as quick
from bookings.tests.portal import worker as worker
from bookings.tests.selfhelp import visit_of

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("worker")]


def starts(plan):
    return [visit_of(plan, number).starts_at for number in (1, 2, 3)]


@pytest.mark.parametrize(("language", "scripts"), [("en", True), ("fr", False)])
def test_a_new_patient_goes_from_a_first_wish_to_skin_that_heals(
    open_page, staff, language, scripts
):
    page = open_page(viewport=PHONE, java_script_enabled=scripts)
    phone, desk = Phone(page, language), open_page(staff["Boyer"])

    # She asks for a consultation, and follows the request by its letter.
    journey.ask_for_a_consultation(phone)
    assert patient().language == language
    journey.follow_the_request(phone)

    # The desk proposes times, and one click takes one.
    journey.propose_times(desk)
    journey.take_the_first_time(phone)
    request = patient().requests.get()
    assert request.appointment.status == AppointmentStatus.BOOKED

    # After the talk staff sign a plan and book it; she sees it, and gets ready.
    journey.make_past(request.appointment, timedelta(hours=2))
    plan = journey.sign_a_plan(staff)
    journey.book_the_series(desk, plan)
    journey.sign_in(phone)
    journey.tick_one_thing_off(phone)
    assert CareTick.objects.get().appointment == visit_of(plan, 1)

    # Her health is as it was.
    journey.say_nothing_has_changed(phone)
    assert Recheck.objects.get().has_changed is False

    # A later day suits her better, and what has to follow moves along.
    before = starts(plan)
    promised = journey.move_with_what_follows(phone, visit_of(plan, 1))
    assert len(promised) > 1
    assert before[0] < promised[0]
    assert starts(plan) == promised + before[len(promised) :]

    # Two days after the session it heals well.
    journey.make_past(visit_of(plan, 1), SINCE_DONE)
    journey.say_it_heals_well(phone)
    said = CheckIn.objects.get()
    assert said.appointment == visit_of(plan, 1)
    assert (said.moment, said.state) == ("48h", "well")
