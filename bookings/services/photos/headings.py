"""The columns of a contact sheet: before the series, each session, the result.

Photos are wanted before the series, at each session, and six to eight weeks after the
last as it was performed (source: S2).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from bookings.models import Appointment, Photo, PhotoMoment, TreatmentPlan
from bookings.services.photos.shots import Occasion
from bookings.services.portal.stages import RESULT_DAYS


class Time(StrEnum):
    """Where a column lies: photos of it could be taken before, can be now, or will."""

    PAST = "past"
    NOW = "now"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Column:
    """One occasion, its heading, a note under it (a day or a span), and when it is."""

    occasion: Occasion
    title: str
    note: str
    time: Time
    is_wanted: bool = True


def of(
    plan: TreatmentPlan | None,
    sessions: Sequence[Appointment],
    photos: Sequence[Photo],
    today: date,
) -> list[Column]:
    """Baseline, each session, the result; and whatever else has a photo."""
    found = [*_usual(plan, sessions, photos, today)] if plan else []
    known = {key(one.occasion) for one in found}
    for photo in photos:
        occasion = occasion_of(photo)
        if key(occasion) not in known:
            known.add(key(occasion))
            title = _title(occasion)
            note = _read(localdate(photo.taken_at), today)
            found.append(Column(occasion, title, note, Time.PAST, is_wanted=False))
    return found


def occasion_of(photo: Photo) -> Occasion:
    """When `photo` was taken, as a form would say it."""
    return Occasion(PhotoMoment(photo.moment), photo.plan, photo.appointment)


def key(occasion: Occasion) -> tuple[str, int | None]:
    """What tells the columns of one plan apart: the moment, and which session."""
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
