"""What every door needs to know of the person at it."""

from typing import cast

from django.http import HttpRequest

from clinic.models import User


def current_user(request: HttpRequest) -> User:
    """The signed-in account; LoginRequiredMiddleware has seen to it that there is one."""
    return cast(User, request.user)
