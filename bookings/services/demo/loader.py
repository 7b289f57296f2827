"""Loading the demo clinic: everything in one transaction, or nothing."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from bookings.models import Appointment, Claim, Message, Patient, TreatmentPlan
from bookings.services import screening
from bookings.services.demo import (
    agreeing,
    alone,
    answers,
    breakdown,
    courses,
    edited,
    enquiries,
    letters,
    names,
    pencils,
    people,
    pictures,
    places,
    reacted,
    recorded,
    results,
    rows,
    said,
    slips,
    talks,
    telling,
    vouched,
    waits,
)
from bookings.services.demo.diary import Diary
from bookings.services.demo.stories import ANOUK, PEOPLE, STORIES
from bookings.services.demo.world import (
    WEEKS_AHEAD,
    WEEKS_BACK,
    Course,
    Visit,
    World,
)
from clinic import roles
from clinic.models import Location
from treatments import suitability
from treatments.models import Protocol

SEED = 20270203
WITHOUT_PLAN = 12  # patients who have only talked with us so far
TREATMENTS = {offer.code for offer in courses.OFFERS}


class DemoRefusedError(Exception):
    """The demo cannot be loaded here; nothing has been written."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How many rows the demo has made."""

    patients: int
    plans: int
    appointments: int
    claims: int
    messages: int


@transaction.atomic
def load(*, now: datetime) -> Figures | None:
    """Make the demo clinic as of the clinic's day at `now`; None if it is there.

    Raises DemoRefusedError without the catalogue, or where another clinic lives.
    """
    if _is_loaded():
        return None
    world = world_of(now.astimezone(ZoneInfo(settings.TIME_ZONE)).date())
    desk_work = talks.block_desk_work(world)
    told = telling.tell(world)
    slipped = _fill(world)
    pairs = rows.write_visits(world, desk_work)
    rows.write_records(world, pairs)
    recorded.write(world)
    due_now = _second(pairs, told[ANOUK.person.name])
    letters.write(world, pairs, due_now)
    slips.open_tasks(world, slipped)
    _tell_more(world)
    _sign_and_look_back(world, now)
    enquiries.write(world)
    return _count()


def _second(pairs: list[tuple[Visit, Appointment]], course: Course) -> Appointment:
    """The second session of a course."""
    return next(
        row for visit, row in pairs if visit.course is course and visit.number == 2
    )


def _sign_and_look_back(world: World, now: datetime) -> None:
    """Consents, confirmed values, results and photos."""
    agreeing.sign(now=now)
    vouched.write(world, now=now)
    results.write(world)
    pictures.write(world)


def _tell_more(world: World) -> None:
    """Who waits, what is pencilled, what is broken, what patients have just said."""
    waits.write(world)
    pencils.write(world)
    alone.write(world)
    breakdown.declare(world)
    said.write(world)
    edited.write(world)
    reacted.write(world)


def _is_loaded() -> bool:
    slugs = set(Location.objects.values_list("slug", flat=True))
    if slugs >= {places.CENTRETOWN, places.WESTBORO}:
        return True
    if slugs or Patient.objects.exists():
        raise DemoRefusedError(
            "This database holds another clinic: load the demo into an empty one."
        )
    return False


def world_of(today: date) -> World:
    """The clinic with its people and open doors, and an empty diary."""
    protocols = _protocols()
    roles.load_roles()
    staff = people.make_staff()
    locations = places.make_locations()
    places.make_resources(locations, today=today)
    rng = Random(f"{SEED} {today}")  # noqa: S311 - dice, not secrets
    first = today - timedelta(days=today.weekday(), weeks=WEEKS_BACK)
    diary = Diary(first, today + timedelta(weeks=WEEKS_AHEAD), rng)
    for place in locations.values():
        diary.learn(place)
    world = World(today, rng, diary, locations, protocols, staff)
    _people(world)
    return world


def _protocols() -> dict[str, Protocol]:
    """The newest published protocol of each treatment, by the treatment's code."""
    current = Protocol.objects.current().with_contents()
    protocols = {row.treatment.code: row for row in current}
    if not protocols.keys() >= TREATMENTS:
        raise DemoRefusedError(
            "The catalogue is not loaded: run manage.py load_catalogue first."
        )
    return protocols


def _people(world: World) -> None:
    world.patients = people.make_patients(
        PEOPLE, world.places, world.rng, today=world.today
    )
    people.let_in(world.patients)
    before = world.moment(world.diary.first - timedelta(weeks=6), 12)
    people.make_consents(world.patients, at=before)
    answers.of_stories(world)


def _fill(world: World) -> list[Course]:
    """Fill the diary with series, then with talks, and write the series' plans.

    Say which of them have lost a session.
    """
    others = world.patients[len(STORIES) :]
    told = len(world.courses)
    courses.fill(world, others[:-WITHOUT_PLAN])
    talks.Talks(world, others[: -names.STILL_ASKING]).fill()
    courses.settle(world)
    booked = world.courses[told:]
    slipped = slips.let_slip(world, booked)
    answers.of_courses(world, booked)
    rows.write_plans(world, booked, _verdicts(world))
    return slipped


def _verdicts(world: World) -> dict[str, Any]:
    """What a clinician saw of each treatment where every answer was no."""
    return {
        code: screening.as_kept(
            suitability.judge(
                rules := screening.rules_of(protocol),
                [
                    suitability.Answer(rule.question, "no", world.today)
                    for rule in rules
                ],
                world.today,
                words=screening.WORDS,
            )
        )
        for code, protocol in world.protocols.items()
    }


def _count() -> Figures:
    return Figures(
        patients=Patient.objects.count(),
        plans=TreatmentPlan.objects.count(),
        appointments=Appointment.objects.count(),
        claims=Claim.objects.count(),
        messages=Message.objects.count(),
    )
