"""The portal's general pages: in and out, who, messages, account, calendars."""

from django.urls import URLPattern, path

from bookings.views.portal import (
    account,
    address,
    calendars,
    exporting,
    letters,
    signing_in,
    who,
)

urlpatterns: list[URLPattern] = [
    path("sign-in/", signing_in.sign_in, name="sign-in"),
    path("sign-in/code/", signing_in.sign_in_code, name="sign-in-code"),
    path("sign-in/<str:token>/", signing_in.sign_in_link, name="sign-in-link"),
    path("sign-out/", signing_in.sign_out, name="sign-out"),
    path("who/", who.who, name="who"),
    path("messages/", letters.messages, name="messages"),
    path("messages/<int:pk>/", letters.message, name="message"),
    path("messages/<int:pk>/page/", letters.message_page, name="message-page"),
    path("account/", account.account, name="account"),
    path("account/details/", account.details, name="account-details"),
    path("account/e-mail/", address.email, name="account-email"),
    path("account/e-mail/code/", address.email_code, name="account-email-code"),
    path("account/letters/", account.consent, name="account-consent"),
    path("account/away/", account.away, name="account-away"),
    path("account/away/<int:pk>/", account.away_remove, name="account-away-remove"),
    path("account/calendar/", account.calendar_new, name="account-calendar-new"),
    path("account/everywhere/", signing_in.everywhere, name="account-everywhere"),
    path("export/", exporting.export, name="export"),
    path("calendar/<str:token>.ics", calendars.feed, name="calendar"),
    path("visits/<str:code>.ics", calendars.visit, name="visit-calendar"),
]
