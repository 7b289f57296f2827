"""What stands in the columns: appointments, and times that are offered."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from bookings.models import AppointmentStatus, Claim, WaitingOffer
from bookings.services.daybook import words
from bookings.services.daybook.columns import NOWHERE, Column
from bookings.services.daybook.entries import MODALITY, Entry, Part, Taken
from bookings.services.daybook.flags import Flag
from bookings.services.daybook.reading import Rows
from clinic.models import ResourceKind

HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Block:
    """A box in one or more columns, [start, end) in the location's zone.

    `appointment` and `version` are missing where it is only an offered time.
    """

    id: str
    columns: tuple[str, ...]
    start: datetime
    end: datetime
    kind: str
    status: str
    word: str
    name: str
    initials: str
    label: str
    modality: str
    line: str = ""
    late: str = ""
    held: str = ""
    parts: tuple[Part, ...] = ()
    flags: tuple[Flag, ...] = ()
    appointment: int | None = None
    version: int | None = None
    is_movable: bool = False


def blocks_of(
    rows: Rows, entries: Iterable[Entry], columns: Sequence[Column]
) -> list[Block]:
    """A block for each entry that is drawn, and for each offered time, in its columns."""
    drawn = [entry for entry in entries if entry.is_drawn]
    place = _in_places if rows.asked.is_by_rooms else _in_one_box
    found = [block for entry in drawn for block in place(entry, columns)]
    if not rows.asked.treatment:
        found += _offers(rows, columns)
    return sorted(found, key=lambda block: (block.start, block.id))


def _in_one_box(entry: Entry, columns: Sequence[Column]) -> Iterator[Block]:
    """The whole visit, beside its practitioner: in the lane of its room, or its day."""
    if stands := _columns_with(entry, columns):
        yield _block(entry, f"a{entry.row.pk}", stands, entry.start, entry.end)


def _columns_with(entry: Entry, columns: Sequence[Column]) -> tuple[str, ...]:
    if not entry.taken:
        return tuple(one.id for one in columns if one.id == NOWHERE)
    who, day = {row.pk for row in entry.who}, entry.start.date()
    beside = [one for one in columns if one.practitioner in who and one.day == day]
    rooms: set[int | None] = {row.pk for row in entry.rooms} or {None}
    lanes = [one for one in beside if one.room in rooms]
    return tuple(one.id for one in lanes or beside)


def _in_places(entry: Entry, columns: Sequence[Column]) -> Iterator[Block]:
    """The visit in its room for as long as it takes it, and so in each device."""
    names = {key: one.id for one in columns for key in one.owners}
    if not entry.taken:
        if any(one.id == NOWHERE for one in columns):
            own = f"a{entry.row.pk}"
            yield _block(entry, own, (NOWHERE,), entry.start, entry.end)
        return
    for number, taken in enumerate(_places(entry)):
        if column := names.get(taken.resource.pk):
            own = f"a{entry.row.pk}" if not number else f"a{entry.row.pk}-{number}"
            block = _block(entry, own, (column,), taken.start, taken.end)
            # The visit is moved by its room; its devices go with it.
            yield replace(block, is_movable=False) if number else block


def _places(entry: Entry) -> list[Taken]:
    """Rooms before devices: the first is the block that bears the appointment's name."""
    kinds: list[str] = [ResourceKind.ROOM, ResourceKind.DEVICE]
    found = [taken for taken in entry.taken if taken.resource.kind in kinds]
    return sorted(found, key=lambda t: (kinds.index(t.resource.kind), t.start))


def _block(
    entry: Entry, own: str, columns: tuple[str, ...], start: datetime, end: datetime
) -> Block:
    return Block(
        id=own,
        columns=columns,
        start=start,
        end=end,
        kind=entry.row.kind,
        status=entry.status,
        word=entry.word,
        name=entry.name,
        initials=entry.initials,
        label=entry.label,
        modality=entry.modality,
        line=entry.line,
        late=entry.late_words,
        held=entry.held,
        parts=tuple(_within(entry.parts, start, end)),
        flags=entry.flags,
        appointment=entry.row.pk,
        version=entry.row.version,
        is_movable=entry.is_movable,
    )


def _within(parts: Iterable[Part], start: datetime, end: datetime) -> Iterator[Part]:
    """The phases as far as they lie in [start, end)."""
    for part in parts:
        opens, closes = max(part.start, start), min(part.end, end)
        if opens < closes:
            yield part._replace(start=opens, end=closes)


def _offers(rows: Rows, columns: Sequence[Column]) -> Iterator[Block]:
    """Each offered time once, in the columns whose resources it keeps free."""
    kept: dict[int, list[Claim]] = {}
    for claim in rows.others:
        if claim.offer_id is not None:
            kept.setdefault(claim.offer_id, []).append(claim)
    for claims in kept.values():
        if stands := _columns_keeping(claims, rows, columns):
            yield _offer(claims, rows, stands)


def _columns_keeping(
    claims: Sequence[Claim], rows: Rows, columns: Sequence[Column]
) -> tuple[str, ...]:
    """Beside its practitioner: in the room's lane where there is one, else anywhere."""
    kept = {claim.resource_id for claim in claims}
    zone = rows.asked.location.zone
    day = claims[0].during.lower.astimezone(zone).date()
    own = [one for one in columns if one.day == day and kept & set(one.owners)]
    if not rows.asked.is_by_rooms:
        own = [one for one in own if one.practitioner in kept]
        own = [one for one in own if one.room in kept] or own[:1]
    return tuple(one.id for one in own)


def _offer(claims: Sequence[Claim], rows: Rows, columns: tuple[str, ...]) -> Block:
    offer: WaitingOffer = claims[0].offer  # type: ignore[assignment]
    entry, zone = offer.entry, rows.asked.location.zone
    treatment = entry.plan.protocol.treatment
    ends = offer.expires_at.astimezone(zone)
    short = words.initials(entry.patient)
    count = entry.plan.session_count
    return Block(
        id=f"o{offer.pk}",
        columns=columns,
        start=offer.starts_at.astimezone(zone),
        end=offer.ends_at.astimezone(zone),
        kind=HOLD,
        status=AppointmentStatus.HELD,
        word=str(AppointmentStatus.HELD.label),
        name=short if rows.asked.initials else str(entry.patient),
        initials=short,
        label=treatment.short_code,
        modality=MODALITY[treatment.shape],
        line=words.session(entry.number, count) if entry.number else "",
        held=_("Offered to %(time)s")
        % {"time": words.moment(ends, rows.local_now.date())},
    )
