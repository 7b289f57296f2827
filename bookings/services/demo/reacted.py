"""What followed some of the demo's sessions: reactions, each as far as it has come."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    Reaction,
    SessionRecord,
    Severity,
    UsedProduct,
)
from bookings.services.demo.stories import STORIES
from bookings.services.demo.world import World
from bookings.services.reacting import following, reporting

BATCH = 2000
MORNING = timedelta(hours=10)
LOT_LASTS = 24  # days for which one delivery of gel is used


@dataclass(frozen=True, slots=True)
class Case:
    """A reaction: days from today back to its session and its report, and what was done.

    Without `advice` nobody has rated it; `again` and `closed` count from the report.
    """

    since: int
    told: int
    severity: Severity
    signs: tuple[str, ...]
    words: str
    advice: str = ""
    again: int = 0
    seen: str = ""
    outcome: str = ""


CASES = (
    Case(
        since=70,
        told=66,
        severity=Severity.MODERATE,
        signs=("cold-sores",),
        words="Two cold sores on the upper lip since this morning.",
        advice="Valacyclovir for five days. Nothing on the lip but petroleum jelly.",
        again=4,
        seen="Drying, no new ones.",
        outcome="Healed without a mark after nine days.",
    ),
    Case(
        since=40,
        told=40,
        severity=Severity.MILD,
        signs=("faint",),
        words="Went pale while the cream was taken off.",
        advice="Lay down for ten minutes, drank water, ate something.",
        again=1,
        seen="Called: felt well all evening.",
        outcome="Nothing more. Eats something before the next session.",
    ),
    Case(
        since=24,
        told=9,
        severity=Severity.MILD,
        signs=("milia",),
        words="Six small white bumps on both cheeks.",
        advice="Leave them alone. A lighter moisturiser until they are gone.",
        again=11,
    ),
    Case(
        since=10,
        told=6,
        severity=Severity.MODERATE,
        signs=("swelling",),
        words="On the phone: the skin under the left eye is still swollen.",
        advice="Cool compresses, head raised at night. Send a photo tomorrow.",
        again=5,
    ),
    Case(
        since=4,
        told=1,
        severity=Severity.MILD,
        signs=("scabs",),
        words="On the phone: small scabs along the jaw, and it itches.",
    ),
)


def write(world: World) -> None:
    """The gel's lots in every record; then each case, of a patient without a story."""
    _use_gel()
    known = {patient.pk for patient in world.patients[: len(STORIES)]}
    for case in CASES:
        session = _session(world, case, known)
        if session:
            known.add(session.patient_id)
            _tell(world, case, session)


def _use_gel() -> None:
    UsedProduct.objects.bulk_create(
        [
            UsedProduct(
                record=record,
                name="Hyaluronic acid gel",
                lot=f"HG-{record.started_at.toordinal() // LOT_LASTS % 1000:03d}",
                amount="2 ml",
            )
            for record in SessionRecord.objects.order_by("pk")
        ],
        BATCH,
    )


def _session(world: World, case: Case, known: set[int]) -> Appointment | None:
    """The last session that was over so many days ago."""
    by = world.midnight - timedelta(days=case.since - 1)
    rows = Appointment.objects.filter(
        kind=AppointmentKind.SESSION,
        status=AppointmentStatus.DONE,
        completed_at__lt=by,
        reactions=None,
    )
    return rows.exclude(patient__in=known).order_by("completed_at", "pk").last()


def _tell(world: World, case: Case, session: Appointment) -> None:
    at = world.midnight - timedelta(days=case.told) + MORNING
    row = reporting.report(
        session,
        reporting.Seen(case.severity, case.words, case.signs),
        actor=world.staff["Boyer"],
        now=at,
    )
    if case.advice:
        _follow(world, case, row, at + timedelta(minutes=25))


def _follow(world: World, case: Case, row: Reaction, at: datetime) -> None:
    again = at.date() + timedelta(days=case.again)
    following.rate(
        row,
        version=1,
        severity=case.severity,
        advice=case.advice,
        follow_up_on=again,
        actor=world.staff["Okafor"],
        now=at,
    )
    if case.outcome:
        _end(world, case, row, at + timedelta(days=case.again))


def _end(world: World, case: Case, row: Reaction, at: datetime) -> None:
    """Look at it once more, and close it three days later."""
    doctor, wait = world.staff["Okafor"], timedelta(days=3)
    following.look_again(
        row,
        version=2,
        words=case.seen,
        follow_up_on=at.date() + wait,
        actor=doctor,
        now=at,
    )
    following.close(
        row,
        version=3,
        severity=case.severity,
        outcome=case.outcome,
        actor=doctor,
        now=at + wait,
    )
