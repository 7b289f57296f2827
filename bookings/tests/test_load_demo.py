"""Loading the demo: on any day, but never without a catalogue or into a real clinic."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from bookings.models import Patient
from bookings.services.demo import loader, talks, telling
from bookings.services.demo.stories import ANOUK
from bookings.tests.factories import make_location
from clinic.models import Location

pytestmark = pytest.mark.django_db


def test_without_the_catalogue_one_line_says_what_to_do():
    with pytest.raises(CommandError, match=r"run manage\.py load_catalogue first"):
        call_command("load_demo")

    assert not Location.objects.exists()


def test_the_demo_stays_out_of_a_real_clinic():
    make_location(slug="real-street")

    with pytest.raises(CommandError, match="holds another clinic"):
        call_command("load_demo")

    assert not Patient.objects.exists()


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 12, 25),  # a holiday
        date(2027, 3, 14),  # a Sunday, on which the clocks go forward
        date(2028, 2, 29),
    ],
    ids=str,
)
def test_the_stories_have_their_places_on_any_day(day):
    call_command("load_catalogue", stdout=StringIO())
    world = loader.world_of(day)
    talks.block_desk_work(world)

    courses = telling.tell(world)

    second = next(
        visit
        for visit in courses[ANOUK.person.name].visits
        if visit.number == ANOUK.dates.number
    )
    assert timedelta(0) < second.slot.day - day <= timedelta(days=7)
