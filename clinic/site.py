"""The clinic's own words and colour on its public site, read from a file.

`site.toml` beside this module is the one that comes with Cadence; CLINIC_SITE in the
environment names another. It is read once; `manage.py check` says what is wrong with it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language

from clinic import colours

LANGUAGES = ("en", "fr")


class SiteFault(Exception):
    """What is wrong with the file, in words for whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its paragraphs."""

    heading: str
    text: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SiteWords:
    """All the words of one language that are the clinic's own."""

    title: str
    description: str
    headline: tuple[str, ...]
    lead: str
    treat: str
    travel: str
    call: str
    call_lead: str
    about: tuple[str, ...]
    privacy: tuple[Section, ...]
    accessibility: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """One accent, and the words by language."""

    accent: str
    words: Mapping[str, SiteWords]


def words() -> SiteWords:
    """The clinic's words in the language now spoken."""
    spoken = (get_language() or "en")[:2]
    return site().words.get(spoken) or site().words["en"]


def site() -> Site:
    """The site as its file says; SiteFault where the file says nothing usable."""
    return read(settings.CLINIC_SITE)


def style_address() -> str:
    """Where the clinic's own colour is served; empty where it is the usual one.

    The colour is in the address, so that caches may keep what they find there.
    """
    accent = site().accent
    if accent == colours.PRODUCT:
        return ""
    return f"{reverse('site-style')}?{accent.removeprefix('#')}"


@lru_cache(maxsize=4)
def read(path: Path) -> Site:
    """The site that the file at `path` describes, or SiteFault."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SiteFault(f"it cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SiteFault(f"it is not TOML: {error}.") from error
    _refuse_unknown(found, {"accent", *LANGUAGES}, "the file")
    accent = _accent(found.get("accent"))
    spoken = {code: _words(found.get(code), code) for code in LANGUAGES}
    return Site(accent, MappingProxyType(spoken))


def _accent(given: Any) -> str:
    if not (isinstance(given, str) and colours.is_colour(given)):
        raise SiteFault(f"accent must be a colour such as #0C4A41, not {given!r}.")
    accent = given.upper()
    for name, ground in (("white", colours.WHITE), ("the paper", colours.PAPER)):
        apart = colours.contrast(accent, ground)
        if apart < colours.ENOUGH:
            raise SiteFault(
                f"accent {accent} has a contrast of {apart:.2f}:1 against {name}; "
                f"words need at least {colours.ENOUGH}:1. Choose a darker one."
            )
    return accent


def _words(given: Any, language: str) -> SiteWords:
    if not isinstance(given, dict):
        raise SiteFault(f"it has no table [{language}].")
    names = {field.name: field.type for field in fields(SiteWords)}
    _refuse_unknown(given, set(names), f"[{language}]")
    said = {}
    for name, kind in names.items():
        if name not in given:
            raise SiteFault(f"[{language}] does not say {name}.")
        said[name] = _said(given[name], kind, f"[{language}] {name}")
    return SiteWords(**said)


def _said(given: Any, kind: Any, where: str) -> Any:
    """One value: a text, several texts, or several sections."""
    if kind is str:
        return _text(given, where)
    if not isinstance(given, list) or not given:
        raise SiteFault(f"{where} must be a list with something in it.")
    if kind == tuple[str, ...]:
        return tuple(_text(one, where) for one in given)
    return tuple(_section(one, where) for one in given)


def _section(given: Any, where: str) -> Section:
    if not isinstance(given, dict) or set(given) != {"heading", "text"}:
        raise SiteFault(f"each part of {where} needs a heading and a text.")
    text = _said(given["text"], tuple[str, ...], f"{where} text")
    return Section(_text(given["heading"], where), text)


def _text(given: Any, where: str) -> str:
    if not isinstance(given, str) or not given.strip():
        raise SiteFault(f"{where} must be words between quotation marks.")
    text = given.strip()
    for name, value in (
        ("{clinic}", settings.CLINIC_NAME),
        ("{phone}", settings.CLINIC_PHONE),
        ("{email}", settings.CLINIC_EMAIL),
    ):
        text = text.replace(name, value)
    return text


def _refuse_unknown(given: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := sorted(set(given) - known):
        raise SiteFault(f"{where} has {unknown[0]}, which Cadence does not know.")
