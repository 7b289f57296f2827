"""The clinic's public site, and the request for a consultation."""

from django.urls import URLPattern, path

from bookings.views.public import site

app_name = "public"

urlpatterns: list[URLPattern] = [
    path("", site.home, name="home"),
]
