"""Places and what can be booked in them: practitioners, rooms, devices."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


def validate_timezone(name: str) -> None:
    """Refuse a name that is no IANA time zone."""
    if name not in available_timezones():
        raise ValidationError(
            _("“%(name)s” is no time zone; use a name such as America/Toronto."),
            params={"name": name},
        )


class ResourceKind(models.TextChoices):
    PRACTITIONER = "practitioner", _("Practitioner")
    ROOM = "room", _("Room")
    DEVICE = "device", _("Device")


class DeviceKind(models.TextChoices):
    PEN = "pen", _("Needling pen")
    ROLLER = "roller", _("Derma roller")
    RF = "rf", _("RF microneedling device")
    CENTRIFUGE = "centrifuge", _("Centrifuge")


class Location(models.Model):
    """One address of the clinic; its time zone rules every date there."""

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("short name in addresses"), unique=True)
    address = models.CharField(_("street address"), max_length=120)
    city = models.CharField(_("city"), max_length=80)
    phone = models.CharField(_("phone"), max_length=20)
    timezone = models.CharField(
        _("time zone"),
        max_length=64,
        default="America/Toronto",
        validators=[validate_timezone],
    )
    directions = models.TextField(_("how to find it"), blank=True)
    directions_fr = models.TextField(_("how to find it, in French"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        permissions = [("set_up_clinic", _("Can set up places, people and hours"))]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The location's time zone."""
        return ZoneInfo(self.timezone)


class Resource(models.Model):
    """Anything that only one session can use at a time."""

    kind = models.CharField(_("kind"), max_length=12, choices=ResourceKind)
    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    location = models.ForeignKey(
        Location, models.PROTECT, related_name="resources", verbose_name=_("location")
    )
    skills = ArrayField(
        models.SlugField(max_length=32),
        default=list,
        blank=True,
        verbose_name=_("skills"),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["kind", "name"]
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        constraints = [
            models.CheckConstraint(
                name="resource_kind_is_known", condition=Q(kind__in=ResourceKind.values)
            ),
        ]

    # Each kind of resource says its own; see `save`.
    own_kind: str = ""

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with the kind its class stands for."""
        self.kind = self.own_kind or self.kind
        super().save(*args, **kwargs)


class Practitioner(Resource):
    """A person who treats patients."""

    own_kind = ResourceKind.PRACTITIONER

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="practitioner",
        verbose_name=_("account"),
    )
    credential = models.CharField(_("credential"), max_length=40, blank=True)
    may_supervise = models.BooleanField(_("may supervise dermal work"), default=False)
    is_on_site = models.BooleanField(_("shown on the public site"), default=False)
    about = models.CharField(_("about"), max_length=300, blank=True)
    about_fr = models.CharField(_("about, in French"), max_length=300, blank=True)
    languages = ArrayField(
        models.CharField(max_length=2, choices=settings.LANGUAGES),
        default=list,
        blank=True,
        verbose_name=_("languages spoken"),
    )

    class Meta:
        verbose_name = _("practitioner")
        verbose_name_plural = _("practitioners")


class Room(Resource):
    """A treatment or consultation room."""

    own_kind = ResourceKind.ROOM

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")


class Device(Resource):
    """A machine. Needling devices must be Class 2 medical devices (source: S1)."""

    own_kind = ResourceKind.DEVICE

    device_kind = models.CharField(
        _("kind of device"), max_length=12, choices=DeviceKind
    )
    health_canada_class = models.PositiveSmallIntegerField(_("Health Canada class"))
    licence_number = models.CharField(_("licence number"), max_length=20)
    licence_expires_on = models.DateField(_("licence expires on"))
    in_service_from = models.DateField(_("in service from"))
    in_service_until = models.DateField(_("in service until"), null=True, blank=True)
    service_due_on = models.DateField(_("next service due on"), null=True, blank=True)

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        constraints = [
            models.CheckConstraint(
                name="device_kind_is_known",
                condition=Q(device_kind__in=DeviceKind.values),
            ),
            models.CheckConstraint(
                name="device_class_is_one_to_four",
                condition=Q(health_canada_class__range=(1, 4)),
                violation_error_message=_("Health Canada's classes run from 1 to 4."),
            ),
            models.CheckConstraint(
                name="needling_device_is_class_two",
                condition=Q(device_kind=DeviceKind.CENTRIFUGE)
                | Q(health_canada_class__gte=2),
                violation_error_message=_(
                    "A needling device must be registered as a Class 2 medical device."
                ),
            ),
            models.CheckConstraint(
                name="device_service_ends_after_it_starts",
                condition=Q(in_service_until=None)
                | Q(in_service_until__gte=F("in_service_from")),
                violation_error_message=_("Service cannot end before it starts."),
            ),
        ]

    def may_be_used_on(self, day: date) -> bool:
        """Whether the device is in service and licensed on `day` (local date)."""
        first, last = self.may_be_used_between
        return first <= day <= last

    @property
    def may_be_used_between(self) -> tuple[date, date]:
        """The first and last local day it is in service and licensed, if they meet."""
        until = self.in_service_until or date.max
        return self.in_service_from, min(until, self.licence_expires_on)
