"""Setting the clinic up."""

from django.urls import path

from bookings.views.desk import setup, setup_closures, setup_devices, setup_hours

urlpatterns = [
    path("setup/", setup.setup, name="setup"),
    path("setup/closures/", setup_closures.closure_list, name="setup-closures"),
    path("setup/closures/add/", setup_closures.closure_add, name="setup-closure-add"),
    path(
        "setup/closures/holidays/",
        setup_closures.closure_holidays,
        name="setup-holidays",
    ),
    path(
        "setup/closures/<int:closure_id>/",
        setup_closures.closure_edit,
        name="setup-closure",
    ),
    path(
        "setup/closures/<int:closure_id>/remove/",
        setup_closures.closure_remove,
        name="setup-closure-remove",
    ),
    path("setup/hours/<int:resource_id>/", setup_hours.hours, name="setup-hours"),
    path(
        "setup/hours/<int:resource_id>/change/",
        setup_hours.hours_change,
        name="setup-hours-change",
    ),
    path(
        "setup/devices/<int:device_id>/sessions/",
        setup_devices.device_sessions,
        name="setup-device-sessions",
    ),
    path("setup/<slug:kind>/add/", setup.setup_add, name="setup-add"),
    path("setup/<slug:kind>/<int:pk>/", setup.setup_edit, name="setup-edit"),
]
