"""Plain admin pages, for support: what happened to whom, never changed from here."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from bookings import models
from bookings.services import patients
from clinic.views import current_user


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows to look at: the clinic's pages change them, by their rules.

    A look at a patient's row is a look at the patient's record, and logged as one.
    """

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        row = super().get_object(request, object_id, from_field)
        is_patient = isinstance(row, models.Patient)
        if patient := row if is_patient else getattr(row, "patient", None):
            what = f"admin: {self.opts.model_name}"
            patients.log_access(current_user(request), patient, what)
        return row

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(models.Patient)
class PatientAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "birth_date", "phone", "email", "location"]
    search_fields = ["first_name", "last_name", "email", "phone"]
    list_select_related = ["location"]


@admin.register(models.TreatmentPlan)
class TreatmentPlanAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "status", "version", "submitted_at", "reviewed_by"]
    list_filter = ["status", "location"]
    list_select_related = ["patient", "protocol__treatment", "reviewed_by"]


@admin.register(models.Appointment)
class AppointmentAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "patient", "kind", "number", "during", "status"]
    list_filter = ["status", "kind", "location"]
    list_select_related = ["patient"]


@admin.register(models.Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ["rule", "patient", "due_at", "status", "attempts", "sent_at"]
    list_filter = ["status", "rule", "channel"]
    list_select_related = ["patient"]


@admin.register(models.AccessLog)
class AccessLogAdmin(ReadOnlyAdmin):
    list_display = ["at", "user", "patient", "what"]
    list_filter = ["what"]
    list_select_related = ["user", "patient"]
    date_hierarchy = "at"


admin.site.register(
    [
        models.Claim,
        models.Consent,
        models.ConsultationRequest,
        models.HealthAnswer,
        models.Outage,
        models.PlanAmendment,
        models.PlanDecision,
        models.PlanReview,
        models.RuleOverride,
        models.SeriesBooking,
        models.SeriesHold,
        models.Task,
        models.WaitingEntry,
        models.WaitingOffer,
    ],
    ReadOnlyAdmin,
)
