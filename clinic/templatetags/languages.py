"""The same page in another language."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.conf import settings
from django.urls import translate_url
from django.utils.translation import get_language, get_language_info

register = template.Library()


@dataclass(frozen=True, slots=True)
class OtherLanguage:
    """A language the page can be read in: its code, its own name, where it leads."""

    code: str
    name: str
    href: str


@register.simple_tag(takes_context=True)
def other_languages(context: dict[str, Any]) -> list[OtherLanguage]:
    """The other languages of the page now shown, each leading to this very page.

    What the address asks for stays; a page that only takes a form leads to itself.
    """
    request = context.get("request")
    here = request.get_full_path() if request else "/"
    return [
        OtherLanguage(
            code,
            get_language_info(code)["name_local"].capitalize(),
            translate_url(here, code),
        )
        for code, _name in settings.LANGUAGES
        if code != get_language()
    ]
