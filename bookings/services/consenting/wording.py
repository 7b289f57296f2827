"""The exact words of a consent for one plan, in one language, and what they amount to.

Words are plain text: a title, then numbered headings, paragraphs and lists that begin
with a dash. Pages are drawn from that text alone, so that what is shown is what is kept.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import TreatmentPlan
from bookings.services.consenting import standing
from bookings.services.consenting.texts import TEXTS, Block, Text
from bookings.services.spoken import listed
from clinic.words import said
from treatments.models import Modality
from treatments.services import sealed

HEADING = re.compile(r"\d+\. \S.*")
DASH = "– "


@dataclass(frozen=True, slots=True)
class Words:
    """What is shown and kept: the text, its version, and the language it is in."""

    text: str
    version: str
    language: str

    @property
    def digest(self) -> str:
        """What the form carries, to tell whether the text has changed since."""
        return sha256(f"{self.version}\n{self.text}".encode()).hexdigest()

    @property
    def blocks(self) -> list["Shown"]:
        return blocks(self.text)


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece of the words on a page: `kind` is title, heading, paragraph or list."""

    kind: str
    lines: tuple[str, ...]


def blocks(text: str) -> list[Shown]:
    """The words as kept, cut into what a page shows; not a word more or less."""
    pieces = [piece.splitlines() for piece in text.split("\n\n")]
    return [_shown(lines, is_first=not n) for n, lines in enumerate(pieces) if lines]


def _shown(lines: Sequence[str], *, is_first: bool) -> Shown:
    if all(line.startswith(DASH) for line in lines):
        return Shown("list", tuple(line.removeprefix(DASH) for line in lines))
    if len(lines) == 1 and HEADING.fullmatch(lines[0]):
        return Shown("heading", tuple(lines))
    is_title = is_first and len(lines) == 1 and not lines[0].endswith((".", "!", "?"))
    return Shown("title" if is_title else "paragraph", tuple(lines))


def for_photos(language: str) -> Words:
    """The words of the consent to photos."""
    text = TEXTS["photos"]
    with translation.override(language):
        filled = _composed(text, None, language)
    return Words(filled, text.version, language)


def for_plan(plan: TreatmentPlan, language: str) -> Words:
    """The words of the consent to `plan`, which comes with its protocol's treatment."""
    text = TEXTS["treatment"]
    areas = plan.areas.values_list("area", flat=True)
    with translation.override(language):
        filled = _composed(text, plan, language)
    return Words(filled, standing.version(plan.protocol_id, areas), language)


def _composed(text: Text, plan: TreatmentPlan | None, language: str) -> str:
    facts = _facts(plan)
    pieces, number = [text.title[language]], 0
    for section in text.sections:
        found = [
            piece
            for block in section.blocks
            for piece in _pieces(block, plan, facts, language)
        ]
        if found:
            number += 1
            pieces += [f"{number}. {section.heading[language]}", *found]
    return "\n\n".join([*pieces, _edition(text, plan)])


def _pieces(
    block: Block, plan: TreatmentPlan | None, facts: dict[str, str], language: str
) -> Iterator[str]:
    """The paragraph and its list; nothing where the list would be empty."""
    lines = list(_lines(block, plan)) if plan else []
    if block.has_list and not lines:
        return
    yield block.words[language].format(**facts)
    if lines:
        yield "\n".join(f"{DASH}{line}" for line in lines)


def _lines(block: Block, plan: TreatmentPlan) -> Iterable[str]:
    """The list that follows `block`, from the plan's treatment and its protocol."""
    if block.parts:
        return _parts(plan)
    notes = sealed.notes(plan.protocol)
    if block.effects:
        return [said(one.text) for one in notes.effects if one.kind == block.effects]
    by_code = {fact.code: fact.text for fact in notes.facts}
    return [said(by_code[code]) for code in block.facts if code in by_code]


def _parts(plan: TreatmentPlan) -> list[str]:
    rows = Modality.objects.filter(treatment=plan.protocol.treatment_id)
    return [
        _("%(part)s: %(what)s")
        % {"part": said(row.name), "what": said(row.summary) or said(row.name)}
        for row in rows
    ]


def _facts(plan: TreatmentPlan | None) -> dict[str, str]:
    facts = {"clinic": settings.CLINIC_NAME, "phone": settings.CLINIC_PHONE}
    if plan is None:
        return facts
    areas = [said(row.area.name).lower() for row in plan.areas.select_related("area")]
    count = plan.session_count
    return facts | {
        "treatment": said(plan.protocol.treatment.name),
        "areas": listed(areas),
        "sessions": ngettext("%(count)s session", "%(count)s sessions", count)
        % {"count": count},
    }


def _edition(text: Text, plan: TreatmentPlan | None) -> str:
    """Which version this is, as the last line of what is signed."""
    facts = {"text": text.version, "day": date_format(text.day, "j F Y")}
    if plan is None:
        return _("Text version %(text)s of %(day)s.") % facts
    return _("Text version %(text)s of %(day)s; protocol version %(protocol)s.") % (
        facts | {"protocol": plan.protocol.version}
    )
