"""Claims: who or what is taken, when, and why. The constraint is the law."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models.appointments import Appointment
from bookings.models.outages import Outage
from bookings.models.rules import one_of, takes_time
from bookings.models.waiting import WaitingOffer
from clinic.models import Resource


class ClaimReason(models.TextChoices):
    APPOINTMENT = "appointment", _("Appointment")
    HOLD = "hold", _("Hold")
    ABSENCE = "absence", _("Absence")


class ClaimQuerySet(models.QuerySet["Claim"]):
    def standing(self, now: datetime) -> "ClaimQuerySet":
        """Claims that count at `now`: all but holds that have run out."""
        return self.exclude(why=ClaimReason.HOLD, expires_at__lte=now)


class Claim(models.Model):
    """One resource taken for [start, end), in UTC.

    A hold counts until `expires_at`, or, without one, until it is decided.
    """

    resource = models.ForeignKey(Resource, models.PROTECT, related_name="claims")
    during = DateTimeRangeField(_("time"))
    why = models.CharField(_("why"), max_length=12, choices=ClaimReason)
    appointment = models.ForeignKey(
        Appointment, models.CASCADE, null=True, blank=True, related_name="claims"
    )
    outage = models.ForeignKey(
        Outage, models.CASCADE, null=True, blank=True, related_name="claims"
    )
    offer = models.ForeignKey(
        WaitingOffer, models.CASCADE, null=True, blank=True, related_name="claims"
    )
    role = models.CharField(_("role"), max_length=32, blank=True)
    label = models.CharField(_("label"), max_length=80, blank=True)
    expires_at = models.DateTimeField(_("held until"), null=True, blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering = ["resource", "during"]
        constraints = [
            one_of("claim_reason_is_known", "why", ClaimReason.values),
            models.CheckConstraint(
                name="claim_of_an_appointment_names_it",
                condition=Q(why=ClaimReason.APPOINTMENT, appointment__isnull=False)
                | ~Q(why=ClaimReason.APPOINTMENT),
            ),
            models.CheckConstraint(
                name="hold_is_of_a_series_or_an_offer",
                condition=~Q(why=ClaimReason.HOLD)
                | Q(appointment__isnull=False)
                | Q(offer__isnull=False),
            ),
            takes_time("claim_takes_time", _("A claim must end after it starts.")),
            ExclusionConstraint(
                name="resource_never_double_booked",
                expressions=[
                    ("resource", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("That is taken at that time."),
            ),
        ]
        indexes = [
            # Whoever books asks for the holds in the way: few, among very many claims.
            models.Index(
                fields=["resource"],
                condition=Q(why=ClaimReason.HOLD),
                name="claim_held",
            )
        ]

    def __str__(self) -> str:
        return f"{self.resource_id}: {self.during}"

    @property
    def sort_key(self) -> tuple[Any, ...]:
        """Resource, then start: the one order in which claims are inserted."""
        return (self.resource_id, self.during.lower)
