"""Who may open an account, and where people land after they sign in."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by the clinic: nobody signs up from the outside."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Always no."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> Any:
        """Send a clinician to the plans that wait, everyone else to the day."""
        user = request.user
        if user.has_perm("bookings.review_treatmentplan") and not user.is_superuser:
            return "/review/"
        return super().get_login_redirect_url(request)
