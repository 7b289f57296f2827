"""What differs between two versions of a protocol, in words a clinician reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from bookings.services.vouching import facets, shown
from treatments.models import Protocol, ProtocolPart, ProtocolPhase
from treatments.services.catalogue import PARTS
from treatments.services.editing import KEYS
from treatments.services.publishing import FIGURES

LONG = 60  # letters of a text that name its line


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact as it was and as it is; empty where there was or is none."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One line that differs, by its section and its name; new or gone as a whole."""

    part: str
    section: str
    name: str
    facts: tuple[Fact, ...]
    is_new: bool = False
    is_gone: bool = False
    pk: int | None = None


def changes(old: Protocol, new: Protocol) -> list[Change]:
    """Every line in which `new` differs from `old`, in the order of reading."""
    titles = shown.titles()
    found = list(_figures(old, new, titles[FIGURES]))
    for part in PARTS:
        found += _lines(old, new, part, titles[part])
    return found


def _figures(old: Protocol, new: Protocol, section: str) -> Iterator[Change]:
    for before, after in zip(facets.figures(old), facets.figures(new), strict=True):
        name, was, was_from = before
        value = _("Value")
        facts = _differing({value: was}, {value: after[1]}, was_from, after[2])
        if facts:
            yield Change(FIGURES, section, name, facts)


def _lines(old: Protocol, new: Protocol, part: str, section: str) -> Iterator[Change]:
    before, after = _rows(old, part), _rows(new, part)
    for key, row in after.items():
        if key not in before:
            yield _whole(part, section, row, is_new=True)
        elif facts := _facts(before[key], row, list(before), list(after)):
            yield Change(part, section, named(row), facts, pk=row.pk)
    for key, row in before.items():
        if key not in after:
            yield _whole(part, section, row, is_new=False)


def _rows(protocol: Protocol, part: str) -> dict[Any, ProtocolPart]:
    rows = getattr(protocol, shown.ROWS[part])
    if part == "session_counts":
        rows = rows.select_related("concern")
    return {_key(row): row for row in rows.all()}


def _key(row: ProtocolPart) -> Any:
    return next(getattr(row, name) for name in KEYS if hasattr(row, name))


def _facts(
    old: ProtocolPart, new: ProtocolPart, before: list[Any], after: list[Any]
) -> tuple[Fact, ...]:
    was, now = facets.of(old), facets.of(new)
    if isinstance(new, ProtocolPhase):
        place = _("Place in the session")
        was[place] = str(before.index(old.name) + 1)  # type: ignore[attr-defined]
        now[place] = str(after.index(new.name) + 1)
    return _differing(was, now, old.source, new.source)


def _differing(
    was: facets.Facets, now: facets.Facets, was_from: str, now_from: str
) -> tuple[Fact, ...]:
    """The facts that differ, and the source where it does."""
    label = _("Source")
    was = was | {label: facets.source(was_from)}
    now = now | {label: facets.source(now_from)}
    return tuple(Fact(one, was[one], now[one]) for one in was if was[one] != now[one])


def _whole(part: str, section: str, row: ProtocolPart, *, is_new: bool) -> Change:
    told = [(label, words) for label, words in facets.of(row).items() if words]
    facts = [Fact(label, "" if is_new else w, w if is_new else "") for label, w in told]
    return Change(
        part,
        section,
        named(row),
        tuple(facts),
        is_new=is_new,
        is_gone=not is_new,
        pk=row.pk if is_new else None,
    )


def named(row: ProtocolPart) -> str:
    """What a line is called in a list of changes: its name, or how its words begin."""
    shown_as = shown.line(row, "")
    text = next(shown.texts(row), "")
    if not text:
        return shown_as.name
    return text if len(text) <= LONG else f"{text[:LONG].rsplit(' ', 1)[0]} …"
