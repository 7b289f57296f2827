"""What search engines are told: which pages there are, and which are not for them."""

from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from treatments.models import Treatment

HOUR = 60 * 60
PAGES = (
    "home",
    "treatments",
    "how",
    "doctors",
    "locations",
    "contact",
    "privacy",
    "accessibility",
    "after-care",
)
CLOSED = ("desk", "review", "admin", "my", "accounts", "request", "requests")


@require_safe
@login_not_required
@cache_control(public=True, max_age=HOUR)
def robots(request: HttpRequest) -> HttpResponse:
    """What no search engine reads: all that is about somebody, in both languages."""
    starts = ["", *(f"/{code}" for code in _others())]
    lines = [f"Disallow: {start}/{name}/" for start in starts for name in CLOSED]
    sitemap = f"Sitemap: {settings.SITE_URL}{reverse('public:sitemap')}"
    text = "\n".join(["User-agent: *", *lines, "", sitemap, ""])
    return HttpResponse(text, "text/plain; charset=utf-8")


@require_safe
@login_not_required
@cache_control(public=True, max_age=HOUR)
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every page of the site in both languages, each with its counterpart."""
    offered = Treatment.objects.offered().order_by("position")
    found: list[tuple[str, list[str]]] = [(f"public:{name}", []) for name in PAGES]
    found += [("public:treatment", [one.code]) for one in offered]
    entries = [_in_each(name, arguments) for name, arguments in found]
    return render(
        request,
        "public/sitemap.xml",
        {"entries": entries},
        content_type="application/xml; charset=utf-8",
    )


def _in_each(name: str, arguments: Sequence[str]) -> dict[str, str]:
    """The whole address of one page, by language."""
    addresses = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            addresses[code] = f"{settings.SITE_URL}{reverse(name, args=arguments)}"
    return addresses


def _others() -> list[str]:
    return [code for code, _n in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
