"""Finding a patient or a booking from anywhere."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
