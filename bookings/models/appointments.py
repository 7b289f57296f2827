"""Appointments: what stands in the diary for a patient."""

from datetime import date, datetime

import pghistory
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models import codes
from bookings.models.holds import SeriesHold
from bookings.models.patients import Patient
from bookings.models.plans import TreatmentPlan
from bookings.models.rules import never_deleted, one_of, takes_time
from clinic.models import Location, Resource, ResourceKind


class SeriesBooking(models.Model):
    """One submit of a booking form. Its key makes the same submit count once."""

    key = models.UUIDField(_("idempotency key"), unique=True)
    plan = models.ForeignKey(TreatmentPlan, models.PROTECT, related_name="bookings")
    strategy = models.CharField(_("chosen proposal"), max_length=20)
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    booked_at = models.DateTimeField(_("booked"))

    class Meta:
        ordering = ["-booked_at"]

    def __str__(self) -> str:
        return f"{self.plan_id}: {self.strategy}"


class AppointmentKind(models.TextChoices):
    CONSULTATION = "consultation", _("Consultation")
    SESSION = "session", _("Session")
    RESULT_REVIEW = "result-review", _("Result review")


class AppointmentStatus(models.TextChoices):
    HELD = "held", _("Held")
    BOOKED = "booked", _("Booked")
    CONFIRMED = "confirmed", _("Confirmed")
    ARRIVED = "arrived", _("Arrived")
    IN_SESSION = "in_session", _("In session")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")
    LATE_CANCELLED = "late_cancelled", _("Cancelled late")
    NO_SHOW = "no_show", _("No-show")
    RELEASED = "released", _("Let go")


GIVEN_UP = [
    AppointmentStatus.RELEASED,
    AppointmentStatus.CANCELLED,
    AppointmentStatus.LATE_CANCELLED,
    AppointmentStatus.NO_SHOW,
]
LIVE = ~Q(status__in=GIVEN_UP)


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def live(self) -> "AppointmentQuerySet":
        """Appointments that are held, stand or were kept."""
        return self.filter(LIVE)

    def standing(self, now: datetime) -> "AppointmentQuerySet":
        """Live appointments, without what a hold that has run out at `now` kept."""
        return self.live().exclude(
            status=AppointmentStatus.HELD, hold__expires_at__lte=now
        )

    def firm(self) -> "AppointmentQuerySet":
        """Appointments that stand or were kept: not those that are only held."""
        return self.live().exclude(status=AppointmentStatus.HELD)

    def between(self, start: datetime, end: datetime) -> "AppointmentQuerySet":
        """Appointments with a moment in [start, end)."""
        return self.filter(during__overlap=(start, end))

    def with_people(self) -> "AppointmentQuerySet":
        """With what every line about an appointment shows."""
        return self.select_related(
            "patient", "location", "plan__protocol__treatment"
        ).prefetch_related("claims__resource")


@pghistory.track(append_only=True)
class Appointment(models.Model):
    """A patient's time at the clinic, [start, end) in UTC."""

    kind = models.CharField(_("kind"), max_length=16, choices=AppointmentKind)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="appointments")
    plan = models.ForeignKey(
        TreatmentPlan,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="appointments",
    )
    number = models.PositiveSmallIntegerField(
        _("session number"), null=True, blank=True
    )
    location = models.ForeignKey(Location, models.PROTECT, related_name="appointments")
    during = DateTimeRangeField(_("time"))
    status = models.CharField(
        _("status"),
        max_length=16,
        choices=AppointmentStatus,
        default=AppointmentStatus.BOOKED,
    )
    version = models.PositiveIntegerField(_("version"), default=1)
    booking = models.ForeignKey(
        SeriesBooking,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="appointments",
    )
    hold = models.ForeignKey(
        SeriesHold,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="appointments",
    )
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)
    reason = models.CharField(
        _("reason of the last change"), max_length=200, blank=True
    )
    note = models.CharField(_("note for the desk"), max_length=300, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["during"]
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = [
            one_of("appointment_kind_is_known", "kind", AppointmentKind.values),
            one_of("appointment_status_is_known", "status", AppointmentStatus.values),
            models.CheckConstraint(
                name="session_has_plan_and_number",
                condition=~Q(kind=AppointmentKind.SESSION)
                | Q(plan__isnull=False, number__gte=1),
            ),
            models.CheckConstraint(
                name="held_appointment_names_its_hold",
                condition=~Q(status=AppointmentStatus.HELD) | Q(hold__isnull=False),
            ),
            takes_time(
                "appointment_takes_time", _("An appointment must end after it starts.")
            ),
            models.UniqueConstraint(
                name="session_booked_once",
                fields=["plan", "number"],
                condition=LIVE & Q(kind=AppointmentKind.SESSION),
                violation_error_message=_(
                    "That session of the plan is booked already."
                ),
            ),
            ExclusionConstraint(
                name="patient_never_in_two_places",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=LIVE,
                violation_error_message=_(
                    "The patient has another appointment at that time."
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["plan", "number"], name="appointment_series"),
        ]
        triggers = [never_deleted("keep_appointment")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def code(self) -> str:
        """The booking code by which the desk and the patient name it."""
        return codes.code_of(self.pk)

    @property
    def starts_at(self) -> datetime:
        start: datetime = self.during.lower
        return start

    @property
    def ends_at(self) -> datetime:
        end: datetime = self.during.upper
        return end

    @property
    def local_start(self) -> datetime:
        """Arrival in the location's zone."""
        return self.starts_at.astimezone(self.location.zone)

    @property
    def local_end(self) -> datetime:
        """End in the location's zone."""
        return self.ends_at.astimezone(self.location.zone)

    @property
    def local_date(self) -> date:
        """The location's calendar day of the arrival."""
        return self.local_start.date()

    @property
    def anchor_date(self) -> date:
        """The local day from which the next window counts: performed, else planned."""
        moment = self.completed_at or self.starts_at
        return moment.astimezone(self.location.zone).date()

    @property
    def took_place(self) -> tuple[datetime, datetime]:
        """[start, end) as planned; once it is done, as long before its real end."""
        end = self.completed_at or self.ends_at
        return end - (self.ends_at - self.starts_at), end

    @property
    def is_live(self) -> bool:
        return self.status not in GIVEN_UP

    @property
    def can_be_moved(self) -> bool:
        """Whether it stands and the visit has not begun."""
        return self.status in (AppointmentStatus.BOOKED, AppointmentStatus.CONFIRMED)

    @property
    def is_held(self) -> bool:
        return self.status == AppointmentStatus.HELD

    @property
    def resources(self) -> list[Resource]:
        """Who, where and with what, each once; read it on rows got with_people."""
        taken = {claim.resource for claim in self.claims.all()}
        kinds = ResourceKind.values
        return sorted(taken, key=lambda one: (kinds.index(one.kind), one.name))
