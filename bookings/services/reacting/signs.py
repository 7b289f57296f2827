"""The words for what is seen after a session, and how bad it is."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from bookings.models import Severity
from bookings.services.visit_checks import SIGNS

ALARMING = frozenset(SIGNS)
"""What calls for a clinician at once (source: S2; clinic default)."""

KNOWN: dict[str, Promise] = SIGNS | {
    "long-redness": gettext_lazy("Redness for more than a week"),
    "swelling": gettext_lazy("Swelling"),
    "scabs": gettext_lazy("Scabs"),
    "milia": gettext_lazy("Milia"),
    "darker-skin": gettext_lazy("Darker skin"),
    "cold-sores": gettext_lazy("Cold sores"),
    "bruising": gettext_lazy("Bruises"),
    "rash": gettext_lazy("A rash, or hives"),
    "faint": gettext_lazy("Faint or dizzy"),
}
"""Signs staff may name. Scabs, milia, darker skin, cold sores: S2; the rest: clinic
default, confirm with the medical director."""

MEANS: dict[str, Promise] = {
    Severity.MILD: gettext_lazy("Settles by itself"),
    Severity.MODERATE: gettext_lazy("Needs advice or a look"),
    Severity.SEVERE: gettext_lazy("Needs a doctor at once"),
}
"""What each severity means (clinic default, confirm with the medical director)."""


def named(codes: Iterable[str]) -> list[str]:
    """The signs `codes` in words of the language now spoken; unknown ones left out."""
    return [str(KNOWN[code]) for code in codes if code in KNOWN]


def cannot_wait(severity: str, codes: Iterable[str]) -> bool:
    """Whether a report goes to a clinician at once."""
    return severity == Severity.SEVERE or bool(ALARMING & set(codes))


def in_order(codes: Iterable[str]) -> list[str]:
    """Those of `codes` that are known, each once, the alarming ones first."""
    given = set(codes)
    return [code for code in KNOWN if code in given]


def first_guess(codes: Iterable[str]) -> Severity:
    """How bad a report is taken to be until a clinician rates it: rather worse."""
    return Severity.SEVERE if ALARMING & set(codes) else Severity.MODERATE
