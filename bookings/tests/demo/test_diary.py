"""The demo's diary: full, and made of appointments that could have been booked."""

from collections import defaultdict
from datetime import timedelta

import pytest

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Claim,
    Outage,
    PlanStatus,
    SessionRecord,
    TreatmentPlan,
)
from bookings.services import claims, diary, screening, shapes
from bookings.services.missing import outages
from bookings.tests.demo.rows import MORNING, TODAY, sessions, share_taken
from clinic.models import Location, Practitioner
from treatments.suitability import Outcome


def test_ten_weeks_are_about_85_per_cent_full(demo):
    assert 0.8 <= share_taken(TODAY, TODAY + timedelta(days=69)) <= 0.9


@pytest.mark.parametrize("week", range(10))
def test_each_of_the_ten_weeks_is_full(demo, week):
    monday = TODAY + timedelta(weeks=week)

    assert 0.78 <= share_taken(monday, monday + timedelta(days=6)) <= 0.92


def test_after_ten_weeks_the_diary_thins(demo):
    shares = [
        share_taken(
            TODAY + timedelta(weeks=week), TODAY + timedelta(weeks=week, days=27)
        )
        for week in (10, 14, 18, 22)
    ]

    assert shares == sorted(shares, reverse=True)
    assert shares[-1] < 0.25


def test_every_kind_of_series_is_there(demo):
    statuses = set(TreatmentPlan.objects.values_list("status", flat=True))
    visits = set(Appointment.objects.values_list("status", flat=True))

    assert statuses == set(PlanStatus.values)
    assert visits >= {
        AppointmentStatus.BOOKED,
        AppointmentStatus.CONFIRMED,
        AppointmentStatus.DONE,
        AppointmentStatus.CANCELLED,
        AppointmentStatus.NO_SHOW,
    }


def test_sessions_lie_inside_their_windows(demo):
    dates = defaultdict(dict)
    for row in sessions():
        dates[row.plan][row.number] = row.local_date

    gaps = {
        (days[number + 1] - days[number]).days
        for days in dates.values()
        for number in days
        if number + 1 in days
    }

    assert min(gaps) >= 42
    assert max(gaps) <= 56


def test_every_arrival_is_on_the_grid(demo):
    starts = [row.local_start for row in Appointment.objects.select_related("location")]

    assert {start.minute % 15 for start in starts} == {0}


def test_sessions_claim_what_a_booking_would_claim(demo):
    for row in sessions():
        roles = {claim.role: claim.resource_id for claim in row.claims.all()}
        expected = claims.for_appointment(row, row.plan, roles)

        assert {(c.role, c.resource_id, c.during) for c in row.claims.all()} == {
            (c.role, c.resource_id, c.during) for c in expected
        }
        wanted = {
            role.name for role in row.plan.protocol.roles.all() if not role.shared
        }
        assert set(roles) == wanted


def test_claims_are_met_by_resources_with_the_skills(demo):
    resources = {
        claim.resource_id: claim.resource
        for claim in Claim.objects.select_related("resource")
    }

    for row in sessions():
        needs = {role.name: role for role in row.plan.protocol.roles.all()}
        for claim in row.claims.all():
            resource, role = resources[claim.resource_id], needs[claim.role]
            assert resource.location_id == row.location_id
            assert resource.kind == role.kind
            assert set(role.skills) <= set(resource.skills)


def test_claims_lie_inside_opening_hours(demo):
    for outage in Outage.objects.all():
        outages.lift(outage, actor=outage.declared_by, now=MORNING)
    first = Claim.objects.order_by("during")[0].during.lower.date()
    hours = {
        pk: spans
        for place in Location.objects.all()
        for pk, spans in diary.open_spans(
            place, first, TODAY + timedelta(days=400)
        ).items()
    }

    for claim in Claim.objects.all():
        start = int(claim.during.lower.timestamp()) // 60
        end = int(claim.during.upper.timestamp()) // 60
        assert any(
            opens <= start and end <= closes
            for opens, closes in hours[claim.resource_id]
        )


def test_a_doctor_is_on_the_premises_while_needles_are_used(demo):
    first, last = TODAY - timedelta(days=100), TODAY + timedelta(days=400)
    doctors = set(
        Practitioner.objects.filter(may_supervise=True).values_list("pk", flat=True)
    )
    present = {
        place.pk: [
            span
            for pk, spans in diary.open_spans(place, first, last).items()
            if pk in doctors
            for span in spans
        ]
        for place in Location.objects.all()
    }

    for row in sessions():
        minute = int(row.starts_at.timestamp()) // 60
        for phase in shapes.phases_of(row.plan):
            if "supervisor" in phase.roles:
                end = minute + phase.minutes
                assert any(
                    a <= minute and end <= b for a, b in present[row.location_id]
                )
            minute += phase.minutes


def test_booked_patients_are_suitable_on_their_days(demo):
    coming = [row for row in sessions() if row.status == AppointmentStatus.BOOKED]

    outcomes = {
        screening.verdict(row.plan, row.local_date, now=MORNING).outcome
        for row in coming[::20]
    }

    assert outcomes == {Outcome.SUITABLE}


def test_only_kept_sessions_have_a_record(demo):
    done = sessions().filter(status=AppointmentStatus.DONE)

    assert done.filter(records=None).count() == 0
    records = SessionRecord.objects.current()
    assert all(row.areas.exists() for row in records.filter(version=1)[:20])
    assert not records.exclude(appointment__status=AppointmentStatus.DONE).exists()
    assert all(row.completed_at <= MORNING for row in done)
