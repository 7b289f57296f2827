"""Whether a patient agrees to photos: without a standing yes none is taken or shown."""

from dataclasses import dataclass

from bookings.models import Consent, Patient
from bookings.services.consenting import signing


@dataclass(frozen=True, slots=True)
class Agreed:
    """The patient's last word on photos, if there is one."""

    last: Consent | None

    @property
    def stands(self) -> bool:
        """Whether photos may be taken and shown now."""
        return self.last is not None and self.last.is_given

    @property
    def is_refused(self) -> bool:
        """Whether the patient said no, or took a yes back."""
        return self.last is not None and not self.last.is_given


def of(patient: Patient) -> Agreed:
    """How the consent of `patient` to photos stands; one query."""
    return Agreed(signing.photos(patient))
