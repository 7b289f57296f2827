"""Every address, by face; apps are named as strings only."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from health_check.views import HealthCheckView

from clinic.views import site_style

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
    path("site.css", site_style, name="site-style"),
    path("desk/", include("bookings.urls.desk")),
    path("review/", include("bookings.urls.review")),
    path("admin/", admin.site.urls),
]

# For patients: English at the root, French under /fr/.
urlpatterns += i18n_patterns(
    path("accounts/", include("allauth.urls")),
    path("my/", include("bookings.urls.portal")),
    path("", include("bookings.urls.public")),
    prefix_default_language=False,
)
