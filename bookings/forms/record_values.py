"""A session record between fields and values: how a form begins, what a draft keeps."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict

from bookings.models import SessionRecord
from bookings.services.recording import drafts
from bookings.services.recording.starting import AreaStart, Start
from bookings.services.recording.values import Used

BETWEEN = "\x1f"  # a sign that nobody types, between a product and its lot
NONE, OTHER = "none", "other"
MARKS = ("page", "seen", "version")
SAME = ("version", "endpoint", "prp_lot", "prp_volume_ml", "reaction", "note")


def areas_in(data: Mapping[str, Any]) -> list[int]:
    """The areas that a form or a draft has shown, by key."""
    listed = data.getlist("area") if isinstance(data, QueryDict) else data.get("area")
    return [int(one) for one in listed or () if one.isdecimal() and len(one) < 10]


def page_of(data: QueryDict) -> drafts.Page:
    """Which page has typed `data`."""
    version = data.get("version", "")
    number = int(version) if version.isdecimal() and len(version) < 5 else 0
    return drafts.Page(data.get("page", "")[:40], data.get("seen", "")[:40], number)


def typed_in(data: QueryDict) -> dict[str, list[str]]:
    """What a draft keeps of a form: all but what protects it."""
    skipped = ("csrfmiddlewaretoken", "seen", "keep", "add", "add_area")
    typed = {
        name: [text.replace("\0", "") for text in texts]
        for name, texts in data.lists()
        if name not in skipped
    }
    if "add" in data:
        for name in ("area", "treated"):
            typed[name] = [*typed.get(name, []), data.get("add_area", "")]
    return typed


def decimal_of(value: Any) -> Decimal | None:
    """A number as typed or kept; None where it is none, or far too large."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 1000 else None


def whole_of(value: Any) -> int | None:
    """A whole number as typed or kept; None where it is none."""
    number = decimal_of(value)
    return int(number) if number is not None else None


def joined(one: Used) -> str:
    """A product as the value of its checkbox."""
    return BETWEEN.join((one.name, one.lot, one.amount))


def parted(text: str) -> Used:
    """The product behind a checkbox; without a name where somebody made the value up."""
    name, lot, amount = [*text.replace("\0", "").split(BETWEEN), "", "", ""][:3]
    return Used(name.strip()[:80], lot.strip()[:40], amount.strip()[:40])


def of_start(start: Start, zone: Any) -> dict[str, Any]:
    """The plan's values, what is booked, and the clock, as a form begins."""
    booked = [one.device.pk for one in start.fit if one.is_booked]
    only = [one.device.pk for one in start.fit]
    doctors = [one.doctor.pk for one in start.doctors if one.is_here]
    asks = start.asks_doctor and not start.signs_alone
    return {
        **_times(start.began, start.ended, zone),
        **{key: value for area in start.areas for key, value in _of_area(area)},
        "treated": [str(one.area.pk) for one in start.areas],
        "device": booked[0] if booked else only[0] if len(only) == 1 else None,
        "supervisor": doctors[0] if asks and len(doctors) == 1 else None,
        "anaesthetic": start.numbing,
    }


def _of_area(area: AreaStart) -> Iterator[tuple[str, Any]]:
    yield f"depth-{area.area.pk}", area.depth_mm
    yield f"passes-{area.area.pk}", area.passes
    yield f"energy-{area.area.pk}", area.rf_energy


def _times(began: datetime, ended: datetime, zone: Any) -> dict[str, Any]:
    began, ended = began.astimezone(zone), ended.astimezone(zone)
    return {"day": ended.date(), "began": began.time(), "ended": ended.time()}


def of_record(record: SessionRecord, start: Start) -> dict[str, Any]:
    """What a signed version says, as its amendment begins."""
    used = [Used(one.name, one.lot, one.amount) for one in record.products.all()]
    return {
        **{name: getattr(record, name) for name in SAME},
        **_times(record.started_at, record.ended_at, start.session.location.zone),
        **_numbed(record.anaesthetic, start.numbing),
        **dict(_treated(record)),
        "treated": [str(one.area_id) for one in record.areas.all()],
        "products": [joined(one) for one in used],
        "confirm": [one["code"] for one in record.confirmed_beyond],
        "device": record.device_id,
        "supervisor": record.supervisor_id,
    }


def _treated(record: SessionRecord) -> Iterator[tuple[str, Any]]:
    for one in record.areas.all():
        yield f"depth-{one.area_id}", one.depth_mm
        yield f"passes-{one.area_id}", one.passes
        yield f"energy-{one.area_id}", one.rf_energy or record.rf_energy


def _numbed(words: str, usual: str) -> dict[str, str]:
    if words in ("", usual):
        return {"anaesthetic": words or NONE}
    return {"anaesthetic": OTHER, "anaesthetic_words": words}


def flat(typed: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """A draft as a form's first values: lists where boxes are ticked, else one text."""
    if not typed:
        return {}
    several = ("treated", "products", "confirm")
    one_each = {
        name: texts[-1]
        for name, texts in typed.items()
        if isinstance(texts, list) and texts and name not in several + MARKS
    }
    return one_each | {name: list(typed.get(name, ())) for name in several}
