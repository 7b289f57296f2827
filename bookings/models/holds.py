"""Holds: a whole series kept free for a while, before it is booked or let go."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models.plans import TreatmentPlan
from bookings.models.rules import never_deleted, one_of


class HoldKind(models.TextChoices):
    DESK = "desk", _("Held at the desk")
    PENCIL = "pencil", _("Pencilled until the review")
    OFFER = "offer", _("Offered from the waiting list")


class HoldOutcome(models.TextChoices):
    CONFIRMED = "confirmed", _("Confirmed")
    RELEASED = "released", _("Let go")
    EXPIRED = "expired", _("Expired")


class HoldQuerySet(models.QuerySet["SeriesHold"]):
    def open(self) -> "HoldQuerySet":
        """Holds that were neither confirmed nor ended, expired or not."""
        return self.filter(ended_at=None)

    def overdue(self, now: datetime) -> "HoldQuerySet":
        """Open holds whose time ran out at or before `now`."""
        return self.open().filter(expires_at__lte=now)


class SeriesHold(models.Model):
    """One submit that holds a series: its appointments have the status held.

    It ends at `expires_at`, unless it is decided before: a pencilled series lasts
    until the plan is reviewed, and at most until its first session would start. The
    key is that of the booking it turns into, `wishes` what was asked of the proposals.
    """

    key = models.UUIDField(_("idempotency key"), unique=True)
    plan = models.ForeignKey(TreatmentPlan, models.PROTECT, related_name="holds")
    kind = models.CharField(_("kind"), max_length=8, choices=HoldKind)
    strategy = models.CharField(_("chosen proposal"), max_length=20, blank=True)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    held_at = models.DateTimeField(_("held"))
    expires_at = models.DateTimeField(_("held until"), null=True, blank=True)
    extended_at = models.DateTimeField(_("extended"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    wishes = models.TextField(_("what was asked for"), blank=True, max_length=1000)
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=HoldOutcome, blank=True
    )

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["-held_at"]
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            one_of("hold_kind_is_known", "kind", HoldKind.values),
            one_of("hold_outcome_is_known", "outcome", ["", *HoldOutcome.values]),
            models.CheckConstraint(
                name="hold_of_the_desk_ends",
                condition=Q(kind=HoldKind.PENCIL) | Q(expires_at__isnull=False),
            ),
            models.CheckConstraint(
                name="hold_ends_with_an_outcome",
                condition=Q(ended_at=None, outcome="")
                | (Q(ended_at__isnull=False) & ~Q(outcome="")),
            ),
            models.UniqueConstraint(
                name="plan_held_once",
                fields=["plan"],
                condition=Q(ended_at=None),
                violation_error_message=_("This series is held already."),
            ),
        ]
        indexes = [
            # The sweep asks for the holds that ran out.
            models.Index(
                fields=["expires_at"], condition=Q(ended_at=None), name="hold_queue"
            )
        ]
        triggers = [never_deleted("keep_hold")]

    def __str__(self) -> str:
        return f"{self.plan_id}: {self.kind}"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def is_offered(self) -> bool:
        """Whether it stands for an offer from the waiting list, to be answered there."""
        return self.kind == HoldKind.OFFER and self.is_open

    @property
    def is_pencilled(self) -> bool:
        return self.kind == HoldKind.PENCIL

    @property
    def until(self) -> datetime:
        """When it ends by itself; for one without an end, when it was made."""
        return self.expires_at or self.held_at

    def lasts_at(self, now: datetime) -> bool:
        """Whether the series is still kept free at `now`."""
        in_time = self.expires_at is None or now < self.expires_at
        return self.is_open and in_time
