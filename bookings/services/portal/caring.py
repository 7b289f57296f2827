"""The care around one session as its patient reads it: dated, grouped, ticked off."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby

from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import Appointment, CareTick
from bookings.services import patients, told
from bookings.services.messages import care_words
from bookings.services.refusals import BookingRefused
from clinic.words import said
from treatments.care import CareItem, CareKind, CarePhase, Edge
from treatments.models import EffectKind, ProtocolEffect

NOT_THE_PATIENTS = (CareKind.CONFIRM,)
"""What the clinic does, not the patient: it is told, and never ticked."""


class NoSuchCare(LookupError):
    """The session has no such piece of care to tick."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of care: `title` says what, `rest` how; `when` in words.

    `ticked_on` is the location's day on which the patient said to follow it.
    """

    code: str
    kind: CareKind
    title: str
    rest: str
    when: str = ""
    ticked_on: date | None = None

    @property
    def heading(self) -> str:
        """What it asks for, in a word."""
        return str(care_words.HEADINGS[self.kind])

    @property
    def is_stop(self) -> bool:
        return self.kind in (CareKind.STOP, CareKind.AVOID)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The care that holds equally long: `name` in a word, `until` by the calendar."""

    name: str
    until: str
    pieces: tuple[Piece, ...]
    is_over: bool


@dataclass(frozen=True, slots=True)
class Effects:
    """What the skin may do after a session, sentence by sentence."""

    normal: tuple[str, ...]
    possible: tuple[str, ...]
    rare: tuple[str, ...]
    urgent: tuple[str, ...]


def before(appointment: Appointment) -> list[Piece]:
    """What to do before the session, with what was ticked; read with `care_ticks`."""
    ticked = {row.code: row.ticked_at for row in appointment.care_ticks.all()}
    zone = appointment.location.zone
    return [
        _piece(item, ticked[item.code].astimezone(zone).date())
        if item.code in ticked
        else _piece(item)
        for item in _in_order(care_words.dated(appointment), CarePhase.PRE)
    ]


def to_tick(appointment: Appointment) -> list[Piece]:
    """As `before`, without what the clinic does."""
    return [
        piece for piece in before(appointment) if piece.kind not in NOT_THE_PATIENTS
    ]


def after(appointment: Appointment, *, now: datetime) -> list[Stretch]:
    """What to do after the session, what ends first on top."""
    items = [
        item
        for item in care_words.dated(appointment)
        if item.phase == CarePhase.POST and item.kind != CareKind.FOLLOW_UP
    ]
    ended = appointment.took_place[1]
    this_year = now.astimezone(appointment.location.zone).year
    return [
        Stretch(
            name=_length(group[0], ended),
            until=_until(group[0], this_year),
            pieces=tuple(_piece(item) for item in _in_order(group, CarePhase.POST)),
            is_over=_is_over(group[0], now),
        )
        for group in _by_end(items)
    ]


def effects(rows: Iterable[ProtocolEffect]) -> Effects:
    """The protocol's effects by how often they come, the catalogue's order kept."""
    told_of = [(row.kind, said(row.text)) for row in rows]

    def of(*kinds: str) -> tuple[str, ...]:
        return tuple(text for kind, text in told_of if kind in kinds)

    return Effects(
        normal=of(EffectKind.RECOVERY),
        possible=of(EffectKind.POSSIBLE),
        rare=of(EffectKind.RARE, EffectKind.VERY_RARE),
        urgent=of(EffectKind.URGENT),
    )


@transaction.atomic
def tick(
    appointment: Appointment, code: str, *, is_followed: bool, now: datetime
) -> None:
    """Note that one piece of care before the session is followed, or take that back.

    Ticked twice it keeps its first moment. Refuses once the session has begun or was
    called off; raises NoSuchCare for what its patient has not to do.
    """
    patients.hold(appointment.patient_id)
    if not appointment.can_be_moved or appointment.starts_at <= now:
        raise BookingRefused(
            _("This session has begun or was called off: nothing is left to tick.")
        )
    if code not in {piece.code for piece in to_tick(appointment)}:
        raise NoSuchCare(code)
    if is_followed:
        row = CareTick(appointment=appointment, code=code, ticked_at=now)
        CareTick.objects.bulk_create([row], ignore_conflicts=True)
    else:
        appointment.care_ticks.filter(code=code).delete()


def halves(text: str) -> tuple[str, str]:
    """A sentence in two where a colon parts it: what, and how.

    "Keep the sun off: wear a hat." is ("Keep the sun off", "Wear a hat.").
    """
    what, colon, how = text.partition(": ")
    what = what.rstrip("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE} ")
    return (what, capfirst(how)) if colon and how else (text, "")


def halves_said(text: str) -> tuple[str, str]:
    """As `halves`, of a text of the catalogue, in the language now spoken."""
    return halves(said(text))


def _piece(item: CareItem, ticked_on: date | None = None) -> Piece:
    title, rest = halves_said(item.text)
    return Piece(item.code, item.kind, title, rest, care_words.when(item), ticked_on)


def _in_order(items: Iterable[CareItem], phase: CarePhase) -> list[CareItem]:
    """What to leave off comes first."""
    chosen = [item for item in items if item.phase == phase]
    return sorted(chosen, key=lambda item: care_words.ORDER.index(item.kind))


def _by_end(items: Iterable[CareItem]) -> list[list[CareItem]]:
    """Items that end together; those that no calendar ends come last."""

    def end(item: CareItem) -> tuple[int, datetime]:
        if isinstance(item.ends, datetime):
            return 0, item.ends.astimezone(UTC)
        return _UNDATED.index(item.closes), datetime.max.replace(tzinfo=UTC)

    return [list(group) for _end, group in groupby(sorted(items, key=end), key=end)]


_UNDATED = (Edge.HOURS, Edge.DAYS, Edge.PRESCRIBED, Edge.HEALED, Edge.ONWARDS)


def _length(item: CareItem, ended: datetime) -> str:
    """ "First 24 hours", "Until healed", "Every day"."""
    if item.closes == Edge.HEALED:
        return _("Until healed")
    if item.closes == Edge.ONWARDS:
        return _("Every day")
    if not isinstance(item.ends, datetime):
        return care_words.when(item)
    hours = round((item.ends.astimezone(UTC) - ended).total_seconds() / 3600)
    words = ngettext("First %(hours)s hour", "First %(hours)s hours", hours)
    return words % {"hours": hours}


def _until(item: CareItem, this_year: int) -> str:
    if not isinstance(item.ends, datetime):
        return ""
    return _("Until %(end)s") % {"end": told.moment(item.ends, this_year)}


def _is_over(item: CareItem, now: datetime) -> bool:
    return isinstance(item.ends, datetime) and item.ends <= now
