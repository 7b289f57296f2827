"""The front desk's addresses."""

from django.urls import path
from django.views.generic import RedirectView

from bookings.views.desk import messages

app_name = "desk"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="desk:day"), name="home"),
    path("messages/", messages.message_list, name="messages"),
    path("messages/<int:message_id>/", messages.message_detail, name="message"),
    path("messages/<int:message_id>/page/", messages.message_page, name="message-page"),
]
