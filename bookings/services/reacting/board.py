"""The clinicians' list of reactions: what is open first, and what is overdue on top."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import (
    Appointment,
    Patient,
    Reaction,
    ReactionSource,
    Severity,
    Task,
    TaskKind,
)
from bookings.services.reacting import signs
from bookings.services.reacting.following import reaction_of
from clinic.models import Location

OPEN, CLOSED, ALL = "open", "closed", "all"
BADLY_FIRST = (Severity.SEVERE, Severity.MODERATE, Severity.MILD)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which reactions to look at; None does not matter."""

    state: str = OPEN
    severity: str | None = None
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One reaction as lists and pages show it, on the clinic's day `today`."""

    reaction: Reaction
    today: date

    @property
    def session(self) -> Appointment:
        return self.reaction.appointment

    @property
    def patient(self) -> Patient:
        return self.session.patient

    @property
    def is_to_rate(self) -> bool:
        """Whether no clinician has rated it yet."""
        return self.reaction.is_open and not self.reaction.advice

    @property
    def is_from_patient(self) -> bool:
        return self.reaction.source == ReactionSource.PATIENT

    @property
    def cannot_wait(self) -> bool:
        """Whether nobody has rated it yet, and it may be severe."""
        told = self.reaction
        return self.is_to_rate and signs.cannot_wait(told.severity, told.signs)

    @property
    def is_pressing(self) -> bool:
        """Whether it cannot wait, or has waited too long."""
        return self.cannot_wait or self.is_overdue

    @property
    def is_overdue(self) -> bool:
        """Whether the day to look again has gone by."""
        day = self.reaction.follow_up_on
        return self.reaction.is_open and day is not None and day < self.today

    @property
    def is_due(self) -> bool:
        """Whether somebody has to look at it today."""
        day = self.reaction.follow_up_on
        is_time = day is not None and day <= self.today
        return self.reaction.is_open and (self.is_to_rate or is_time)

    @property
    def signs(self) -> list[str]:
        return signs.named(self.reaction.signs)

    @property
    def signs_words(self) -> str:
        """The signs as one line: the first begins it, the others follow."""
        first, *others = self.signs or [""]
        return ", ".join([first, *(one[:1].lower() + one[1:] for one in others)])

    @property
    def alarms(self) -> list[str]:
        """The signs that call for a clinician at once."""
        return signs.named(one for one in self.reaction.signs if one in signs.ALARMING)

    @property
    def after_days(self) -> int:
        """Local days from the session to the report."""
        zone = self.session.location.zone
        return max(
            0,
            (
                self.reaction.reported_at.astimezone(zone).date()
                - self.session.anchor_date
            ).days,
        )

    @property
    def after_words(self) -> str:
        if not self.after_days:
            return _("the same day")
        said = ngettext("%(days)d day later", "%(days)d days later", self.after_days)
        return said % {"days": self.after_days}

    @property
    def state_words(self) -> str:
        """What is to do about it, in a few words."""
        day = self.reaction.follow_up_on
        if not self.reaction.is_open:
            return _("Closed")
        if self.is_to_rate or day is None:
            return _("To rate")
        if self.is_overdue:
            late = (self.today - day).days
            said = ngettext("%(days)d day overdue", "%(days)d days overdue", late)
            return said % {"days": late}
        return _("Look again today") if day == self.today else _("Look again")


def rows_of(reactions: Iterable[Reaction], *, now: datetime) -> list[Row]:
    """`reactions`, got with_people, as lists show them at `now`."""
    today = localdate(now)
    return [Row(one, today) for one in reactions]


def with_people(rows: "QuerySet[Reaction]") -> "QuerySet[Reaction]":
    """With what every line about a reaction shows."""
    return rows.select_related(
        "appointment__patient",
        "appointment__location",
        "appointment__plan__protocol__treatment",
        "reported_by",
        "closed_by",
    )


def listed(wanted: Wanted) -> QuerySet[Reaction]:
    """The reactions `wanted`: to rate, then by the day to look again; closed ones last."""
    rows = with_people(_filtered(wanted, wanted.state)).annotate(
        turn=Case(
            When(closed_at__isnull=False, then=Value(2)),
            When(advice="", then=Value(0)),
            default=Value(1),
            output_field=IntegerField(),
        ),
        badness=Case(
            *(
                When(severity=severity, then=Value(place))
                for place, severity in enumerate(BADLY_FIRST)
            ),
            output_field=IntegerField(),
        ),
    )
    return rows.order_by(
        "turn",
        F("follow_up_on").asc(nulls_first=True),
        F("closed_at").desc(nulls_last=True),
        "badness",
        "reported_at",
        "pk",
    )


def counts(wanted: Wanted) -> list[tuple[str, str, int]]:
    """Each state with its words and how many there are of it, whatever the state."""
    rows = _filtered(wanted, ALL)
    is_open = rows.filter(closed_at=None).count()
    every = rows.count()
    return [
        (OPEN, _("Open"), is_open),
        (CLOSED, _("Closed"), every - is_open),
        (ALL, _("All"), every),
    ]


def open_of(patient: Patient, *, besides: Appointment) -> list[Reaction]:
    """The patient's open reactions to other sessions than `besides`."""
    rows = Reaction.objects.open().filter(appointment__patient=patient)
    return list(rows.exclude(appointment=besides).select_related("appointment"))


def of_session(session: Appointment, *, now: datetime) -> list[Row]:
    """The reactions after `session`, the latest first."""
    return rows_of(with_people(session.reactions.all()), now=now)


def of_patient(patient: Patient, *, now: datetime) -> list[Row]:
    """The patient's reactions: the open ones first, then the latest."""
    rows = Reaction.objects.filter(appointment__patient=patient)
    in_turn = rows.order_by(F("closed_at").desc(nulls_first=True), "-reported_at")
    return rows_of(with_people(in_turn), now=now)


def of_tasks(tasks: Iterable[Task], *, now: datetime) -> dict[int, Row]:
    """By the key of each of `tasks`, the reaction that it is about; one query."""
    asked = [one for one in tasks if one.kind in (TaskKind.HEALING, TaskKind.REACTION)]
    own = {one.pk: reaction_of(one.key) for one in asked}
    about = Q(pk__in=[key for key in own.values() if key]) | Q(
        appointment__in={one.appointment_id for one in asked if not own[one.pk]}
    )
    found = rows_of(with_people(Reaction.objects.filter(about)), now=now)
    return dict(_matched(asked, found))


def _matched(tasks: list[Task], rows: list[Row]) -> Iterator[tuple[int, Row]]:
    """A worry belongs to the newest reaction of its session, an open one before others."""
    by_key = {row.reaction.pk: row for row in rows}
    newest_last = sorted(
        rows, key=lambda row: (row.reaction.is_open, row.reaction.reported_at)
    )
    by_session = {row.session.pk: row for row in newest_last}
    for task in tasks:
        key = reaction_of(task.key)
        row = by_key.get(key) if key else by_session.get(task.appointment_id or 0)
        if row:
            yield task.pk, row


def _filtered(wanted: Wanted, state: str) -> QuerySet[Reaction]:
    rows = Reaction.objects.all()
    if wanted.severity:
        rows = rows.filter(severity=wanted.severity)
    if wanted.location:
        rows = rows.filter(appointment__location=wanted.location)
    if state == ALL:
        return rows
    return rows.filter(closed_at__isnull=state == OPEN)
