"""Who may open an account, and where people land after they sign in."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse, translate_url

from clinic.backends import powerless
from clinic.models import User


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by the clinic: nobody signs up from the outside."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Always no."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> Any:
        """Send a clinician to the plans that wait, a patient to their own plan.

        Everyone else goes to the day.
        """
        user = request.user
        if language := language_of(user):
            return translate_url(reverse("portal:plan"), language)
        if user.has_perm("bookings.review_treatmentplan") and not user.is_superuser:
            return "/review/"
        return super().get_login_redirect_url(request)


def language_of(user: User | AnonymousUser) -> str:
    """In what language to greet a patient; nothing for whoever has powers here."""
    rows = powerless().filter(pk=user.pk or 0, patients__isnull=False)
    return rows.values_list("patients__language", flat=True).first() or ""
