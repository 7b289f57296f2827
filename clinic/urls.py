"""Every address, by face; apps are named as strings only."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView
from health_check.views import HealthCheckView

urlpatterns = [
    path(
        "healthz",
        login_not_required(
            HealthCheckView.as_view(
                checks=["health_check.Database", "health_check.Cache"]
            )
        ),
        name="healthz",
    ),
    path("", RedirectView.as_view(url="/desk/"), name="home"),
    path("accounts/", include("allauth.urls")),
    path("desk/", include("bookings.urls.desk")),
    path("review/", include("bookings.urls.review")),
    path("admin/", admin.site.urls),
]
