"""Series to book, and series that are over, for tests of what came of them."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    ConsentKind,
    PlanStatus,
)
from bookings.services import series
from bookings.services.outcomes import reviews
from bookings.tests.factories import (
    NOW,
    make_answers,
    make_place_with_people,
    make_plan,
    make_user,
)
from bookings.tests.test_series_book import make_sessions

OTTAWA = ZoneInfo("America/Toronto")
LAST = date(2027, 3, 16)  # of the series that `book` books: 8 Dec, 26 Jan, 16 Mar
OPENS, CLOSES = date(2027, 4, 27), date(2027, 5, 11)


def local(day: date, at: time = time(10)) -> datetime:
    return datetime.combine(day, at, tzinfo=OTTAWA).astimezone(UTC)


def make_signed(**fields):
    """A signed plan of three sessions at a place where they can be given."""
    plan = make_plan(
        location=fields.pop("location", None) or make_place_with_people(),
        status=PlanStatus.APPROVED,
        reviewed_by=make_user("Clinician"),
        reviewed_at=NOW,
        **fields,
    )
    make_answers(plan)
    return plan


def book(plan, *, key=None, now=NOW, **wish):
    """Book the series and the look at its result."""
    actor, key = make_user("Front desk"), key or uuid4()

    def book_series():
        sessions = make_sessions(plan)
        return series.book(
            plan, sessions, key=key, strategy="earliest", actor=actor, now=now
        )

    given = {"wish": reviews.Wish(**wish)} if wish else {}
    return reviews.with_series(book_series, actor=actor, now=now, **given)


def review_of(plan):
    """The one look at the plan's result that stands; None without one."""
    rows = plan.appointments.firm().filter(kind=AppointmentKind.RESULT_REVIEW)
    return rows.first()


def make_over(*, days_ago=42, now=NOW, sessions=1, agrees=True, **fields):
    """A signed plan whose sessions all took place, the last so many days ago."""
    plan = make_signed(session_count=sessions, **fields)
    if agrees:
        plan.patient.consents.create(
            kind=ConsentKind.CARE_MESSAGES, is_given=True, words="Yes.", at=now
        )
    for number in range(1, sessions + 1):
        ended = now - timedelta(days=days_ago + 49 * (sessions - number))
        make_done(plan, number, ended)
    return plan


def make_done(plan, number, ended):
    return Appointment.objects.create(
        kind=AppointmentKind.SESSION,
        plan=plan,
        patient=plan.patient,
        number=number,
        location=plan.location,
        during=DateTimeTZRange(ended - timedelta(minutes=70), ended),
        status=AppointmentStatus.DONE,
        completed_at=ended,
    )


def make_review(plan, starts_at, **fields):
    """A look at the plan's result, as a row and no more."""
    return Appointment.objects.create(
        kind=AppointmentKind.RESULT_REVIEW,
        plan=plan,
        patient=plan.patient,
        location=plan.location,
        during=DateTimeTZRange(starts_at, starts_at + timedelta(minutes=30)),
        **fields,
    )
