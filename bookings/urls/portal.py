"""A patient's own plan."""

from django.urls import URLPattern, path

from bookings.views.portal import plan, signing_in

app_name = "portal"

urlpatterns: list[URLPattern] = [
    path("", plan.plan, name="plan"),
    path("sign-in/", signing_in.sign_in, name="sign-in"),
    path("sign-in/code/", signing_in.sign_in_code, name="sign-in-code"),
    path("sign-in/<str:token>/", signing_in.sign_in_link, name="sign-in-link"),
    path("sign-out/", signing_in.sign_out, name="sign-out"),
]
