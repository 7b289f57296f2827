"""What every door needs to know of the person at it, and of where they came from."""

from typing import cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from clinic import colours, site
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


@require_safe
@login_not_required
@cache_control(public=True, max_age=31_536_000, immutable=True)
def site_style(request: HttpRequest) -> HttpResponse:
    """The clinic's own accent; its address changes whenever the accent does."""
    return HttpResponse(colours.stylesheet(site.site().accent), "text/css")
