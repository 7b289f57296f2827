"""What works from anywhere: finding a patient or a booking, and the keys."""

from django.urls import path

from bookings.views.desk import finding, keys

urlpatterns = [
    path("find/", finding.find, name="find"),
    path("keys/", keys.keys, name="keys"),
]
