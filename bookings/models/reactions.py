"""Reactions after a session: who reported what, what was advised, who closed it."""

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bookings.models.appointments import Appointment
from bookings.models.portal import CheckIn
from bookings.models.rules import append_only, never_deleted, one_of


class Severity(models.TextChoices):
    MILD = "mild", _("Mild")
    MODERATE = "moderate", _("Moderate")
    SEVERE = "severe", _("Severe")


class ReactionSource(models.TextChoices):
    STAFF = "staff", _("Staff")
    PATIENT = "patient", _("Patient")


class ReactionQuerySet(models.QuerySet["Reaction"]):
    def open(self) -> "ReactionQuerySet":
        """Reactions no clinician has closed, the soonest follow-up first."""
        rows = self.filter(closed_at=None)
        return rows.order_by(F("follow_up_on").asc(nulls_first=True), "reported_at")


@pghistory.track(append_only=True)
class Reaction(models.Model):
    """A reaction after one session, from the first word to the last."""

    appointment = models.ForeignKey(
        Appointment, models.PROTECT, related_name="reactions"
    )
    source = models.CharField(
        _("reported by"),
        max_length=8,
        choices=ReactionSource,
        default=ReactionSource.STAFF,
    )
    check_in = models.OneToOneField(
        CheckIn, models.PROTECT, null=True, blank=True, related_name="reaction"
    )
    severity = models.CharField(_("severity"), max_length=10, choices=Severity)
    signs = ArrayField(
        models.SlugField(max_length=32),
        default=list,
        blank=True,
        verbose_name=_("signs"),
    )
    words = models.TextField(_("what happened"), max_length=1000)
    advice = models.TextField(_("advice given"), blank=True, max_length=1000)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    reported_at = models.DateTimeField(_("reported"))
    follow_up_on = models.DateField(_("follow up on"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    outcome = models.TextField(_("how it ended"), blank=True, max_length=1000)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = ReactionQuerySet.as_manager()

    class Meta:
        ordering = ["-reported_at", "-pk"]
        verbose_name = _("reaction")
        verbose_name_plural = _("reactions")
        permissions = [("close_reaction", _("Can close reactions"))]
        constraints = [
            one_of("reaction_severity_is_known", "severity", Severity.values),
            one_of("reaction_source_is_known", "source", ReactionSource.values),
            models.CheckConstraint(
                name="reaction_closes_after_it_is_reported",
                condition=Q(closed_at=None, closed_by=None)
                | Q(closed_at__gte=F("reported_at"), closed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="reaction_closed_says_how_it_ended",
                condition=Q(closed_at=None) | ~Q(outcome=""),
                violation_error_message=_("Say how it ended."),
            ),
        ]
        triggers = [never_deleted("keep_reaction")]

    def __str__(self) -> str:
        return f"{self.appointment_id}: {self.severity}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class ReactionNote(models.Model):
    """What was seen, said or done about a reaction later on."""

    reaction = models.ForeignKey(Reaction, models.PROTECT, related_name="notes")
    words = models.TextField(_("note"), max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        triggers = [append_only("keep_reaction_note")]

    def __str__(self) -> str:
        return self.words
