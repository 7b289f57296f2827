"""The rules that a consultation or a result review obeys: who, where, when."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    Appointment,
    AppointmentKind,
    Claim,
    ClaimReason,
    Patient,
    TreatmentPlan,
)
from bookings.models.appointments import AppointmentQuerySet
from bookings.scheduling import instant
from bookings.scheduling.problem import OPERATOR
from bookings.scheduling.spans import gaps
from bookings.services import hours, unavailable
from bookings.services.refusals import BookingRefused
from clinic.models import Location, Resource, ResourceKind

ROOM = "room"
SKILL = "consult"
KINDS = {
    OPERATOR: ResourceKind.PRACTITIONER,
    ROOM: ResourceKind.ROOM,
}
TALKS = (AppointmentKind.CONSULTATION, AppointmentKind.RESULT_REVIEW)


def minutes_of(kind: str) -> int:
    """How long a talk of that kind is when it is booked."""
    is_review = kind == AppointmentKind.RESULT_REVIEW
    return int(
        settings.RESULT_REVIEW_MINUTES if is_review else settings.CONSULTATION_MINUTES
    )


@dataclass(frozen=True, slots=True)
class Talk:
    """A consultation or result review as it is to be: nothing of it is written yet.

    `starts_at` is aware; `practitioner` and `room` are keys of resources. A result
    review may name the `plan` whose results are looked at.
    """

    kind: AppointmentKind
    patient: Patient
    location: Location
    starts_at: datetime
    practitioner: int
    room: int
    plan: TreatmentPlan | None = None
    minutes: int = 0

    @property
    def ends_at(self) -> datetime:
        """Elapsed minutes after the start, whatever the clocks do that night."""
        length = timedelta(minutes=self.minutes or minutes_of(self.kind))
        return self.starts_at.astimezone(UTC) + length

    @property
    def during(self) -> DateTimeTZRange:
        return DateTimeTZRange(self.starts_at.astimezone(UTC), self.ends_at)

    @property
    def local_start(self) -> datetime:
        return self.starts_at.astimezone(self.location.zone)

    @property
    def roles(self) -> dict[str, int]:
        """Who fills which role of the talk."""
        return {OPERATOR: self.practitioner, ROOM: self.room}

    @property
    def needs(self) -> list[tuple[int, DateTimeTZRange]]:
        """Resource and time of each claim."""
        return [(who, self.during) for who in self.roles.values()]

    def claims(self, appointment: Appointment) -> list[Claim]:
        """The unsaved claims of `appointment`, which is this talk."""
        return [
            Claim(
                resource_id=who,
                during=self.during,
                why=ClaimReason.APPOINTMENT,
                appointment=appointment,
                role=role,
            )
            for role, who in self.roles.items()
        ]


def moved(
    row: Appointment, start: datetime, practitioner: int | None, room: int | None
) -> Talk:
    """The talk that stands as `row` at `start`: what is not named stays as it is."""
    has = {claim.role: claim.resource_id for claim in row.claims.all()}
    return Talk(
        kind=AppointmentKind(row.kind),
        patient=row.patient,
        location=row.location,
        starts_at=start,
        practitioner=practitioner or has.get(OPERATOR, 0),
        room=room or has.get(ROOM, 0),
        plan=row.plan,
        minutes=(row.ends_at - row.starts_at) // timedelta(minutes=1),
    )


def judge(talk: Talk, *, now: datetime, besides: Appointment | None = None) -> None:
    """Refuse a talk that breaks a rule; `besides` is its own row where it moves.

    That practitioner and room are free is left to whoever takes them.
    """
    if talk.kind not in TALKS:
        raise BookingRefused(_("A session of a plan is booked with its plan."))
    if talk.starts_at <= now:
        raise BookingRefused(_("That time has passed. Choose a later one."))
    if talk.plan and talk.plan.patient_id != talk.patient.pk:
        raise BookingRefused(_("That plan belongs to somebody else."))
    judge_resources(talk)
    if other := _at_once(talk, besides):
        raise BookingRefused(
            _("%(patient)s has another appointment then: %(visit)s.")
            % {"patient": talk.patient, "visit": visit_words(other)}
        )


def judge_free(
    talk: Talk, *, now: datetime, besides: Appointment | None = None
) -> None:
    """Refuse where somebody has the practitioner or the room then, and say who is taken.

    Holds that have run out at `now` do not count, nor does what `besides` has itself.
    """
    rows = Claim.objects.standing(now).select_related("resource")
    rows = rows.filter(resource__in=talk.roles.values(), during__overlap=talk.during)
    for claim in rows.exclude(appointment=besides.pk) if besides else rows:
        raise BookingRefused(
            _("%(who)s is taken on %(day)s at %(time)s.")
            % {"who": claim.resource.name, **_when(talk)}
        )


def second_visit(
    talk: Talk, *, now: datetime, besides: Appointment | None = None
) -> Appointment | None:
    """Another visit of the patient on that local day, if there is one.

    Two visits on one day need a reason (clinic default).
    """
    day = talk.local_start.date()
    during = hours.between(talk.location.zone, day, day)
    rows = _others(talk, besides).standing(now).between(during.lower, during.upper)
    return rows.order_by("during").first()


def visit_words(visit: Appointment) -> str:
    """A visit in a few words: Consultation, Tue 24 Nov, 11:00."""
    when = date_format(visit.local_start, "D j M, H:i")
    return f"{visit.get_kind_display()}, {when}"


def judge_resources(talk: Talk) -> None:
    """Refuse who or what does no talks there, or is not there at that time."""
    unavailable.judge_place(talk.location)
    rows = Resource.objects.select_related("device").in_bulk(set(talk.roles.values()))
    for role, pk in talk.roles.items():
        _judge_fit(talk, role, rows.get(pk))
    day = talk.local_start.date()
    spans = hours.spans_of_few(rows.values(), talk.location, day, day)
    during = instant(talk.starts_at), instant(talk.ends_at)
    for pk in talk.roles.values():
        if any(gaps(spans[pk], *during)):
            raise unavailable.refusal(rows[pk], talk.local_start, talk.ends_at)


def _judge_fit(talk: Talk, role: str, resource: Resource | None) -> None:
    if resource is None or not resource.is_active:
        raise BookingRefused(
            _("That practitioner or room can no longer be booked. Choose another.")
        )
    if resource.location_id != talk.location.pk:
        raise BookingRefused(
            _("%(who)s is not at %(place)s. Choose someone or something there.")
            % {"who": resource.name, "place": talk.location.name}
        )
    if resource.kind != KINDS[role] or SKILL not in resource.skills:
        raise BookingRefused(
            _("%(who)s is not for consultations. Choose another.")
            % {"who": resource.name}
        )


def _at_once(talk: Talk, besides: Appointment | None) -> Appointment | None:
    """Another visit of the patient at the same time."""
    rows = _others(talk, besides).live()
    return rows.between(talk.during.lower, talk.during.upper).first()


def _others(talk: Talk, besides: Appointment | None) -> AppointmentQuerySet:
    rows = Appointment.objects.filter(patient=talk.patient).select_related("location")
    return rows.exclude(pk=besides.pk) if besides else rows


def _when(talk: Talk) -> dict[str, str]:
    return {
        "day": date_format(talk.local_start, "D j M"),
        "time": date_format(talk.local_start, "H:i"),
    }
