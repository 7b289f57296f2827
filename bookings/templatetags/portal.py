"""The tabs of a patient's own pages."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings.services import told

register = template.Library()


@dataclass(frozen=True, slots=True)
class Tab:
    """A place at the foot of the page; `family` begins the names of its views."""

    view: str
    label: Promise
    icon: str
    family: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TabItem:
    """A tab as drawn. `current` is an aria-current value, or empty."""

    label: Promise
    icon: str
    href: str
    current: str


TABS = (
    Tab("portal:plan", _("Plan"), "series", ("portal:plan", "portal:my-")),
    Tab("portal:care", _("Care guide"), "list-ul", ("portal:care", "portal:tick")),
    Tab("portal:messages", _("Messages"), "chat-left", ("portal:message",)),
    Tab(
        "portal:account",
        _("Account"),
        "person",
        (
            "portal:account",
            "portal:export",
            "portal:who",
            "portal:document",
            "portal:consent",
        ),
    ),
)


@register.simple_tag(takes_context=True)
def portal_tabs(context: dict[str, Any]) -> list[TabItem]:
    """The tabs this site has, the one of the page now shown marked."""
    request = context.get("request")
    match = request.resolver_match if request else None
    here = match.view_name if match else ""
    return [
        TabItem(tab.label, tab.icon, href, _current(tab, here))
        for tab in TABS
        if (href := _href(tab.view))
    ]


@register.simple_tag(takes_context=True)
def days_told(context: dict[str, Any], first: date, last: date) -> str:
    """From `first` to `last` as patients read it; with the year unless it is this one."""
    return told.days(first, last, context["this_year"])


def _href(view: str) -> str:
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""


def _current(tab: Tab, here: str) -> str:
    if here == tab.view:
        return "page"
    return "true" if here.startswith(tab.family) else ""
