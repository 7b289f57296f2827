"""Skills in use: what protocols ask for, and what people, rooms and devices have."""

from django.utils.translation import gettext as _

from clinic.models import Resource, ResourceKind
from treatments.models import ProtocolRole

DOCTOR = "doctor"


def in_use(kind: ResourceKind) -> list[tuple[str, str]]:
    """The skills that resources of `kind` have or are asked for, as choices in order.

    For people, always also the one that supervising takes.
    """
    asked = ProtocolRole.objects.filter(kind=kind).values_list("skills", flat=True)
    had = Resource.objects.filter(kind=kind).values_list("skills", flat=True)
    codes = {code for skills in (*asked, *had) for code in skills}
    codes |= {DOCTOR} if kind == ResourceKind.PRACTITIONER else set()
    return sorted(((code, called(code)) for code in codes), key=lambda one: one[1])


def called(code: str) -> str:
    """A skill as the desk calls it; the code itself where it has no name."""
    names = {
        "needling": _("Needling"),
        "rf": _("RF microneedling"),
        "prp": _("PRP"),
        "consult": _("Consultations"),
        "doctor": _("Doctor"),
        "treatment": _("Treatments"),
        "roller": _("Derma roller"),
        "centrifuge": _("Centrifuge"),
    }
    return names.get(code, code.replace("-", " ").capitalize())
