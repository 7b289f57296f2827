"""The contact sheet of a plan: sides of the skin down, time across, gaps in plain view.

Photos are wanted before the series, at each session, and six to eight weeks after the
last (source: S2). Which sides are wanted is a clinic default, to be confirmed by the
medical director: front, left and right, and after the baseline whatever it showed.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    Patient,
    Photo,
    PhotoAngle,
    PhotoMoment,
    PlanArea,
    TreatmentPlan,
)
from bookings.services.photos import comparing, shots
from bookings.services.photos.comparing import RANK, Pair
from bookings.services.photos.shots import Occasion
from bookings.services.portal.stages import RESULT_DAYS
from treatments.models import BodyArea

WANTED = (PhotoAngle.FRONT, PhotoAngle.LEFT, PhotoAngle.RIGHT)


class Time(StrEnum):
    """Where a column lies: photos of it could be taken before, can be now, or will."""

    PAST = "past"
    NOW = "now"
    AHEAD = "ahead"


class State(StrEnum):
    """What a place of the sheet holds."""

    KEPT = "kept"
    TO_TAKE = "to-take"
    MISSED = "missed"
    AHEAD = "ahead"
    BLANK = "blank"  # nothing is wanted here


EMPTY = {
    Time.PAST: State.MISSED,
    Time.NOW: State.TO_TAKE,
    Time.AHEAD: State.AHEAD,
}


@dataclass(frozen=True, slots=True)
class Column:
    """One occasion, its heading, a note under it (a day or a span), and when it is."""

    occasion: Occasion
    title: str
    note: str
    time: Time
    is_wanted: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """What was taken of one side on one occasion, or why nothing was."""

    column: Column
    state: State
    photos: list[Photo]


@dataclass(frozen=True, slots=True)
class Row:
    """One side of the skin over time."""

    angle: PhotoAngle
    cells: list[Cell]

    @property
    def pair(self) -> Pair | None:
        """What to compare of this side, if it was taken twice."""
        taken = [photo for cell in self.cells for photo in cell.photos]
        return comparing.pair_of(taken) if taken else None


@dataclass(frozen=True, slots=True)
class Gap:
    """The sides of one occasion that were not taken, and whether they still can be."""

    column: Column
    angles: list[PhotoAngle]

    @property
    def can_be_taken(self) -> bool:
        return self.column.time == Time.NOW

    @property
    def sides(self) -> str:
        return ", ".join(str(angle.label) for angle in self.angles)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The photos of one area in one plan; of none, what was taken without a plan."""

    plan: TreatmentPlan | None
    area: BodyArea
    columns: list[Column]
    rows: list[Row]
    gaps: list[Gap] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(len(cell.photos) for row in self.rows for cell in row.cells)

    @property
    def columns_count(self) -> int:
        return len(self.columns)


def of_patient(
    patient: Patient, photos: Sequence[Photo], *, now: datetime
) -> list[Sheet]:
    """Every sheet of `patient`, the plan written last first; three queries.

    Each area of a plan that goes on has one, with what is missing; a plan that is over
    only where it has photos.
    """
    plans = list(
        TreatmentPlan.objects.with_people()
        .filter(patient=patient)
        .prefetch_related("areas__area")
    )
    sessions = defaultdict(list)
    for session in shots.sessions_of(patient, now=now):
        sessions[session.plan_id].append(session)
    homes = _by_home(photos, plans, sessions)
    today = localdate(now)
    found = []
    for plan in plans:
        kept = homes.pop(plan.pk, {})
        wanted = [] if plan.status in shots.GONE else [a.area for a in plan.areas.all()]
        for area in _areas(wanted, kept):
            found.append(_sheet(plan, area, sessions[plan.pk], kept, today))
    rest = homes.pop(None, {})
    return found + [_sheet(None, area, [], rest, today) for area in _areas([], rest)]


Kept = dict[int, list[Photo]]  # photos by area


def _by_home(
    photos: Iterable[Photo],
    plans: Sequence[TreatmentPlan],
    sessions: dict[int | None, list[Appointment]],
) -> dict[int | None, Kept]:
    homes: dict[int | None, Kept] = {}
    for photo in photos:
        home = photo.plan_id or _first_after(photo, plans, sessions)
        homes.setdefault(home, {}).setdefault(photo.area_id, []).append(photo)
    return homes


def _first_after(
    photo: Photo,
    plans: Sequence[TreatmentPlan],
    sessions: dict[int | None, list[Appointment]],
) -> int | None:
    """The plan whose skin `photo` shows as it was before it, where it names none."""
    if photo.moment != PhotoMoment.BASELINE:
        return None
    for plan in reversed(plans):  # the one written first
        treated = {one.area_id for one in plan.areas.all()}
        first = min((one.starts_at for one in sessions[plan.pk]), default=None)
        is_before = first is None or photo.taken_at < first
        if photo.area_id in treated and is_before and plan.status not in shots.GONE:
            return plan.pk
    return None


def _areas(wanted: list[BodyArea], kept: Kept) -> list[BodyArea]:
    known = {area.pk: area for area in wanted}
    for photos in kept.values():
        known.setdefault(photos[0].area_id, photos[0].area)
    return list(known.values())


def _sheet(
    plan: TreatmentPlan | None,
    area: BodyArea,
    sessions: Sequence[Appointment],
    kept: Kept,
    today: date,
) -> Sheet:
    photos = kept.get(area.pk, [])
    goes_on = plan is not None and plan.status not in shots.GONE
    columns = columns_of(plan if goes_on else None, sessions, photos, today)
    is_planned = goes_on and area.pk in {a.area_id for a in _areas_of(plan)}
    if not is_planned:  # what was taken, and no empty places
        taken = {_key(_occasion(photo)) for photo in photos}
        columns = [one for one in columns if _key(one.occasion) in taken]
    rows = _rows(columns, photos, is_planned=is_planned)
    return Sheet(plan, area, columns, rows, _gaps(columns, rows))


def _areas_of(plan: TreatmentPlan | None) -> list[PlanArea]:
    return list(plan.areas.all()) if plan else []


def columns_of(
    plan: TreatmentPlan | None,
    sessions: Sequence[Appointment],
    photos: Sequence[Photo],
    today: date,
) -> list[Column]:
    """Baseline, each session, the result; and whatever else has a photo."""
    found = [*_usual(plan, sessions, photos, today)] if plan else []
    known = {_key(one.occasion) for one in found}
    for photo in photos:
        occasion = _occasion(photo)
        if _key(occasion) not in known:
            known.add(_key(occasion))
            title = _title(occasion)
            note = _read(localdate(photo.taken_at), today)
            found.append(Column(occasion, title, note, Time.PAST, is_wanted=False))
    return found


def _occasion(photo: Photo) -> Occasion:
    return Occasion(PhotoMoment(photo.moment), photo.plan, photo.appointment)


def _key(occasion: Occasion) -> tuple[str, int | None]:
    session = occasion.appointment
    is_session = occasion.moment == PhotoMoment.SESSION
    return str(occasion.moment), session.pk if session and is_session else None


def _usual(
    plan: TreatmentPlan,
    sessions: Sequence[Appointment],
    photos: Sequence[Photo],
    today: date,
) -> Iterable[Column]:
    first = min((one.anchor_date for one in sessions), default=None)
    begun = first is not None and first < today
    baseline = Occasion(PhotoMoment.BASELINE, plan)
    note = _day_of(photos, PhotoMoment.BASELINE, today)
    yield Column(baseline, _title(baseline), note, Time.PAST if begun else Time.NOW)
    booked = {one.number: one for one in sessions}
    for number in range(1, plan.session_count + 1):
        yield _of_session(plan, number, booked.get(number), today)
    yield _result(plan, sessions, today)


def _day_of(photos: Sequence[Photo], moment: PhotoMoment, today: date) -> str:
    """The local day of the first photo of `moment`, as read; nothing without one."""
    taken = [photo.taken_at for photo in photos if photo.moment == moment]
    return _read(localdate(min(taken)), today) if taken else ""


def _read(day: date, today: date, form: str = "D j M") -> str:
    """`day` as read: with its year only where it is not this one."""
    return date_format(day, form if day.year == today.year else f"{form} Y")


def _of_session(
    plan: TreatmentPlan, number: int, session: Appointment | None, today: date
) -> Column:
    occasion = Occasion(PhotoMoment.SESSION, plan, session)
    title = _("Session %(number)s") % {"number": number}
    if session is None:
        return Column(occasion, title, _("no date yet"), Time.AHEAD)
    day = session.anchor_date
    time = Time.NOW if day == today else Time.PAST if day < today else Time.AHEAD
    return Column(occasion, title, _read(day, today), time)


def _result(
    plan: TreatmentPlan, sessions: Sequence[Appointment], today: date
) -> Column:
    """Six to eight weeks after the last session as it was performed (source: S2)."""
    occasion = Occasion(PhotoMoment.RESULT, plan)
    numbers = {one.number for one in sessions}
    is_whole = numbers >= set(range(1, plan.session_count + 1))
    if not is_whole:
        note = _("6–8 weeks after the last")
        return Column(occasion, _title(occasion), note, Time.AHEAD)
    last = max(one.anchor_date for one in sessions)
    first_day, last_day = (last + timedelta(days=days) for days in RESULT_DAYS)
    is_over = all(one.completed_at for one in sessions)
    note = f"{date_format(first_day, 'j M')} – {_read(last_day, today, 'j M')}"
    time = Time.NOW if is_over and today >= first_day else Time.AHEAD
    return Column(occasion, _title(occasion), note, time)


def _title(occasion: Occasion) -> str:
    if occasion.appointment and occasion.moment == PhotoMoment.SESSION:
        return _("Session %(number)s") % {"number": occasion.appointment.number}
    return str(PhotoMoment(occasion.moment).label)


def _rows(
    columns: Sequence[Column], photos: Sequence[Photo], *, is_planned: bool
) -> list[Row]:
    places: dict[tuple[str, tuple[str, int | None]], list[Photo]] = defaultdict(list)
    for photo in photos:
        places[photo.angle, _key(_occasion(photo))].append(photo)
    used = {photo.angle for photo in photos}
    before = {p.angle for p in photos if p.moment == PhotoMoment.BASELINE}
    asked = (before or set(WANTED)) if is_planned else set()
    first = asked | set(WANTED) if is_planned else set()
    return [
        Row(
            PhotoAngle(angle),
            [
                _cell(column, places[angle, _key(column.occasion)], angle in wanted)
                for column in columns
                for wanted in [first if _is_first(column) else asked]
            ],
        )
        for angle in sorted(used | first, key=RANK.__getitem__)
    ]


def _is_first(column: Column) -> bool:
    return column.occasion.moment == PhotoMoment.BASELINE


def _cell(column: Column, photos: list[Photo], is_wanted: bool) -> Cell:
    if photos:
        return Cell(column, State.KEPT, photos)
    is_blank = not (is_wanted and column.is_wanted)
    return Cell(column, State.BLANK if is_blank else EMPTY[column.time], photos)


def _gaps(columns: Sequence[Column], rows: Sequence[Row]) -> list[Gap]:
    """What can be taken now, and sides without a baseline; the result counts most."""
    found = []
    for place, column in enumerate(columns):
        cells = [(row.angle, row.cells[place].state) for row in rows]
        missing = [a for a, s in cells if s in (State.TO_TAKE, State.MISSED)]
        is_told = column.time == Time.NOW or _is_first(column)
        if missing and is_told:
            found.append(Gap(column, missing))
    return found


def gaps_of(patient: Patient, photos: Sequence[Photo], *, now: datetime) -> list[Gap]:
    """What is missing on all the sheets of `patient`."""
    return [gap for sheet in of_patient(patient, photos, now=now) for gap in sheet.gaps]
