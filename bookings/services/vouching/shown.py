"""A version of the catalogue as one page: its lines in sections, each with its source."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from bookings.services.vouching import facets
from clinic.models import User
from clinic.words import said
from treatments.models import (
    CareInstruction,
    Protocol,
    ProtocolEffect,
    ProtocolFact,
    ProtocolPart,
    ProtocolPhase,
    ProtocolRole,
    SessionCount,
    Source,
    SuitabilityRule,
)
from treatments.models.sources import Vouched
from treatments.services.catalogue import PARTS
from treatments.services.publishing import FIGURES

FRENCH = "fr"
ROWS = {
    "session_counts": "session_counts",
    "phases": "phases",
    "roles": "roles",
    "care": "care_instructions",
    "rules": "rules",
    "effects": "effects",
    "facts": "facts",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A value in words, where it comes from and who vouches for it.

    `about` and `more` are the quiet words under its name and under the value. `key`
    names it when it is confirmed; `pk` is None for figures. `at` is in UTC.
    """

    name: str
    value: str
    source: str
    is_default: bool
    by: User | None
    at: datetime | None
    key: str
    pk: int | None = None
    about: str = ""
    more: str = ""
    lacks_french: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """The lines of one kind; `part` is its name in addresses."""

    part: str
    title: str
    lines: tuple[Line, ...]

    @property
    def unconfirmed(self) -> int:
        return sum(line.by is None for line in self.lines)


def titles() -> dict[str, str]:
    """The sections of a protocol by their name in addresses, in the order of reading."""
    return {
        FIGURES: _("Figures"),
        "session_counts": _("How many sessions"),
        "phases": _("A session, in order"),
        "roles": _("Who and what it needs"),
        "care": _("Care before and after"),
        "rules": _("Who must not be treated"),
        "effects": _("What to expect"),
        "facts": _("Good to know"),
    }


def sections(protocol: Protocol) -> list[Section]:
    """Everything `protocol` says; as many queries for much as for little."""
    named = titles()
    shown = [Section(FIGURES, named[FIGURES], tuple(_figures(protocol)))]
    for part in PARTS:
        rows: Any = getattr(protocol, ROWS[part]).select_related("approved_by")
        if part == "session_counts":
            rows = rows.select_related("concern")
        lines = tuple(line(row, part) for row in rows)
        shown.append(Section(part, named[part], lines))
    return shown


def line(row: ProtocolPart, part: str) -> Line:
    """One row of a protocol as a line."""
    name, about, value, more = _words(row)
    return Line(
        name=name,
        about=about,
        value=value,
        more=more,
        pk=row.pk,
        key=f"{part}:{row.pk}",
        lacks_french=any(_is_english_only(text) for text in texts(row)),
        **_standing(row, row.source),
    )


def texts(row: ProtocolPart) -> Iterator[str]:
    """What patients read of `row`."""
    for name in ("text", "milder_text", "question_text", "date_text", "reason"):
        if text := getattr(row, name, ""):
            yield text


def _is_english_only(text: str) -> bool:
    with override(FRENCH):
        return said(text) == text


def _figures(protocol: Protocol) -> Iterator[Line]:
    for name, value, source in facets.figures(protocol):
        yield Line(name=name, value=value, key=FIGURES, **_standing(protocol, source))


def _standing(row: Vouched, source: str) -> dict[str, Any]:
    return {
        "source": facets.source(source),
        "is_default": source == Source.CLINIC,
        "by": row.approved_by,
        "at": row.approved_at,
    }


def _words(row: ProtocolPart) -> tuple[str, str, str, str]:
    """Name, what is under it, value, what is under that."""
    told = facets.of(row)
    if isinstance(row, SessionCount):
        return concern(row), "", row.in_words(), ""
    if isinstance(row, ProtocolPhase):
        time, used = told.values()
        return said(row.name), "", time, used
    if isinstance(row, ProtocolRole):
        kind, has, _shared = told.values()
        shared = _("For several sessions at once") if row.shared else ""
        return facets.role_name(row.name), kind, has, shared
    if isinstance(row, CareInstruction):
        return _care(row, told)
    if isinstance(row, SuitabilityRule):
        return _rule(row)
    return _told(row)


def _care(row: CareInstruction, told: facets.Facets) -> tuple[str, str, str, str]:
    what, words, when, milder, _first = told.values()
    more = [when]
    if row.first_session_only:
        more.append(_("First session only"))
    if milder:
        more.append(_("A plan may allow the milder rule: %(rule)s") % {"rule": milder})
    return what, facets.phase(row), words, ". ".join(one.rstrip(".") for one in more)


def _rule(row: SuitabilityRule) -> tuple[str, str, str, str]:
    about = [facets.wait(row)] if row.wait_amount else []
    if row.may_be_overridden:
        about.append(_("A clinician may override"))
    if row.ask_again != "never":
        again = str(row.get_ask_again_display())
        about.append(_("asked again: %(when)s") % {"when": again.lower()})
    kind = str(row.get_kind_display())
    return kind, ", ".join(about), row.question_text, row.reason


def _told(row: ProtocolPart) -> tuple[str, str, str, str]:
    if isinstance(row, ProtocolEffect):
        kind = str(row.get_kind_display())
        return kind, "", row.text, ""
    if isinstance(row, ProtocolFact):
        return row.code.replace("-", " ").capitalize(), "", row.text, ""
    raise TypeError(f"{row!r} is no line of a protocol")


def concern(row: SessionCount) -> str:
    """Which concern a number of sessions is for."""
    return str(row.concern) if row.concern else _("Any other concern")
