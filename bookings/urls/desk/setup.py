"""Setting the clinic up."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
