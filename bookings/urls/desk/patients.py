"""Patients, their answers and their plans."""

from django.urls import path

from bookings.views.desk import patients, plans

urlpatterns = [
    path("patients/", patients.patient_list, name="patients"),
    path("patients/add/", patients.patient_add, name="patient-add"),
    path("patients/<int:patient_id>/", patients.patient, name="patient"),
    path("patients/<int:patient_id>/edit/", patients.patient_edit, name="patient-edit"),
    path(
        "patients/<int:patient_id>/answers/",
        plans.answers_record,
        name="answers-record",
    ),
    path("patients/<int:patient_id>/plans/new/", plans.plan_draft, name="plan-draft"),
    path("plans/<int:plan_id>/", plans.plan, name="plan"),
    path("plans/<int:plan_id>/edit/", plans.plan_edit, name="plan-edit"),
    path("plans/<int:plan_id>/submit/", plans.plan_submit, name="plan-submit"),
]
