"""Booking one visit: a consultation, a session, a result review."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
