"""When the clinic is open: weekly hours, and days on which it is not."""

from datetime import date

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.models.places import Location, Resource


class WeeklyHours(models.Model):
    """One stretch of a weekday on which a resource works, in its local time.

    Several rows a weekday make split shifts: the gap between them is a break.
    """

    resource = models.ForeignKey(
        Resource, models.CASCADE, related_name="hours", verbose_name=_("resource")
    )
    weekday = models.PositiveSmallIntegerField(
        _("weekday (0 is Monday)"), validators=[MaxValueValidator(6)]
    )
    opens = models.TimeField(_("from"))
    closes = models.TimeField(_("until"))
    valid_from = models.DateField(_("valid from"), default=date(2020, 1, 1))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    class Meta:
        ordering = ["resource", "weekday", "opens"]
        verbose_name = _("weekly hours")
        verbose_name_plural = _("weekly hours")
        constraints = [
            models.CheckConstraint(
                name="hours_weekday_is_known", condition=Q(weekday__lte=6)
            ),
            models.CheckConstraint(
                name="hours_end_after_they_start",
                condition=Q(closes__gt=F("opens")),
                violation_error_message=_("Hours must end after they start."),
            ),
            models.CheckConstraint(
                name="hours_are_valid_forwards",
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                violation_error_message=_("Hours cannot stop before they begin."),
            ),
        ]

    def __str__(self) -> str:
        return (
            f"{self.resource}, {self.weekday}: {self.opens:%H:%M}–{self.closes:%H:%M}"
        )


class ClosureKind(models.TextChoices):
    HOLIDAY = "holiday", _("Holiday")
    LEAVE = "leave", _("Leave")
    MAINTENANCE = "maintenance", _("Maintenance")


class ClosureQuerySet(models.QuerySet["Closure"]):
    def touching(self, first: date, last: date) -> "ClosureQuerySet":
        """Closures with at least one day from `first` to `last`, both included."""
        return self.filter(first_day__lte=last, last_day__gte=first)

    def at(self, location: Location) -> "ClosureQuerySet":
        """Closures that close the whole of `location`."""
        return self.filter(resource=None).filter(
            Q(location=None) | Q(location=location)
        )


class Closure(models.Model):
    """Whole local days on which the clinic, a location or a resource is closed."""

    kind = models.CharField(_("kind"), max_length=12, choices=ClosureKind)
    name = models.CharField(_("name"), max_length=80)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    location = models.ForeignKey(
        Location, models.CASCADE, null=True, blank=True, verbose_name=_("location")
    )
    resource = models.ForeignKey(
        Resource,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="closures",
        verbose_name=_("resource"),
    )

    objects = ClosureQuerySet.as_manager()

    class Meta:
        ordering = ["first_day"]
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        constraints = [
            models.CheckConstraint(
                name="closure_kind_is_known", condition=Q(kind__in=ClosureKind.values)
            ),
            models.CheckConstraint(
                name="closure_ends_after_it_starts",
                condition=Q(last_day__gte=F("first_day")),
                violation_error_message=_("A closure cannot end before it starts."),
            ),
            models.CheckConstraint(
                name="closure_is_of_a_place_or_a_resource",
                condition=Q(location=None) | Q(resource=None),
                violation_error_message=_("Close a location or a resource, not both."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
