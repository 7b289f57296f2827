"""One appointment: its page, what happens to it, where it goes."""

from django.urls import path

from bookings.views.desk import appointments, drawer, moves, reactions, undo

urlpatterns = [
    path("undo/", undo.undo, name="undo"),
    path(
        "appointments/<int:appointment_id>/",
        appointments.appointment,
        name="appointment",
    ),
    path("appointments/<int:appointment_id>/drawer/", drawer.drawer, name="drawer"),
    path(
        "appointments/<int:appointment_id>/move/", moves.move, name="appointment-move"
    ),
    path(
        "appointments/<int:appointment_id>/reaction/",
        reactions.appointment_reaction,
        name="appointment-reaction",
    ),
    path(
        "appointments/<int:appointment_id>/<slug:verb>/",
        appointments.appointment_change,
        name="appointment-change",
    ),
]
