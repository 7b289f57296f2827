"""The waiting list: who would take a freed time, and what they were offered."""

from datetime import datetime, time

from django.conf import settings
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bookings.models.holds import HoldOutcome, SeriesHold
from bookings.models.patients import Patient
from bookings.models.plans import TreatmentPlan
from bookings.models.rules import never_deleted, one_of


def every_day() -> list[int]:
    """All weekdays, Monday = 0."""
    return list(range(7))


class WaitingQuerySet(models.QuerySet["WaitingEntry"]):
    def open(self) -> "WaitingQuerySet":
        """Entries that still wait, the longest first."""
        return self.filter(closed_at=None).order_by("added_at", "pk")


class WaitingEntry(models.Model):
    """A patient who would take a freed time inside these local dates and times.

    With a `number` it waits for an earlier time of that session, without one for the
    whole series of the plan.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="waiting")
    plan = models.ForeignKey(TreatmentPlan, models.PROTECT, related_name="waiting")
    number = models.PositiveSmallIntegerField(
        _("session number"), null=True, blank=True
    )
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("days"), default=every_day
    )
    arrive_from = models.TimeField(_("arrive from"), default=time(0))
    arrive_until = models.TimeField(_("arrive until"), default=time(23, 59))
    note = models.CharField(_("note"), max_length=200, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    added_at = models.DateTimeField(_("added"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    close_reason = models.CharField(_("why closed"), max_length=200, blank=True)

    objects = WaitingQuerySet.as_manager()

    class Meta:
        ordering = ["added_at", "pk"]
        verbose_name = _("waiting-list entry")
        verbose_name_plural = _("waiting list")
        constraints = [
            models.CheckConstraint(
                name="waiting_ends_after_it_starts",
                condition=Q(last_day__gte=F("first_day")),
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(
                name="waiting_times_ascend",
                condition=Q(arrive_until__gte=F("arrive_from")),
                violation_error_message=_("The latest arrival is before the earliest."),
            ),
            models.UniqueConstraint(
                name="waits_once",
                fields=["plan", "number"],
                condition=Q(closed_at=None),
                nulls_distinct=False,
                violation_error_message=_("This is on the waiting list already."),
            ),
        ]
        triggers = [never_deleted("keep_waiting")]

    def __str__(self) -> str:
        return f"{self.patient_id}: {self.first_day}"


class OfferStatus(models.TextChoices):
    OFFERED = "offered", _("Offered")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    LAPSED = "lapsed", _("Lapsed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class OfferQuerySet(models.QuerySet["WaitingOffer"]):
    def open(self) -> "OfferQuerySet":
        """Offers without an answer, in time or not."""
        return self.filter(status=OfferStatus.OFFERED)


class WaitingOffer(models.Model):
    """One freed time offered to one entry, and held meanwhile.

    A single session is held by claims of the offer; a whole series by a hold.
    `roles` maps each role to a resource's key; `during` is [start, end) in UTC.
    """

    entry = models.ForeignKey(WaitingEntry, models.PROTECT, related_name="offers")
    during = DateTimeRangeField(_("time"))
    roles = models.JSONField(_("who and what"), default=dict)
    hold = models.OneToOneField(
        SeriesHold, models.PROTECT, null=True, blank=True, related_name="offer"
    )
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=OfferStatus,
        default=OfferStatus.OFFERED,
    )
    offered_at = models.DateTimeField(_("offered"))
    expires_at = models.DateTimeField(_("held until"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["-offered_at", "-pk"]
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = [
            one_of("offer_status_is_known", "status", OfferStatus.values),
            models.UniqueConstraint(
                name="one_offer_at_a_time",
                fields=["entry"],
                condition=Q(status=OfferStatus.OFFERED),
                violation_error_message=_("This patient has an offer already."),
            ),
            models.CheckConstraint(
                name="offer_answer_has_a_time",
                condition=Q(status=OfferStatus.OFFERED) | Q(answered_at__isnull=False),
            ),
        ]
        triggers = [never_deleted("keep_offer")]

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.status}"

    @property
    def starts_at(self) -> datetime:
        start: datetime = self.during.lower
        return start

    @property
    def ends_at(self) -> datetime:
        end: datetime = self.during.upper
        return end

    @property
    def is_open(self) -> bool:
        return self.status == OfferStatus.OFFERED

    @property
    def is_accepted(self) -> bool:
        return self.status == OfferStatus.ACCEPTED

    @property
    def is_booked(self) -> bool:
        """Whether the series of the offer was booked, by whatever door."""
        return self.hold is not None and self.hold.outcome == HoldOutcome.CONFIRMED

    def lasts_at(self, now: datetime) -> bool:
        """Whether the offer can still be taken at `now`."""
        return self.is_open and now < self.expires_at
