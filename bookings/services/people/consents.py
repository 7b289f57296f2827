"""What a patient agreed to or took back, in the words that were said or shown."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings.models import Consent, ConsentKind, Patient
from bookings.services import patients
from bookings.services.refusals import BookingRefused
from clinic.models import User

# Treatment is agreed to on paper, with a clinician; it is not taken down at the desk.
WORDS: dict[str, Promise] = {
    ConsentKind.CARE_MESSAGES: _(
        "The clinic may send me messages about my care: confirmations, reminders, and "
        "what to do before and after a session."
    ),
    ConsentKind.MARKETING: _(
        "The clinic may send me news and offers. I can take this back at any time."
    ),
    ConsentKind.PHOTOS: _(
        "The clinic may take photos of the treated skin and keep them in my record."
    ),
}
SOURCES: dict[str, Promise] = {
    "phone": _("On the phone"),
    "desk": _("At the desk"),
    "paper": _("On paper"),
}

# Said by the patients themselves, on their own pages; the desk cannot choose it.
PORTAL = "portal"
SOURCE_NAMES = SOURCES | {PORTAL: _("On the patient’s own pages")}


@dataclass(frozen=True, slots=True)
class Agreement:
    """One thing to agree to: its words, and what the patient said last, if anything."""

    kind: str
    label: str
    words: str
    last: Consent | None

    @property
    def is_given(self) -> bool:
        return self.last is not None and self.last.is_given

    @property
    def source(self) -> str:
        """Where it was said last, in words."""
        said = self.last.source if self.last else ""
        return str(SOURCE_NAMES.get(said, said))


def agreements(patient: Patient) -> list[Agreement]:
    """What can be agreed to at the desk and how it stands, in one query."""
    rows = (
        Consent.objects.filter(patient=patient)
        .select_related("recorded_by")
        .order_by("kind", "-at", "-pk")
        .distinct("kind")
    )
    last = {row.kind: row for row in rows}
    return [
        Agreement(
            kind,
            str(ConsentKind(kind).label),
            words_for(patient, kind),
            last.get(kind),
        )
        for kind in WORDS
    ]


def words_for(patient: Patient, kind: str) -> str:
    """What is read out to `patient`, in the patient's own language."""
    with translation.override(patient.language):
        return str(WORDS[kind])


@transaction.atomic
def record(
    patient: Patient,
    kind: str,
    *,
    is_given: bool,
    source: str,
    actor: User,
    now: datetime,
) -> Consent:
    """Append what the patient said, or refuse; what was said before stays."""
    if kind not in WORDS or source not in SOURCE_NAMES:
        raise BookingRefused(str(_("Say what was agreed to, and where.")))
    patients.hold(patient.pk)
    row = Consent.objects.create(
        patient=patient,
        kind=kind,
        is_given=is_given,
        words=words_for(patient, kind),
        language=patient.language,
        source=source,
        at=now,
        recorded_by=actor,
    )
    patients.log_access(actor, patient, "consent recorded")
    return row
