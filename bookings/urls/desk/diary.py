"""The diary."""

from django.urls import path
from django.views.generic import RedirectView

from bookings.views.desk import days

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="desk:day"), name="home"),
    path("day/", days.day, name="day"),
    path("day/feed.json", days.day_feed, name="day-feed"),
    path("day/sheet/", days.day_sheet, name="day-sheet"),
]
