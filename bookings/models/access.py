"""Who looked at whose record: written for every view, never changed."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from bookings.models.patients import Patient
from bookings.models.rules import append_only


class AccessLog(models.Model):
    """One look at a patient's record (in the spirit of PHIPA, s. 10.1)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="accesses")
    what = models.CharField(_("what was seen"), max_length=60)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["patient", "-at"], name="access_by_patient")]
        triggers = [append_only("keep_access")]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.patient_id}: {self.what}"
