"""Booking one visit: a consultation, a session, a result review."""

from django.urls import path

from bookings.views.desk import booking

urlpatterns = [path("book/", booking.book, name="book")]
