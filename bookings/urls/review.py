"""The clinicians' addresses."""

from django.urls import path

from bookings.urls import (
    review_catalogue,
    review_editor,
    review_outcomes,
    review_photos,
    review_reactions,
    review_records,
)
from bookings.views.review import (
    alerts,
    catalogue,
    plans,
)

app_name = "review"

urlpatterns = [
    path("", plans.plan_list, name="queue"),
    path("plans/<int:plan_id>/", plans.plan, name="plan"),
    path("plans/<int:plan_id>/approve/", plans.plan_approve, name="plan-approve"),
    path("plans/<int:plan_id>/return/", plans.plan_return, name="plan-return"),
    path("plans/<int:plan_id>/decline/", plans.plan_decline, name="plan-decline"),
    path("alerts/", alerts.alert_list, name="alerts"),
    path("alerts/<int:task_id>/close/", alerts.alert_close, name="alert-close"),
    path(
        "alerts/<int:task_id>/decide/<int:plan_id>/",
        alerts.alert_decide,
        name="alert-decide",
    ),
    path("to-confirm/", catalogue.unconfirmed_list, name="unconfirmed"),
    *review_catalogue.urlpatterns,
    *review_editor.urlpatterns,
    *review_outcomes.urlpatterns,
    *review_records.urlpatterns,
    *review_photos.urlpatterns,
    *review_reactions.urlpatterns,
]
