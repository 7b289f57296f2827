"""The clinicians' addresses around one session: today's list, the record, its signatures."""

from django.urls import path

from bookings.views.review import records, today

urlpatterns = [
    path("today/", today.today, name="today"),
    path("sessions/<str:code>/start/", today.record_start, name="record-start"),
    path("sessions/<str:code>/record/", records.record, name="record"),
    path(
        "sessions/<str:code>/record/draft/", records.record_draft, name="record-draft"
    ),
    path(
        "sessions/<str:code>/record/amend/", records.record_amend, name="record-amend"
    ),
    path(
        "records/<int:record_id>/cosign/", records.record_cosign, name="record-cosign"
    ),
]
