"""Patients, their answers and their plans."""

from django.urls import path

from bookings.views.desk import consents, merging, patient_files, patients, plans

urlpatterns = [
    path("patients/", patients.patient_list, name="patients"),
    path("patients/add/", patients.patient_add, name="patient-add"),
    path("patients/<int:patient_id>/", patients.patient, name="patient"),
    path("patients/<int:patient_id>/edit/", patients.patient_edit, name="patient-edit"),
    path("patients/duplicates/", merging.duplicate_list, name="patient-duplicates"),
    path(
        "patients/<int:patient_id>/merge/",
        merging.merge_choose,
        name="patient-merge-choose",
    ),
    path(
        "patients/<int:patient_id>/merge/<int:gone_id>/",
        merging.merge,
        name="patient-merge",
    ),
    path(
        "patients/<int:patient_id>/consents/add/",
        patient_files.consent_add,
        name="patient-consent",
    ),
    path("consents/<int:consent_id>/", consents.consent, name="consent"),
    path("plans/<int:plan_id>/consent/", consents.plan_consent, name="plan-consent"),
    path(
        "plans/<int:plan_id>/consent/print/",
        consents.plan_consent_print,
        name="plan-consent-print",
    ),
    path(
        "patients/<int:patient_id>/files/add/",
        patient_files.file_add,
        name="patient-file-add",
    ),
    path("patient-files/<int:file_id>/", patient_files.file, name="patient-file"),
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
