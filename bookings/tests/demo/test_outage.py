"""The demo's outage: a few people wait to be re-planned, and most of them can be."""

from bookings.models import Outage, Task, TaskKind
from bookings.services.missing import outage_plans
from bookings.tests.demo.rows import MORNING


def test_a_device_is_away_next_week_and_people_are_booked_on_it(demo):
    outage = Outage.objects.select_related("resource__location").get()

    bulk = outage_plans.proposals(outage, now=MORNING)

    assert 2 <= bulk.sessions <= 15
    assert bulk.possible
    assert Task.objects.open().filter(kind=TaskKind.OUTAGE).count() == bulk.sessions
