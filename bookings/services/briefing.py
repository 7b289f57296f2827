"""What the desk knows of a visit at a glance: its time, its window, what comes before.

Nothing is judged here. What was not asked or answered is said to be so.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import (
    Appointment,
    HealthAnswer,
    Message,
    MessageStatus,
    TreatmentPlan,
)
from bookings.ribbon import Ribbon
from bookings.services import (
    holding_back,
    screening,
    steps,
    verdicts,
    visit_checks,
)
from bookings.services.consenting import standing
from bookings.services.daybook import entries, words
from bookings.services.messages import reminders
from bookings.services.moves import changes
from bookings.services.reacting import board
from bookings.services.spoken import listed
from bookings.services.supervising import premises
from treatments.care import CareItem, CarePhase, timeline
from treatments.suitability import Outcome

SETTLED, OPEN, STOP = "check-circle-fill", "question-circle", "exclamation-triangle"
PRE_CARE = "pre-care"
BAR, LETTER, PADDING = 352, 6.8, 8  # pixels: the drawer's width, and 12 px type on it


class Stretch(NamedTuple):
    """A phase on a bar: where it begins and how wide it is, in percent of the visit.

    `name` is cut to the words that fit.
    """

    name: str
    full: str
    look: str
    start: datetime
    at: float
    wide: float


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to know before the visit: an icon, what it is, and how it stands."""

    icon: str
    what: str
    state: str


def of(
    appointment: Appointment, series: Ribbon | None, *, now: datetime
) -> dict[str, Any]:
    """What is shown of `appointment` besides the page of `visits`, in few queries."""
    plan = appointment.plan if appointment.number else None
    today = now.astimezone(appointment.location.zone).date()
    return {
        "is_today": appointment.local_date == today,
        "late": words.late(words.late_by(appointment, now)),
        "cancels_late": changes.is_late(appointment, now=now),
        "age": appointment.patient.age_on(today),
        "consent": _consent(plan) if plan else None,
        "areas": _areas(plan) if plan else "",
        "phases": phase_bar(appointment),
        "held_back": _held_back(appointment, now),
        "oversight": premises.notes(appointment),
        "check_ins": visit_checks.check_ins(appointment),
        "slack": slack(appointment, series, today=today),
        "before": before(appointment, plan, now=now) if plan else [],
        "title_before": _title(appointment.patient.pronouns),
    }


def phase_bar(appointment: Appointment) -> list[Stretch]:
    """The phases of a session as parts of a bar; nothing for a talk."""
    parts = list(entries.parts_of(appointment, appointment.location.zone))
    if not parts:
        return []
    first, whole = parts[0].start, (parts[-1].end - parts[0].start)
    return [
        _stretch(part, (part.start - first) / whole, (part.end - part.start) / whole)
        for part in parts
    ]


def _stretch(part: entries.Part, at: float, wide: float) -> Stretch:
    full = _(part.name)
    name = full.split()
    while name and len(" ".join(name)) * LETTER + PADDING > wide * BAR:
        name.pop()
    shown = " ".join(name)
    return Stretch(
        shown, full, part.look, part.start, round(100 * at, 2), round(100 * wide, 2)
    )


def slack(appointment: Appointment, series: Ribbon | None, *, today: date) -> str:
    """How long the window of a session that is still to come stays open, from `today`.

    The window counts from the session before (source: S1, S2); without one there is
    none.
    """
    if (
        series is None
        or appointment.plan is None
        or appointment.status not in steps.OPEN
    ):
        return ""
    days = {one.number: one.day for one in series.sessions if one.state.is_live}
    previous = days.get((appointment.number or 0) - 1)
    if previous is None:
        return ""
    closes = previous + timedelta(days=appointment.plan.gap_days[1])
    return _slack_words((closes - today).days) % {"day": date_format(closes, "j M")}


def _slack_words(days: int) -> str:
    if days < 0:
        return _("The window closed on %(day)s.")
    if not days:
        return _("The window closes today.")
    said = ngettext(
        "Window closes in %(days)s day, on %(day)s.",
        "Window closes in %(days)s days, on %(day)s.",
        days,
    )
    return said.replace("%(days)s", str(days))


def before(
    appointment: Appointment, plan: TreatmentPlan, *, now: datetime
) -> list[Line]:
    """Getting ready and health questions for a session, as far as they are known."""
    known = screening.latest(appointment.patient, now=now)
    return [
        *_reactions(appointment),
        *_care(appointment, now),
        *_answers(appointment, plan, known),
        *_to_ask(appointment, plan, known),
        *_checked(appointment, now),
    ]


def _reactions(appointment: Appointment) -> Iterator[Line]:
    """Reactions to other sessions that no clinician has closed."""
    for row in board.open_of(appointment.patient, besides=appointment):
        said = _("Reaction after session %(number)s is still open")
        words = said % {"number": row.appointment.number}
        yield Line(STOP, words, row.get_severity_display().lower())


def _title(pronouns: str) -> str:
    said = pronouns.lower().split("/")[0].strip()
    return {
        "she": _("Before she comes in"),
        "he": _("Before he comes in"),
    }.get(said, _("Before the visit"))


def _consent(plan: TreatmentPlan) -> Line:
    """The patient's last word on this plan: signed, for what it was, or taken back."""
    current = standing.of_plan(plan)
    if current.last is None:
        return Line(STOP, _("No consent to treatment on file"), "")
    day = date_format(current.last.at.astimezone(plan.location.zone), "j M Y")
    said = {
        standing.State.SIGNED: _("Consent signed %(day)s"),
        standing.State.ANEW: _("Consent of %(day)s is for another plan: sign anew"),
        standing.State.TAKEN_BACK: _("Consent taken back %(day)s"),
    }[current.state]
    return Line(SETTLED if current.is_signed else STOP, said % {"day": day}, "")


def _areas(plan: TreatmentPlan) -> str:
    """The areas of skin, and the greatest depth that the plan allows on them."""
    rows = list(plan.areas.all())
    depths = [row.depth_mm for row in rows if row.depth_mm is not None]
    names = listed([str(row.area).lower() for row in rows])
    if not depths:
        return names
    return _("%(areas)s · up to %(depth)s mm") % {"areas": names, "depth": max(depths)}


def _care(appointment: Appointment, now: datetime) -> Iterator[Line]:
    """What the patient leaves off beforehand, since when, and whether we said so."""
    told = _is_told(appointment)
    for item in _dated_care(appointment):
        since = _since(item, appointment, now)
        told_words = _("told") if told else _("not told yet")
        yield Line(SETTLED if told else OPEN, item.text, f"{since}, {told_words}")


def _dated_care(appointment: Appointment) -> list[CareItem]:
    items = timeline(
        reminders.care_of(appointment),
        appointment.starts_at,
        appointment.ends_at,
        appointment.location.zone,
        number=appointment.number or 1,
    )
    return [one for one in items if one.phase == CarePhase.PRE and one.starts]


def _since(item: CareItem, appointment: Appointment, now: datetime) -> str:
    day = item.starts.date() if isinstance(item.starts, datetime) else item.starts
    today = now.astimezone(appointment.location.zone).date()
    if day is None:
        return ""
    said = _("from %(day)s") if day > today else _("since %(day)s")
    return said % {"day": date_format(day, "j M")}


def _is_told(appointment: Appointment) -> bool:
    return Message.objects.filter(
        appointment=appointment,
        version=appointment.version,
        rule=PRE_CARE,
        status=MessageStatus.SENT,
    ).exists()


def _answers(
    appointment: Appointment, plan: TreatmentPlan, known: Mapping[str, HealthAnswer]
) -> Iterator[Line]:
    """What the health answers mean for that day: all well, or each finding."""
    verdict = screening.verdict_from(plan, known.values(), appointment.local_date)
    open_ones = [one for one in verdict.findings if one.question not in known]
    for finding in verdict.findings:
        if finding.question in known and finding.outcome != Outcome.SUITABLE:
            yield Line(STOP, finding.text, _("health answers"))
    if open_ones:
        count = len({one.question for one in open_ones})
        said = ngettext(
            "%(count)s health question is not answered",
            "%(count)s health questions are not answered",
            count,
        )
        yield Line(OPEN, said % {"count": count}, _("ask"))
    elif verdict.is_suitable and known:
        yield Line(
            SETTLED,
            _("Health answers speak for this day"),
            _answered_on(known.values(), appointment),
        )


def _checked(appointment: Appointment, now: datetime) -> Iterator[Line]:
    """Whether the patient answered again before this session, or is asked to."""
    if words := visit_checks.recheck_words(appointment, now=now):
        is_done, said = words
        yield Line(SETTLED if is_done else OPEN, said, _("by the patient"))


def _held_back(appointment: Appointment, now: datetime) -> str:
    """Why a session that has not begun may not begin; empty where it may."""
    is_awaited = appointment.status in holding_back.BEFORE_IT_BEGINS
    return holding_back.why(appointment, now=now) if is_awaited else ""


def _answered_on(rows: Iterable[HealthAnswer], appointment: Appointment) -> str:
    newest = max(row.answered_at for row in rows)
    return date_format(newest.astimezone(appointment.location.zone), "j M")


def _to_ask(
    appointment: Appointment, plan: TreatmentPlan, known: Mapping[str, HealthAnswer]
) -> Iterator[Line]:
    """What is asked again before each session, and whether that was done that day."""
    rules = [
        rule
        for rule in screening.rules_of(plan.protocol)
        if rule.re_ask_before_each_session
    ]
    questions = list(dict.fromkeys(rule.question for rule in rules))
    if not questions:
        return
    names = listed([verdicts.subject(one).lower() for one in questions])
    zone, day = appointment.location.zone, appointment.local_date
    fresh = all(
        one in known and known[one].answered_at.astimezone(zone).date() == day
        for one in questions
    )
    if fresh:
        yield Line(
            SETTLED, _("Asked: %(subjects)s") % {"subjects": names}, _("that day")
        )
    else:
        said = _("Ask at the desk: %(subjects)s") % {"subjects": names}
        yield Line(OPEN, said, _("every session"))
