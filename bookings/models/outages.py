"""Outages: a person, room or device that drops out while bookings stand."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.utils.translation import gettext_lazy as _

from bookings.models.rules import never_deleted, one_of, takes_time
from clinic.models import Resource


class OutageKind(models.TextChoices):
    ABSENCE = "absence", _("Absent")
    OUT_OF_SERVICE = "out-of-service", _("Out of service")


class OutageQuerySet(models.QuerySet["Outage"]):
    def standing(self) -> "OutageQuerySet":
        """Outages that were not lifted."""
        return self.filter(lifted_at=None)


class Outage(models.Model):
    """A resource missing for [start, end), in UTC, and why.

    Its absence is claimed where the diary is free, and wherever a session makes way.
    """

    resource = models.ForeignKey(Resource, models.PROTECT, related_name="outages")
    during = DateTimeRangeField(_("time"))
    kind = models.CharField(_("kind"), max_length=16, choices=OutageKind)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    declared_at = models.DateTimeField(_("declared"))
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)

    objects = OutageQuerySet.as_manager()

    class Meta:
        ordering = ["during", "pk"]
        verbose_name = _("outage")
        verbose_name_plural = _("outages")
        constraints = [
            one_of("outage_kind_is_known", "kind", OutageKind.values),
            takes_time("outage_takes_time", _("An outage must end after it starts.")),
        ]
        triggers = [never_deleted("keep_outage")]

    def __str__(self) -> str:
        return f"{self.resource}: {self.during}"

    @property
    def starts_at(self) -> datetime:
        start: datetime = self.during.lower
        return start

    @property
    def ends_at(self) -> datetime:
        end: datetime = self.during.upper
        return end

    @property
    def is_standing(self) -> bool:
        return self.lifted_at is None
