"""The front desk's addresses."""

from django.urls import path
from django.views.generic import RedirectView

app_name = "desk"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="desk:day"), name="home"),
]
