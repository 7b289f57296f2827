"""Where a medical value comes from, and who vouches for it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Source(models.TextChoices):
    """The client's three documents, alone or together, or nobody yet but us."""

    S0 = "S0", _("Document 0")
    S1 = "S1", _("Document 1")
    S2 = "S2", _("Document 2")
    S0_S1 = "S0 S1", _("Documents 0 and 1")
    S0_S2 = "S0 S2", _("Documents 0 and 2")
    S1_S2 = "S1 S2", _("Documents 1 and 2")
    S0_S1_S2 = "S0 S1 S2", _("Documents 0, 1 and 2")
    CLINIC = (
        "clinic default, confirm with the medical director",
        _("Clinic default, confirm with the medical director"),
    )


def source_field() -> "models.CharField[str, str]":
    """Says where a value comes from; unless told, nobody has vouched for it yet."""
    return models.CharField(
        _("source"), max_length=60, choices=Source, default=Source.CLINIC
    )


def one_of(name: str, field: str, values: list[Any]) -> models.CheckConstraint:
    """A CHECK that `field` holds a word of its closed vocabulary."""
    return models.CheckConstraint(
        name=name,
        condition=Q(**{f"{field}__in": values}),
        violation_error_message=_("Choose one of the words this field knows."),
    )


class Vouched(models.Model):
    """Holds medical values; says who approved them, and when, once somebody has."""

    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_approval_is_whole",
                condition=Q(approved_by=None, approved_at=None)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                violation_error_message=_("An approval has a person and a time."),
            )
        ]

    @property
    def is_approved(self) -> bool:
        return self.approved_at is not None
