"""Health answers for everybody with a plan: no to everything, save in the stories."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bookings.models import AnswerValue, HealthAnswer, Patient
from bookings.services import screening
from bookings.services.demo import telling
from bookings.services.demo.stories import STORIES, Story
from bookings.services.demo.world import Course, World

BEFORE_SENDING = timedelta(minutes=30)
BATCH = 2000


def of_stories(world: World) -> None:
    """What the people of the stories answered, before their plans were sent."""
    HealthAnswer.objects.bulk_create(
        row
        for story, patient in zip(STORIES, world.patients, strict=False)
        for row in _of_story(world, story, patient)
    )


def _of_story(world: World, story: Story, patient: Patient) -> Iterator[HealthAnswer]:
    if not story.asked:
        return
    first = telling.first_sent_at(world, story) - BEFORE_SENDING
    for question in questions(world):
        if yes := story.yes.get(question):
            row = _row(world, patient, question, first, AnswerValue.YES)
            row.detail = yes.detail
            if yes.days_ago is not None and not story.returned_before:
                row.on_date = world.today - timedelta(days=yes.days_ago)
            yield row
        else:
            yield _row(world, patient, question, first)
    if story.returned_before:
        yield from _dates_supplied(world, story, patient)


def _dates_supplied(
    world: World, story: Story, patient: Patient
) -> Iterator[HealthAnswer]:
    """The dates that were missing until the plan came back."""
    at = telling.sent_at(world, story) - BEFORE_SENDING
    for question, yes in story.yes.items():
        if yes.days_ago is not None:
            row = _row(world, patient, question, at, AnswerValue.YES)
            row.detail = yes.detail
            row.on_date = world.today - timedelta(days=yes.days_ago)
            yield row


def of_courses(world: World, courses: list[Course]) -> None:
    """Everybody with a series said no to every question, before the first plan."""
    asked: dict[Patient, datetime] = {}
    for course in courses:
        plan = course.plan
        earliest = asked.setdefault(plan.patient, plan.drafted_at)
        asked[plan.patient] = min(earliest, plan.drafted_at)
    HealthAnswer.objects.bulk_create(
        [
            _row(world, patient, question, at)
            for patient, at in asked.items()
            for question in questions(world)
        ],
        BATCH,
    )


def questions(world: World) -> list[str]:
    """The questions of all protocols, each once, in order."""
    return list(
        dict.fromkeys(
            question.code
            for protocol in world.protocols.values()
            for question in screening.questions_for(protocol)
        )
    )


def _row(
    world: World,
    patient: Patient,
    question: str,
    at: datetime,
    value: AnswerValue = AnswerValue.NO,
) -> HealthAnswer:
    return HealthAnswer(
        patient=patient,
        question=question,
        value=value,
        answered_at=at,
        answered_by=world.staff["Boyer"],
    )
