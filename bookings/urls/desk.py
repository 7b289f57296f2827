"""The front desk's addresses."""

from django.urls import path
from django.views.generic import RedirectView

from bookings.views.desk import (
    amend,
    appointments,
    days,
    holds,
    messages,
    moves,
    outages,
    override,
    patients,
    plans,
    series,
    tasks,
    waiting,
)

app_name = "desk"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="desk:day"), name="home"),
    path("day/", days.day, name="day"),
    path(
        "appointments/<int:appointment_id>/",
        appointments.appointment,
        name="appointment",
    ),
    path(
        "appointments/<int:appointment_id>/move/", moves.move, name="appointment-move"
    ),
    path(
        "appointments/<int:appointment_id>/<slug:verb>/",
        appointments.appointment_change,
        name="appointment-change",
    ),
    path("plans/<int:plan_id>/repair/", moves.repair, name="plan-repair"),
    path("series/", series.series_list, name="series-list"),
    path("plans/<int:plan_id>/series/", series.series_propose, name="series-propose"),
    path(
        "plans/<int:plan_id>/series/sessions/<int:number>/",
        series.series_choose,
        name="series-choose",
    ),
    path(
        "plans/<int:plan_id>/series/problem.json",
        series.series_problem,
        name="series-problem",
    ),
    path("plans/<int:plan_id>/series/book/", series.series_book, name="series-book"),
    path(
        "plans/<int:plan_id>/series/by-hand/",
        override.series_override,
        name="series-override",
    ),
    path("plans/<int:plan_id>/series/hold/", holds.series_hold, name="series-hold"),
    path("bookings/<uuid:key>/", series.series_booked, name="series-booked"),
    path("holds/<uuid:key>/", holds.hold, name="hold"),
    path("holds/<uuid:key>/confirm/", holds.hold_confirm, name="hold-confirm"),
    path("holds/<uuid:key>/extend/", holds.hold_extend, name="hold-extend"),
    path("holds/<uuid:key>/release/", holds.hold_release, name="hold-release"),
    path("patients/", patients.patient_list, name="patients"),
    path("patients/add/", patients.patient_add, name="patient-add"),
    path("patients/<int:patient_id>/", patients.patient, name="patient"),
    path("patients/<int:patient_id>/edit/", patients.patient_edit, name="patient-edit"),
    path(
        "patients/<int:patient_id>/answers/",
        plans.answers_record,
        name="answers-record",
    ),
    path("patients/<int:patient_id>/plans/new/", plans.plan_draft, name="plan-draft"),
    path("plans/<int:plan_id>/", plans.plan, name="plan"),
    path("plans/<int:plan_id>/edit/", plans.plan_edit, name="plan-edit"),
    path("plans/<int:plan_id>/submit/", plans.plan_submit, name="plan-submit"),
    path("plans/<int:plan_id>/amend/", amend.plan_amend, name="plan-amend"),
    path(
        "plans/<int:plan_id>/amend/save/", amend.plan_amend_save, name="plan-amend-save"
    ),
    path("waiting/", waiting.waiting_list, name="waiting"),
    path("waiting/<int:entry_id>/close/", waiting.waiting_close, name="waiting-close"),
    path("offers/<int:offer_id>/accept/", waiting.offer_accept, name="offer-accept"),
    path("offers/<int:offer_id>/decline/", waiting.offer_decline, name="offer-decline"),
    path("plans/<int:plan_id>/waiting/add/", waiting.waiting_add, name="waiting-add"),
    path("to-do/", tasks.task_list, name="tasks"),
    path("to-do/<int:task_id>/done/", tasks.task_done, name="task-done"),
    path("outages/", outages.outage_list, name="outages"),
    path("outages/add/", outages.outage_add, name="outage-add"),
    path("outages/<int:outage_id>/", outages.outage, name="outage"),
    path("outages/<int:outage_id>/apply/", outages.outage_apply, name="outage-apply"),
    path("outages/<int:outage_id>/lift/", outages.outage_lift, name="outage-lift"),
    path("messages/", messages.message_list, name="messages"),
    path("messages/<int:message_id>/", messages.message_detail, name="message"),
    path("messages/<int:message_id>/page/", messages.message_page, name="message-page"),
]
