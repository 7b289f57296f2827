"""A patient's plans as the plan page shows them: how far, in words and as a ribbon."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    SeriesHold,
    TreatmentPlan,
)
from bookings.ribbon import AllowedGap, Ribbon, RibbonSession, RibbonSpan, State
from bookings.ribbon.values import gaps
from bookings.services import ribbons, screening, told
from bookings.services.courses.states import Sitting
from bookings.services.outcomes.spans import result_days
from bookings.services.portal import results_shown, stages
from bookings.services.portal.stages import Course, Progress, Stage
from clinic.models import Closure
from clinic.words import said
from treatments.suitability import Outcome

LOST = (
    AppointmentStatus.CANCELLED,
    AppointmentStatus.LATE_CANCELLED,
    AppointmentStatus.NO_SHOW,
)


@dataclass(frozen=True, slots=True)
class Lost:
    """A session that did not take place and has no other time yet."""

    number: int
    day: date
    is_missed: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One plan of the page. `title` and `text` say what comes next, if that needs words."""

    plan: TreatmentPlan
    progress: Progress
    name: str
    about: str
    apart: str
    ribbon: Ribbon
    title: str
    text: str
    reasons: tuple[str, ...]
    coming: str
    lost: tuple[Lost, ...]
    hold: SeriesHold | None
    review: Appointment | None = None

    @property
    def stage(self) -> Stage:
        return self.progress.stage

    @property
    def needs_a_time(self) -> bool:
        """Whether its patient has to ask for a time."""
        asks = (Stage.UNBOOKED, Stage.HELD, Stage.RESULT_DUE, Stage.MAINTENANCE)
        if self.review and self.stage is Stage.RESULT_DUE:
            return False
        return bool(self.progress.missing) or self.stage in asks


@dataclass(frozen=True, slots=True)
class Around:
    """The patient's own dates, the closures, and the moment of looking."""

    away: tuple[RibbonSpan, ...]
    closures: tuple[Closure, ...]
    now: datetime


def shown(plan: TreatmentPlan, visits: Iterable[Appointment], around: Around) -> Shown:
    """One plan and its `visits`, read with their locations."""
    visits = list(visits)
    rows = [one for one in visits if one.kind == AppointmentKind.SESSION]
    hold = next((one for one in plan.holds.all() if one.lasts_at(around.now)), None)
    standing = [one for one in rows if _stands(one, hold)]
    today = around.now.astimezone(plan.location.zone).date()
    progress = stages.progress(course(plan, standing, hold), today)
    review = results_shown.coming(visits, standing, today)
    title, text = words(plan, progress, hold, today, review)
    return Shown(
        plan=plan,
        progress=progress,
        name=said(plan.protocol.treatment.name),
        about=about(plan),
        apart=apart(plan.gap_days),
        ribbon=ribbon(plan, standing, progress, around),
        title=title,
        text=text,
        reasons=reasons(plan) if progress.stage is Stage.DECLINED else (),
        coming=coming(standing, today),
        lost=lost(rows, progress.missing),
        hold=hold,
        review=review,
    )


def _stands(row: Appointment, hold: SeriesHold | None) -> bool:
    """Whether it stands or took place; what is held, as long as the hold lasts."""
    if row.status == AppointmentStatus.HELD:
        return hold is not None and row.hold_id == hold.pk
    return row.is_live


def course(
    plan: TreatmentPlan, standing: Iterable[Appointment], hold: SeriesHold | None
) -> Course:
    """The plan in figures."""
    return Course(
        status=plan.status,
        session_count=plan.session_count,
        gap_days=plan.gap_days,
        sittings=tuple(
            Sitting(
                row.number or 0, row.anchor_date, row.status == AppointmentStatus.DONE
            )
            for row in standing
            if not row.is_held
        ),
        is_held=hold is not None,
        result_days=result_days(plan),
        is_decided=results_shown.decided(plan) is not None,
    )


def coming(standing: Iterable[Appointment], today: date) -> str:
    """The next session that stands: "Next: session 2, Tue 8 December, 9:45."."""
    ahead = [row for row in standing if row.can_be_moved and row.local_date >= today]
    row = min(ahead, key=lambda one: one.starts_at, default=None)
    if row is None:
        return ""
    when = told.moment(row.local_start, today.year)
    told_of = {"number": row.number, "when": when}
    return _("Next: session %(number)s, %(when)s.") % told_of


def about(plan: TreatmentPlan) -> str:
    """ "Microneedling, 3 sessions, face"."""
    count = plan.session_count
    words = ngettext("%(count)s session", "%(count)s sessions", count)
    areas = [said(row.area.name).lower() for row in plan.areas.all()]
    name = said(plan.protocol.treatment.name)
    return ", ".join([name, words % {"count": count}, *areas])


def apart(gap_days: tuple[int, int]) -> str:
    """ "6 to 8 weeks apart", in days where they are no whole weeks."""
    fewest, most = gap_days
    if fewest % 7 or most % 7:
        ends = {"first": fewest, "last": most}
        return _("%(first)s to %(last)s days apart") % ends
    ends = {"first": fewest // 7, "last": most // 7}
    return _("%(first)s to %(last)s weeks apart") % ends


def reasons(plan: TreatmentPlan) -> tuple[str, ...]:
    """Why it was declined, in the reader's language: what the answers of that day say.

    The clinician's note is written to the desk, and stays there.
    """
    if plan.reviewed_at is None:
        return ()
    on = plan.reviewed_at.astimezone(plan.location.zone).date()
    verdict = screening.verdict(plan, on, now=plan.reviewed_at)
    against = (Outcome.NOT_SUITABLE, Outcome.SUITABLE_FROM)
    return tuple(one.text for one in verdict.findings if one.outcome in against)


def lost(rows: Iterable[Appointment], missing: Sequence[int]) -> tuple[Lost, ...]:
    """The sessions still without a time that had one: the last time of each."""
    had = [row for row in rows if row.status in LOST and row.number in missing]
    latest = {row.number: row for row in sorted(had, key=lambda row: row.pk)}
    return tuple(
        Lost(number or 0, row.local_date, row.status == AppointmentStatus.NO_SHOW)
        for number, row in sorted(latest.items())
    )


def ribbon(
    plan: TreatmentPlan,
    standing: Sequence[Appointment],
    progress: Progress,
    around: Around,
) -> Ribbon:
    """The series as its patient sees it: no word of the staff's is on it."""
    today = around.now.astimezone(plan.location.zone).date()
    rows = sorted(standing, key=lambda row: row.number or 0)
    drawn = ribbons.drawn(
        plan,
        [_marker(row) for row in rows],
        ribbons.Around(today, *_touching(plan, rows, progress, around)),
    )
    quiet = replace(drawn, notes=(), awaited=next(iter(progress.missing), None))
    return replace(quiet, allowed=_kindly(quiet))


def _marker(row: Appointment) -> RibbonSession:
    return RibbonSession(
        number=row.number or 0,
        day=row.anchor_date,
        state=State(row.status),
        time=told.hour(row.local_start),
    )


def _touching(
    plan: TreatmentPlan,
    rows: Sequence[Appointment],
    progress: Progress,
    around: Around,
) -> tuple[tuple[RibbonSpan, ...], tuple[RibbonSpan, ...]]:
    """Own dates and closures between the first session and the last, or the window."""
    days = [row.anchor_date for row in rows]
    if not days:
        return (), ()
    if progress.window:
        days.append(progress.window.last)
    first, last = min(days), max(days)
    closed = [
        RibbonSpan(row.first_day, row.last_day, said(row.name))
        for row in around.closures
        if row.location_id in (None, plan.location_id)
    ]
    return _between(around.away, first, last), _between(closed, first, last)


def _between(
    spans: Iterable[RibbonSpan], first: date, last: date
) -> tuple[RibbonSpan, ...]:
    return tuple(one for one in spans if one.first <= last and first <= one.last)


def _kindly(series: Ribbon) -> tuple[AllowedGap, ...]:
    """Every gap outside its window, with words that alarm nobody."""
    allowed = {one.number for one in series.allowed}
    return tuple(
        AllowedGap(
            gap.after.number,
            _("agreed with your clinician")
            if gap.after.number in allowed
            else _("we look at this with you"),
        )
        for gap in gaps(series)
        if not gap.fits and not gap.is_past
    )


def words(
    plan: TreatmentPlan,
    progress: Progress,
    hold: SeriesHold | None,
    today: date,
    review: Appointment | None = None,
) -> tuple[str, str]:
    """What comes next, as a title and a sentence; nothing where the dates say it."""
    if hold and progress.stage is Stage.HELD:
        return _held(hold, plan, today.year)
    if known := BEFORE_DATES.get(progress.stage):
        return known()
    if progress.missing and progress.stage is not Stage.UNBOOKED:
        return _without_a_time(progress, today)
    return results_shown.words(plan, progress, review, today.year)


def _held(hold: SeriesHold, plan: TreatmentPlan, this_year: int) -> tuple[str, str]:
    title = _("We keep these times for you")
    if hold.expires_at is None:
        return title, _("Call us to book them.")
    until = told.moment(hold.expires_at.astimezone(plan.location.zone), this_year)
    return title, _("Until %(end)s. Call us to book them.") % {"end": until}


def _drafted() -> tuple[str, str]:
    return (
        _("We are writing your plan"),
        _("You see all of it here once a doctor has read and signed it."),
    )


def _in_review() -> tuple[str, str]:
    return (
        _("A doctor reads your plan"),
        _("We tell you as soon as it is signed. Then we find your times together."),
    )


def _pencilled() -> tuple[str, str]:
    return (
        _("A doctor reads your plan"),
        _("Until then we keep these times free for you. They are not booked yet."),
    )


def _declined() -> tuple[str, str]:
    return (
        _("This treatment is not the right one for you now"),
        _(
            "A doctor has read your plan with care and advises against it. Something "
            "else may suit you better: call us, and we look at it together."
        ),
    )


def _unbooked() -> tuple[str, str]:
    return (
        _("Your plan is signed"),
        _("Your sessions have no times yet. Call us, and we find days that suit you."),
    )


BEFORE_DATES = {
    Stage.DRAFTED: _drafted,
    Stage.IN_REVIEW: _in_review,
    Stage.PENCILLED: _pencilled,
    Stage.DECLINED: _declined,
    Stage.UNBOOKED: _unbooked,
}


def _without_a_time(progress: Progress, today: date) -> tuple[str, str]:
    """The first session without a time, and when it may lie."""
    number = progress.missing[0]
    title = _("Session %(number)s has no time yet") % {"number": number}
    if progress.window is None:
        return title, _("Call us, and we find a day that suits you.")
    opens, closes = progress.window.first, progress.window.last
    days = {
        "first": told.day(opens, today.year),
        "last": told.day(closes, today.year),
    }
    if today < opens:
        text = _(
            "Your window opens %(first)s and closes %(last)s. Call us any time to book "
            "a day in it."
        )
    elif today <= closes:
        text = _(
            "Your window is open until %(last)s. Call us, and we find a day in it."
        )
    else:
        text = _("Your window closed on %(last)s. Call us: there is a way to go on.")
    return title, text % days
