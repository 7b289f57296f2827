"""The clinicians' addresses of reactions, and of what touched whom."""

from django.urls import path

from bookings.views.review import reactions, tracing

urlpatterns = [
    path("reactions/", reactions.reaction_list, name="reactions"),
    path("reactions/<int:reaction_id>/", reactions.reaction, name="reaction"),
    path(
        "reactions/<int:reaction_id>/rate/",
        reactions.reaction_rate,
        name="reaction-rate",
    ),
    path(
        "reactions/<int:reaction_id>/look/",
        reactions.reaction_look,
        name="reaction-look",
    ),
    path(
        "reactions/<int:reaction_id>/close/",
        reactions.reaction_close,
        name="reaction-close",
    ),
    path("trace/", tracing.trace, name="trace"),
    path(
        "patients/<int:patient_id>/trace/", tracing.patient_trace, name="patient-trace"
    ),
]
