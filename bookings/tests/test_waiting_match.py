"""What is offered to whom: the soonest time that fits, to the longest wait first."""

from datetime import date, time, timedelta

import pytest

from bookings.models import Claim, ClaimReason, WaitingOffer
from bookings.services import waiting
from bookings.tests.factories import NOW, make_place_with_people, make_protocol
from bookings.tests.test_series_book import FIRST, local, make_approved
from bookings.tests.waiting import (
    NEXT_DAY,
    keep_only,
    make_booked,
    offered,
    wait,
)

pytestmark = pytest.mark.django_db

FRIDAY = date(2026, 12, 4)


def test_the_soonest_free_time_is_offered_and_held():
    plan = make_booked()
    keep_only(plan.location, FRIDAY)
    entry = wait(plan, first_day=NEXT_DAY)

    assert waiting.match(now=NOW) == 1

    offer = offered(entry)
    assert offer.starts_at == local(FRIDAY)
    held = Claim.objects.filter(offer=offer)
    assert {claim.why for claim in held} == {ClaimReason.HOLD}
    assert {claim.expires_at for claim in held} == {NOW + timedelta(hours=2)}
    assert sorted(claim.role for claim in held) == ["device", "operator", "room"]
