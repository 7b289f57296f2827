"""Lists to work from: to do, confirmations, requests, waiting, outages, messages."""

from django.urls import path

from bookings.views.desk import (
    confirmations,
    inviting,
    messages,
    outages,
    requests,
    tasks,
    waiting,
)

urlpatterns = [
    path("waiting/", waiting.waiting_list, name="waiting"),
    path("waiting/<int:entry_id>/close/", waiting.waiting_close, name="waiting-close"),
    path("offers/<int:offer_id>/accept/", waiting.offer_accept, name="offer-accept"),
    path("offers/<int:offer_id>/decline/", waiting.offer_decline, name="offer-decline"),
    path("plans/<int:plan_id>/waiting/add/", waiting.waiting_add, name="waiting-add"),
    path("to-do/", tasks.task_list, name="tasks"),
    path("to-do/<int:task_id>/done/", tasks.task_done, name="task-done"),
    path("confirmations/", confirmations.confirmation_list, name="confirmations"),
    path(
        "confirmations/<int:appointment_id>/<slug:verb>/",
        confirmations.confirmation_note,
        name="confirmation-note",
    ),
    path("requests/", requests.request_list, name="requests"),
    path("requests/add/", requests.request_add, name="request-add"),
    path("requests/<int:request_id>/", requests.request_detail, name="request"),
    path(
        "requests/<int:request_id>/assign/",
        inviting.request_assign,
        name="request-assign",
    ),
    path(
        "requests/<int:request_id>/times/", inviting.request_times, name="request-times"
    ),
    path(
        "requests/<int:request_id>/times/back/",
        inviting.request_times_back,
        name="request-times-back",
    ),
    path(
        "requests/<int:request_id>/<slug:status>/",
        requests.request_step,
        name="request-step",
    ),
    path("outages/", outages.outage_list, name="outages"),
    path("outages/add/", outages.outage_add, name="outage-add"),
    path("outages/<int:outage_id>/", outages.outage, name="outage"),
    path("outages/<int:outage_id>/apply/", outages.outage_apply, name="outage-apply"),
    path("outages/<int:outage_id>/lift/", outages.outage_lift, name="outage-lift"),
    path("messages/", messages.message_list, name="messages"),
    path("messages/<int:message_id>/", messages.message_detail, name="message"),
    path("messages/<int:message_id>/page/", messages.message_page, name="message-page"),
]
