"""The contact sheet of a plan: sides of the skin down, time across, gaps in plain view.

Photos are wanted before the series, at each session, and six to eight weeks after the
last (source: S2). Which sides are wanted is a clinic default, to be confirmed by the
medical director: front, left and right, and after the baseline whatever it showed.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from django.utils.timezone import localdate

from bookings.models import (
    Appointment,
    Patient,
    Photo,
    PhotoAngle,
    PhotoMoment,
    PlanArea,
    TreatmentPlan,
)
from bookings.services.photos import comparing, headings, shots
from bookings.services.photos.comparing import RANK, Pair
from bookings.services.photos.headings import Column, Time
from treatments.models import BodyArea

WANTED = (PhotoAngle.FRONT, PhotoAngle.LEFT, PhotoAngle.RIGHT)


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
    return [
        _sheet(plan, area, sessions[plan.pk if plan else None], kept, localdate(now))
        for plan in (*plans, None)
        for kept in [homes.get(plan.pk if plan else None, {})]
        for area in _areas(plan, kept)
    ]


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


def _areas(plan: TreatmentPlan | None, kept: Kept) -> list[BodyArea]:
    """What `plan` treats as long as it goes on, and what else was taken."""
    goes_on = plan is not None and plan.status not in shots.GONE
    wanted = _areas_of(plan) if goes_on else []
    known = {one.area_id: one.area for one in wanted}
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
    columns = headings.of(plan if goes_on else None, sessions, photos, today)
    is_planned = goes_on and area.pk in {a.area_id for a in _areas_of(plan)}
    if not is_planned:  # what was taken, and no empty places
        taken = {headings.key(headings.occasion_of(photo)) for photo in photos}
        columns = [one for one in columns if headings.key(one.occasion) in taken]
    rows = _rows(columns, photos, is_planned=is_planned)
    return Sheet(plan, area, columns, rows, _gaps(columns, rows))


def _areas_of(plan: TreatmentPlan | None) -> list[PlanArea]:
    return list(plan.areas.all()) if plan else []


def _rows(
    columns: Sequence[Column], photos: Sequence[Photo], *, is_planned: bool
) -> list[Row]:
    places: dict[tuple[str, tuple[str, int | None]], list[Photo]] = defaultdict(list)
    for photo in photos:
        places[photo.angle, headings.key(headings.occasion_of(photo))].append(photo)
    used = {photo.angle for photo in photos}
    before = {p.angle for p in photos if p.moment == PhotoMoment.BASELINE}
    asked = (before or set(WANTED)) if is_planned else set()
    first = asked | set(WANTED) if is_planned else set()
    return [
        Row(
            PhotoAngle(angle),
            [
                _cell(
                    column,
                    places[angle, headings.key(column.occasion)],
                    angle in wanted,
                )
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
