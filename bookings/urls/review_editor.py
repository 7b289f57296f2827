"""The clinicians' plan editor."""

from django.urls import path

from bookings.views.review import editor, editor_pages

urlpatterns = [
    path("plans/<int:plan_id>/edit/", editor.plan_edit, name="plan-edit"),
    path("plans/<int:plan_id>/preview/", editor.plan_preview, name="plan-preview"),
    path(
        "plans/<int:plan_id>/versions/",
        editor_pages.plan_versions,
        name="plan-versions",
    ),
    path("templates/", editor_pages.plan_templates, name="plan-templates"),
]
