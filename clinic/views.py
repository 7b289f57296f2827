"""What every door needs to know of the person at it, and of where they came from."""

from typing import cast

from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from clinic.models import User


def current_user(request: HttpRequest) -> User:
    """The signed-in account; LoginRequiredMiddleware has seen to it that there is one."""
    return cast(User, request.user)


def this_year() -> int:
    """The year by the clinic's own clock: a date says its year when it is another."""
    return timezone.localdate().year


def way_back(request: HttpRequest, default: str, *about: object) -> str:
    """The address on this site that the form gave as `next`, else the `default` page."""
    wanted: str = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else resolve_url(default, *about)
