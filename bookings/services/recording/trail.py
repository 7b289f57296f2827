"""What each version of a record changed, as lines that a person reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import SessionRecord


@dataclass(frozen=True, slots=True)
class Line:
    """One fact that differs: what it was before, and what it is in this version."""

    what: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a record and what it changed in the one before it."""

    record: SessionRecord
    lines: tuple[Line, ...]


def of(versions: list[SessionRecord]) -> list[Version]:
    """The trail of a record: its `versions`, the newest first, each with its changes."""
    older: list[SessionRecord | None] = [*versions[1:], None]
    return [
        Version(record, tuple(diff(before, record)) if before else ())
        for record, before in zip(versions, older, strict=True)
    ]


def diff(before: SessionRecord, after: SessionRecord) -> Iterator[Line]:
    """Each fact that differs between two versions."""
    old, new = facts(before), facts(after)
    for what in dict.fromkeys([*old, *new]):
        was, now = old.get(what, ""), new.get(what, "")
        if was != now:
            yield Line(what, was or _("blank"), now or _("blank"))


def facts(record: SessionRecord) -> dict[str, str]:
    """Everything a record says, by the name of each fact."""
    zone = record.appointment.location.zone
    return {
        _("Started"): _moment(record.started_at, zone),
        _("Ended"): _moment(record.ended_at, zone),
        _("Device"): str(record.device),
        _("Supervising doctor"): str(record.supervisor or ""),
        **_areas(record),
        _("Anaesthetic"): record.anaesthetic,
        _("Endpoint"): str(record.get_endpoint_display()),
        _("PRP kit lot"): record.prp_lot,
        _("PRP volume"): _millilitres(record.prp_volume_ml),
        **_products(record),
        _("Reaction in the room"): record.reaction,
        _("Note"): record.note,
    }


def _areas(record: SessionRecord) -> dict[str, str]:
    found = {}
    for one in record.areas.all():
        told = {"area": one.area}
        found[_("%(area)s, depth") % told] = f"{one.depth_mm} mm"
        found[_("%(area)s, passes") % told] = str(one.passes)
        found[_("%(area)s, RF energy") % told] = one.rf_energy
    return found


def _products(record: SessionRecord) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for one in record.products.all():
        words = ", ".join(filter(None, [one.lot, one.amount])) or _("used")
        found.setdefault(one.name, []).append(words)
    return {name: "; ".join(words) for name, words in found.items()}


def _moment(at: Any, zone: ZoneInfo) -> str:
    return date_format(at.astimezone(zone), "D j M Y, H:i")


def _millilitres(volume: Any) -> str:
    return "" if volume is None else f"{volume} ml"
