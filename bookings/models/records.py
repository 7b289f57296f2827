"""What was really done: session records, signed, locked and amended with a trail."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bookings.models.appointments import Appointment
from bookings.models.rules import append_only, one_of
from clinic.models import Device, Practitioner
from treatments.models import DEPTH_LIMIT_MM, BodyArea


class Endpoint(models.TextChoices):
    YES = "yes", _("Even petechiae")
    PARTLY = "partly", _("Partly")
    NO = "no", _("No")


class RecordQuerySet(models.QuerySet["SessionRecord"]):
    def current(self) -> "RecordQuerySet":
        """The newest version of each record: the one that no other replaces."""
        return self.filter(replaced_by=None)


class SessionRecord(models.Model):
    """One session as performed (fields: S1, S2; RF energy: clinic default).

    Signed, it never changes: an amendment is a new version that says why, and
    replaces the one before.
    """

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="records")
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    why_amended = models.CharField(_("why it was amended"), max_length=300, blank=True)
    device = models.ForeignKey(Device, models.PROTECT, related_name="records")
    supervisor = models.ForeignKey(
        Practitioner,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("supervising doctor"),
    )
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"))
    anaesthetic = models.CharField(_("anaesthetic"), max_length=80, blank=True)
    endpoint = models.CharField(_("endpoint"), max_length=8, choices=Endpoint)
    rf_energy = models.CharField(_("RF energy"), max_length=40, blank=True)
    prp_lot = models.CharField(_("PRP kit lot"), max_length=40, blank=True)
    prp_volume_ml = models.DecimalField(
        _("PRP volume in ml"), max_digits=4, decimal_places=1, null=True, blank=True
    )
    reaction = models.CharField(_("reaction in the room"), max_length=300, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=2000)
    confirmed_beyond = models.JSONField(
        _("values confirmed outside the plan"), default=list, blank=True
    )
    needs_cosignature = models.BooleanField(_("needs a co-signature"), default=False)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(_("signed"))

    objects = RecordQuerySet.as_manager()

    class Meta:
        ordering = ["appointment", "version"]
        verbose_name = _("session record")
        verbose_name_plural = _("session records")
        permissions = [("cosign_sessionrecord", _("Can co-sign session records"))]
        constraints = [
            one_of("record_endpoint_is_known", "endpoint", Endpoint.values),
            models.CheckConstraint(
                name="record_ends_after_it_starts",
                condition=Q(ended_at__gt=F("started_at")),
                violation_error_message=_("A session must end after it starts."),
            ),
            models.UniqueConstraint(
                name="record_version_once", fields=["appointment", "version"]
            ),
            models.CheckConstraint(
                name="record_amendment_says_why",
                condition=Q(version=1, replaces=None)
                | (Q(version__gt=1, replaces__isnull=False) & ~Q(why_amended="")),
                violation_error_message=_("Say why: the reason stays in the record."),
            ),
            models.CheckConstraint(
                name="record_prp_volume_is_more_than_none",
                condition=Q(prp_volume_ml=None) | Q(prp_volume_ml__gt=0),
            ),
        ]
        indexes = [
            models.Index(
                fields=["prp_lot"], condition=~Q(prp_lot=""), name="record_by_prp_lot"
            )
        ]
        triggers = [append_only("keep_record")]

    def __str__(self) -> str:
        return f"{self.appointment_id} v{self.version}"


class TreatedArea(models.Model):
    """Depth, passes and RF energy on one area, as performed: at most 2.0 mm (S2)."""

    record = models.ForeignKey(SessionRecord, models.PROTECT, related_name="areas")
    area = models.ForeignKey(BodyArea, models.PROTECT, related_name="+")
    depth_mm = models.DecimalField(_("depth in mm"), max_digits=2, decimal_places=1)
    passes = models.PositiveSmallIntegerField(_("passes"))
    rf_energy = models.CharField(_("RF energy"), max_length=40, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="treated_area_once", fields=["record", "area"]
            ),
            models.CheckConstraint(
                name="treated_depth_at_most_two_mm",
                condition=Q(depth_mm__gt=0, depth_mm__lte=DEPTH_LIMIT_MM),
                violation_error_message=_("Needles go no deeper than 2.0 mm."),
            ),
        ]
        triggers = [append_only("keep_treated_area")]

    def __str__(self) -> str:
        return f"{self.area}: {self.depth_mm} mm"


class UsedProduct(models.Model):
    """A product that touched the skin in one session, with its lot."""

    record = models.ForeignKey(SessionRecord, models.PROTECT, related_name="products")
    name = models.CharField(_("product"), max_length=80)
    lot = models.CharField(_("lot"), max_length=40, blank=True)
    amount = models.CharField(_("amount"), max_length=40, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["lot"], condition=~Q(lot=""), name="product_by_lot")
        ]
        triggers = [append_only("keep_used_product")]

    def __str__(self) -> str:
        return f"{self.name} {self.lot}".strip()


class RecordCosign(models.Model):
    """The supervisor's signature under one version of a session record."""

    record = models.OneToOneField(
        SessionRecord, models.PROTECT, related_name="cosignature"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("co-signed"))

    class Meta:
        verbose_name = _("co-signature")
        verbose_name_plural = _("co-signatures")
        triggers = [append_only("keep_cosignature")]

    def __str__(self) -> str:
        return f"{self.record_id}"


class RecordDraft(models.Model):
    """What is typed into a session record before it is signed, so that nothing is lost."""

    appointment = models.OneToOneField(
        Appointment, models.CASCADE, related_name="record_draft"
    )
    typed = models.JSONField(_("as typed"), default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.appointment_id}"

    def value(self, name: str) -> Any:
        """What was typed into the field `name`, or nothing."""
        return self.typed.get(name)
