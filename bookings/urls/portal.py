"""A patient's own plan."""

from django.urls import URLPattern, path

from bookings.urls import portal_own
from bookings.views.portal import (
    answers,
    care,
    consents,
    documents,
    healing,
    offers,
    plan,
    recalls,
    visit_moving,
    visits,
)

app_name = "portal"

urlpatterns: list[URLPattern] = [
    path("", plan.plan, name="plan"),
    *portal_own.urlpatterns,
    path("tick/", plan.tick, name="tick"),
    path("care/", care.care, name="care"),
    path("visits/<str:code>/", visits.my_visit, name="my-visit"),
    path(
        "visits/<str:code>/confirm/", visits.my_visit_confirm, name="my-visit-confirm"
    ),
    path("visits/<str:code>/move/", visit_moving.my_visit_move, name="my-visit-move"),
    path("visits/<str:code>/cancel/", visits.my_visit_cancel, name="my-visit-cancel"),
    path("visits/<str:code>/ask/", visits.my_visit_ask, name="my-visit-ask"),
    path("visits/<str:code>/wait/", visits.my_visit_wait, name="my-visit-wait"),
    path("visits/<str:code>/leave/", visits.my_visit_leave, name="my-visit-leave"),
    path("offers/<int:offer_id>/", offers.my_offer, name="my-offer"),
    path("v/<str:token>/", visits.visit, name="visit"),
    path("v/<str:token>/confirm/", visits.visit_confirm, name="visit-confirm"),
    path("v/<str:token>/move/", visit_moving.visit_move, name="visit-move"),
    path("v/<str:token>/cancel/", visits.visit_cancel, name="visit-cancel"),
    path("v/<str:token>/ask/", visits.visit_ask, name="visit-ask"),
    path("v/<str:token>/wait/", visits.visit_wait, name="visit-wait"),
    path("v/<str:token>/leave/", visits.visit_leave, name="visit-leave"),
    path("o/<str:token>/", offers.offer, name="offer"),
    path("documents/", documents.documents, name="documents"),
    path(
        "documents/plan/<int:plan_id>/", documents.document_plan, name="document-plan"
    ),
    path(
        "documents/consent/<int:consent_id>/",
        documents.document_consent,
        name="document-consent",
    ),
    path("consents/<slug:kind>/", consents.consent, name="consent"),
    path("visits/<str:code>/answers/", answers.my_answers, name="my-answers"),
    path("visits/<str:code>/healing/", healing.my_healing, name="my-healing"),
    path("r/<str:token>/", recalls.recall, name="recall"),
    path("a/<str:token>/", answers.answers, name="answers"),
    path("h/<str:token>/", healing.healing, name="healing"),
]
