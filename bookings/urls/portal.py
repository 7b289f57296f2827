"""A patient's own plan."""

from django.urls import URLPattern, path

from bookings.views.portal import plan

app_name = "portal"

urlpatterns: list[URLPattern] = [
    path("", plan.plan, name="plan"),
]
