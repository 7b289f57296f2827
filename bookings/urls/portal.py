"""A patient's own plan."""

from django.urls import URLPattern, path

from bookings.views.portal import (
    consents,
    documents,
    plan,
    signing_in,
)

app_name = "portal"

urlpatterns: list[URLPattern] = [
    path("", plan.plan, name="plan"),
    path("sign-in/", signing_in.sign_in, name="sign-in"),
    path("sign-in/code/", signing_in.sign_in_code, name="sign-in-code"),
    path("sign-in/<str:token>/", signing_in.sign_in_link, name="sign-in-link"),
    path("sign-out/", signing_in.sign_out, name="sign-out"),
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
]
