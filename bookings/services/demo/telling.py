"""Acting the demo's stories out, through the services that staff use."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from bookings.models import (
    AwayDates,
    DecisionKind,
    Patient,
    PlanStatus,
    TreatmentPlan,
)
from bookings.services import plans, shapes
from bookings.services.demo.courses import place_session
from bookings.services.demo.places import CENTRETOWN
from bookings.services.demo.stories import STORIES, Dates, State, Story
from bookings.services.demo.world import Course, Visit, World
from bookings.services.reviewing.deciding import Decision
from clinic.models import User
from treatments.models import BodyArea, Concern

RETURNED_AFTER = timedelta(days=3)
SEARCH = 10  # days to look for one on which the clinic is open
DEPTH_MM = Decimal("1.0")


def tell(world: World) -> dict[str, Course]:
    """Draft, send, review and book every story; its course by the person's name."""
    courses = {}
    for story, patient in zip(STORIES, world.patients, strict=False):
        plan = _plan(world, story, patient)
        course = Course(plan, story.treatment, (story.concern,), (story.area,))
        course.booked_at = sent_at(world, story) + timedelta(days=1)
        if story.dates:
            _book(world, course, story.dates)
        if story.state == State.WITHDRAWN:
            plan.status = PlanStatus.WITHDRAWN
            plan.save(update_fields=["status"])
        courses[story.person.name] = course
    world.courses += courses.values()
    return courses


def sent_at(world: World, story: Story) -> datetime:
    """When the plan was sent for review, or drafted if it was not sent."""
    days_ago, hour, minute = story.sent
    return world.moment(world.today - timedelta(days=days_ago), hour, minute)


def first_sent_at(world: World, story: Story) -> datetime:
    """When the plan was sent the first time; some were returned and sent again."""
    again = RETURNED_AFTER if story.returned_before else timedelta(0)
    return sent_at(world, story) - again


def _plan(world: World, story: Story, patient: Patient) -> TreatmentPlan:
    sent = sent_at(world, story)
    desk, doctor = world.staff["Boyer"], _doctor(world, story)
    first_sent = first_sent_at(world, story)
    plan = _draft(world, story, patient, first_sent - timedelta(minutes=20))
    before, after = story.depths or (None, None)
    plan.areas.update(depth_mm=before)
    plan.target_layer = story.layer
    plan.save(update_fields=["target_layer"])
    if story.returned_before:
        plans.submit(plan, desk, first_sent)
        _return(plan, doctor, first_sent + timedelta(hours=2), story.returned_before)
        plan.areas.update(depth_mm=after)
    if story.state != State.DRAFT:
        plans.submit(plan, desk, sent)
        plan.refresh_from_db()
        _review(story, plan, doctor, sent + timedelta(minutes=75))
    plan.refresh_from_db()
    return plan


def _doctor(world: World, story: Story) -> User:
    is_central = story.person.slug == CENTRETOWN
    return world.staff["Okafor" if is_central else "Beaulieu"]


def _draft(world: World, story: Story, patient: Patient, at: datetime) -> TreatmentPlan:
    AwayDates.objects.bulk_create(
        AwayDates(
            patient=patient,
            first_day=world.today + timedelta(days=first),
            last_day=world.today + timedelta(days=last),
            label=label,
        )
        for first, last, label in story.away
    )
    return plans.draft(
        patient,
        protocol=world.protocols[story.treatment],
        location=world.places[story.person.slug],
        concerns=[Concern.objects.get(code=story.concern)],
        areas=[BodyArea.objects.get(code=story.area)],
        session_count=story.sessions,
        wishes=story.wishes,
        actor=world.staff["Boyer"],
        now=at,
    )


def _return(plan: TreatmentPlan, doctor: User, at: datetime, note: str) -> None:
    plan.refresh_from_db()
    plans.send_back(plan, version=plan.version, actor=doctor, now=at, note=note)
    plan.refresh_from_db()


def _review(story: Story, plan: TreatmentPlan, doctor: User, at: datetime) -> None:
    """Let the doctor say what the story says; a waiting plan waits."""
    version, depth = plan.version, min(DEPTH_MM, shapes.depth_limit(plan))
    if story.state == State.RETURNED:
        plans.send_back(plan, version=version, actor=doctor, now=at, note=story.note)
    elif story.state == State.DECLINED:
        plans.decline(plan, version=version, actor=doctor, now=at, note=story.note)
    elif story.state != State.WAITING:
        plans.approve(
            plan,
            version=version,
            actor=doctor,
            now=at,
            areas=[
                plans.AreaSetting(row.area_id, depth, plan.protocol.passes_min)
                for row in plan.areas.all()
            ],
            decisions=_exceptions(story),
        )


def _exceptions(story: Story) -> list[Decision]:
    """The milder make-up rule, where the story asks for it (source: S2)."""
    if not story.milder:
        return []
    return [Decision("make-up", DecisionKind.OVERRIDE, story.milder)]


def _book(world: World, course: Course, dates: Dates) -> None:
    """Place the story's known session, then those before and after it."""
    wanted = [
        world.today + timedelta(days=dates.days_from_today + dates.step * n)
        for n in range(SEARCH)
    ]
    known = _place(world, course, dates.number, wanted)
    day = known.slot.day
    for number in range(dates.number - 1, 0, -1):
        day = _place(world, course, number, _window(course, day, -1)).slot.day
    day = known.slot.day
    for number in range(dates.number + 1, course.plan.session_count + 1):
        day = _place(world, course, number, _window(course, day, 1)).slot.day
    for visit in course.visits:
        if visit.number in dates.cancelled:
            world.give_back(visit)


def _place(world: World, course: Course, number: int, days: list[date]) -> Visit:
    """Place a session that the story cannot do without.

    Raises LookupError where the empty diary has no place for it.
    """
    visit = place_session(world, course, number, days)
    if visit is None:
        raise LookupError(f"No place for session {number} of plan {course.plan.pk}")
    return visit


def _window(course: Course, day: date, direction: int) -> list[date]:
    """The days of the window next to `day`, those nearest the ideal gap first."""
    protocol = course.plan.protocol
    gaps = range(protocol.gap_min_days, protocol.gap_max_days + 1)
    ideal = protocol.ideal_gap_days
    return [
        day + direction * timedelta(days=gap)
        for gap in sorted(gaps, key=lambda gap: abs(gap - ideal))
    ]
