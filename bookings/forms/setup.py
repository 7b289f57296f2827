"""Locations, practitioners, rooms and devices as managers set them up."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.forms.series import DayField
from bookings.services.setup import skills
from bookings.services.supervising import able
from clinic.models import (
    Device,
    Location,
    Practitioner,
    Resource,
    ResourceKind,
    Room,
    User,
)
from clinic.stale import StaleAwareForm

CLASSES = [(number, str(number)) for number in range(1, 5)]
IN_USE = _("Out of use, nobody can book it. Nothing is deleted: the history stays.")


class LocationForm(StaleAwareForm):
    """One address of the clinic."""

    class Meta:
        model = Location
        fields: ClassVar[list[str]] = [
            "name",
            "slug",
            "address",
            "city",
            "phone",
            "timezone",
            "directions",
            "directions_fr",
            "is_active",
        ]
        labels = {"is_active": _("In use")}
        widgets = {
            "directions": forms.Textarea({"rows": 3}),
            "directions_fr": forms.Textarea({"rows": 3, "lang": "fr"}),
        }
        help_texts = {
            "slug": _("Small letters, digits and hyphens, such as centretown."),
            "timezone": _("Every date and time here is read in it."),
            "directions": _("The public site shows it: transit, parking, the door."),
            "directions_fr": _("Left empty, French pages show the English."),
            "is_active": IN_USE,
        }


class _ResourceForm(StaleAwareForm):
    """What all that can be booked has; the kind says which skills there are."""

    kind: ClassVar[ResourceKind]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["skills"] = forms.MultipleChoiceField(
            label=_("Skills"),
            choices=skills.in_use(self.kind),
            widget=forms.CheckboxSelectMultiple,
            required=False,
            help_text=_("A session asks for all the skills its protocol names."),
        )
        self.fields["location"] = forms.ModelChoiceField(
            Location.objects.filter(Q(is_active=True) | Q(pk=self._place())),
            label=_("Location"),
            empty_label=_("Choose one"),
        )
        self.fields["is_active"].label = _("In use")
        self.fields["is_active"].help_text = IN_USE

    def _place(self) -> int | None:
        row: Resource = self.instance
        return row.location_id if row.pk else None


class PractitionerForm(_ResourceForm):
    """A person who treats patients."""

    kind = ResourceKind.PRACTITIONER

    class Meta:
        model = Practitioner
        fields: ClassVar[list[str]] = [
            "name",
            "credential",
            "location",
            "user",
            "skills",
            "may_supervise",
            "is_on_site",
            "about",
            "about_fr",
            "languages",
            "is_active",
        ]
        widgets = {"about_fr": forms.TextInput({"lang": "fr"})}
        help_texts = {
            "credential": _("Such as RN or MD, as patients read it."),
            "about": _("A sentence or two for the public site: what they treat most."),
            "about_fr": _("Left empty, French pages show the English."),
            "may_supervise": _(
                "While they are there, others may work in the dermis. Whoever has no "
                "such doctor beside them is booked for the epidermis only."
            ),
        }
        error_messages = {
            "user": {"unique": _("Another practitioner has this account already.")}
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Q(pk=self.instance.user_id) if self.instance.user_id else Q()
        staff = User.objects.filter(is_active=True).exclude(groups=None)
        known = staff.filter(Q(practitioner=None) | own).order_by("last_name", "email")
        self.fields["user"] = _AccountField(known.distinct(), required=False)
        self.fields["languages"] = forms.MultipleChoiceField(
            label=_("Languages spoken"),
            choices=settings.LANGUAGES,
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("may_supervise") and skills.DOCTOR not in data.get("skills", ()):
            self.add_error(
                "may_supervise",
                _("Only a doctor may supervise: tick the skill Doctor as well."),
            )
        return data


class _AccountField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Staff accounts that no other practitioner has, by name and address."""

    def __init__(self, queryset: Any, *, required: bool) -> None:
        super().__init__(
            queryset,
            required=required,
            label=_("Account"),
            empty_label=_("None: this person does not sign in"),
        )

    def label_from_instance(self, obj: User) -> str:
        return f"{obj.get_full_name() or obj.email} · {obj.email}"


class RoomForm(_ResourceForm):
    """A treatment or consultation room."""

    kind = ResourceKind.ROOM

    class Meta:
        model = Room
        fields: ClassVar[list[str]] = ["name", "location", "skills", "is_active"]


class DeviceForm(_ResourceForm):
    """A machine with its Health Canada licence, its service and what it can do."""

    kind = ResourceKind.DEVICE

    licence_expires_on = DayField(label=_("Licence expires on"))
    in_service_from = DayField(label=_("In service from"))
    in_service_until = DayField(label=_("In service until"), required=False)
    service_due_on = DayField(label=_("Next service due on"), required=False)
    health_canada_class = forms.TypedChoiceField(
        choices=CLASSES, coerce=int, label=_("Health Canada class"), initial=2
    )

    class Meta:
        model = Device
        fields: ClassVar[list[str]] = [
            "name",
            "location",
            "device_kind",
            "health_canada_class",
            "licence_number",
            "licence_expires_on",
            "in_service_from",
            "in_service_until",
            "service_due_on",
            "skills",
            "is_active",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["licence_expires_on"].help_text = _(
            "The last day it may be used. Nobody can book it for a later one."
        )
        self.fields["service_due_on"].help_text = _(
            "From then on bookings say that it is due. They stop only where it is out "
            "of service."
        )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        facts = {
            name: data.get(name) for name in ("device_kind", "health_canada_class")
        }
        needles = able.NEEDLING & set(data.get("skills", ()))
        if needles and all(facts.values()) and not able.can_needle(Device(**facts)):
            self.add_error(
                "skills",
                _(
                    "It cannot needle: that takes a pen, a roller or an RF device that "
                    "is registered as a Class 2 medical device."
                ),
            )
        return data


FORMS: dict[str, type[StaleAwareForm]] = {
    "locations": LocationForm,
    "practitioners": PractitionerForm,
    "rooms": RoomForm,
    "devices": DeviceForm,
}
