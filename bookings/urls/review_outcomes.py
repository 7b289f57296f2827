"""The clinicians' addresses: results of series that are over."""

from django.urls import path

from bookings.views.review import outcomes

urlpatterns = [
    path("outcomes/", outcomes.outcomes, name="outcomes"),
    path("plans/<int:plan_id>/outcome/", outcomes.outcome, name="outcome"),
    path(
        "plans/<int:plan_id>/outcome/score/",
        outcomes.outcome_score,
        name="outcome-score",
    ),
    path(
        "plans/<int:plan_id>/outcome/decide/",
        outcomes.outcome_decide,
        name="outcome-decide",
    ),
]
