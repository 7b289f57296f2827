"""What the public site's pages share: addresses in both languages, phone numbers."""

import re
from typing import Any, NamedTuple

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.translation import get_language

register = template.Library()

OWN_NAMES = {"en": "English", "fr": "Français"}  # a language says its own name


class InLanguage(NamedTuple):
    """The same page in one of the languages; `address` is whole, `path` is not."""

    code: str
    name: str
    path: str
    address: str


@register.simple_tag(takes_context=True)
def other_language(context: template.Context) -> InLanguage | None:
    """This page in the other language, with its query; None outside any request."""
    request: HttpRequest | None = context.get("request")
    if request is None:
        return None
    here = (get_language() or settings.LANGUAGE_CODE)[:2]
    other = next(code for code, _name in settings.LANGUAGES if code != here)
    return _in(other, request.get_full_path())


@register.simple_tag(takes_context=True)
def in_each_language(context: template.Context) -> list[InLanguage]:
    """This page in every language, without its query, for those who list pages."""
    path = context["request"].path
    return [_in(code, path) for code, _name in settings.LANGUAGES]


@register.simple_tag(takes_context=True)
def canonical(context: template.Context) -> str:
    """The one whole address of this page, without its query."""
    return f"{settings.SITE_URL}{context['request'].path}"


@register.filter
def phone(number: str) -> str:
    """A Canadian number as the language writes it: 613-555-0100, 613 555-0100."""
    parts = _canadian(number)
    if not parts:
        return number
    first = "\N{NO-BREAK SPACE}" if (get_language() or "").startswith("fr") else "-"
    return f"{parts[0]}{first}{parts[1]}-{parts[2]}"


@register.filter
def tel(number: str) -> str:
    """The address that dials `number`: tel:+16135550100."""
    parts = _canadian(number)
    digits = "+1" + "".join(parts) if parts else re.sub(r"[^\d+]", "", number)
    return f"tel:{digits}"


@register.simple_tag
def whole(path: str) -> str:
    """`path` with the site's own address before it."""
    return f"{settings.SITE_URL}{path}"


def _in(language: str, path: str) -> InLanguage:
    there: Any = translate_url(path, language)
    address = f"{settings.SITE_URL}{there.partition('?')[0]}"
    return InLanguage(language, OWN_NAMES[language], there, address)


def _canadian(number: str) -> tuple[str, str, str] | None:
    """The three parts of a ten-digit number, or of one that begins with 1."""
    digits = re.sub(r"\D", "", number).removeprefix("1")
    if len(digits) != 10:
        return None
    return digits[:3], digits[3:6], digits[6:]
