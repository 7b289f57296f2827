"""Finding a patient or a booking from anywhere."""

from django.urls import path

from bookings.views.desk import finding

urlpatterns = [path("find/", finding.find, name="find")]
