"""What an edit would do before anybody saves it: on time, people and messages."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from psycopg2.extras import DateTimeTZRange

from bookings.models import Appointment, AppointmentKind, SeriesHold, TreatmentPlan
from bookings.ribbon import Ribbon
from bookings.scheduling import Kind, Role
from bookings.services import queue, ribbons, screening, shapes, spoken
from bookings.services.amendments import amended, amending
from bookings.services.amendments.amend_diff import Diff
from bookings.services.amendments.amended import Change
from bookings.services.editing import saving, suggesting
from bookings.services.holding import held
from bookings.services.messages import reminders
from bookings.services.refusals import BookingRefused
from bookings.services.reviewing import versions
from bookings.services.reviewing.versions import Line
from bookings.services.supervising import able
from clinic.models import Resource
from treatments.models import Concern, ProtocolRole

AT = time(10)
"""A time of day to reckon messages from, as nothing is booked yet."""
UNSAID = "…"  # no reason yet: the preview is not what is kept


@dataclass(frozen=True, slots=True)
class Part:
    """A phase as a part of the bar: minutes before and now, in shares of 100."""

    name: str
    look: str
    before: int
    minutes: int
    at: float
    wide: float


@dataclass(frozen=True, slots=True)
class Crew:
    """Who or what can fill one role; `is_lacking` where nobody can."""

    role: str
    names: str
    is_lacking: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """One kind of message: how often it goes out, and when first (local)."""

    name: str
    icon: str
    count: int
    before: int
    first: datetime


@dataclass(slots=True)
class Effect:
    """All that an edit would do. With a `refusal` it cannot be saved."""

    plan: TreatmentPlan
    edited: TreatmentPlan
    lines: list[Line]
    ribbon: Ribbon
    refusal: str = ""
    warnings: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    crew: list[Crew] = field(default_factory=list)
    messages: list[Told] = field(default_factory=list)
    diff: Diff | None = None
    is_pencilled: bool = False

    @property
    def minutes(self) -> tuple[int, int]:
        """How long a session takes: as stored, and as edited."""
        return shapes.minutes_of(self.plan), shapes.minutes_of(self.edited)

    @property
    def length(self) -> str:
        """The same in words: "85 minutes, 15 more"."""
        before, after = self.minutes
        said = ngettext("%(count)s minute", "%(count)s minutes", after)
        if after == before:
            return said % {"count": after}
        than = _("%(minutes)s, %(by)s more") if after > before else _less()
        return than % {"minutes": said % {"count": after}, "by": abs(after - before)}


def effect(plan: TreatmentPlan, change: Change, *, now: datetime) -> Effect:
    """What saving `change` would do; nothing is written.

    A signed plan with bookings is re-planned as amending it would.
    """
    if change.details is None:
        raise ValueError("A clinician's edit says all that the plan says.")
    edited = amended.as_amended(plan, change, has_begun=False)
    hold = held.of(plan, now=now)
    is_pencilled = hold is not None and hold.is_pencilled
    found = Effect(
        plan=plan,
        edited=edited,
        lines=lines(plan, change),
        ribbon=_ribbon(edited, now),
        warnings=list(_warnings(plan, edited, change, hold if is_pencilled else None)),
        parts=_parts(plan, edited),
        crew=list(_crew(plan, edited)),
        is_pencilled=is_pencilled,
    )
    if found.lines:
        _judge(found, change, now)
    if found.diff is None:
        found.messages = _messages(plan, edited, now)
    return found


def lines(plan: TreatmentPlan, change: Change) -> list[Line]:
    """What of the plan changes, in words."""
    before = versions.contents(plan)
    after = before | {
        "session_count": change.session_count,
        "gap_days": list(change.gap_days or amended.usual_gap(change.protocol)),
    }
    if change.details:
        after |= change.details.contents(change.protocol)
    return versions.diff(before, after)


def _judge(found: Effect, change: Change, now: datetime) -> None:
    """Whether it may be, and what becomes of the bookings of a signed plan."""
    plan = found.plan
    if plan.is_approved:
        asked = replace(change, reason=change.reason.strip() or UNSAID)
        diff = amending.preview(plan, asked, now=now)
        found.refusal = diff.refusal
        if not diff.refusal and diff.lines:
            found.diff = diff
            found.ribbon = diff.after or found.ribbon
        return
    try:
        saving.judge(plan, change)
    except BookingRefused as refused:
        found.refusal = str(refused)


def _ribbon(edited: TreatmentPlan, now: datetime) -> Ribbon:
    """What stands in the diary, else the series from its first possible day."""
    if ribbons.sessions_of(edited, now=now):
        return ribbons.of_plan(edited, now=now)
    today = now.astimezone(edited.location.zone).date()
    verdict = screening.verdict(edited, today, now=now)
    return queue.proposed(edited, verdict, today=today)


def _warnings(
    plan: TreatmentPlan, edited: TreatmentPlan, change: Change, hold: SeriesHold | None
) -> Iterator[str]:
    """Yield what is allowed and yet unlike the sources, or has a consequence."""
    told = change.details
    if told is None:
        return
    concerns = list(Concern.objects.filter(pk__in=told.concerns))
    if suggesting.outside(plan.protocol, concerns, change.session_count):
        yield _("For these concerns the sources say: %(range)s.") % {
            "range": suggesting.range_words(plan.protocol, concerns)
        }
    if any(one.depth_mm is None for one in told.areas):
        yield _("An area has no depth yet: without it the plan cannot be signed.")
    if shapes.is_supervised(plan) and not shapes.is_supervised(edited):
        yield _("The needles stay in the epidermis: no doctor has to supervise.")
    if hold and saving.is_other_series(plan, change):
        yield _(
            "The pencilled dates were found for the plan as it was. Signing books "
            "them only if they still fit; else the desk is asked for new ones."
        )


def _parts(plan: TreatmentPlan, edited: TreatmentPlan) -> list[Part]:
    before = {phase.name: phase.minutes for phase in shapes.phases_of(plan)}
    phases, whole, at = shapes.phases_of(edited), shapes.minutes_of(edited), 0
    parts = []
    for phase in phases:
        look = "tint" if shapes.OPERATOR in phase.roles else "white"
        wide = round(100 * phase.minutes / whole, 2)
        start = round(100 * at / whole, 2)
        was = before.get(phase.name, phase.minutes)
        parts.append(Part(phase.name, look, was, phase.minutes, start, wide))
        at += phase.minutes
    return parts


def _crew(plan: TreatmentPlan, edited: TreatmentPlan) -> Iterator[Crew]:
    """Yield who can do it at the plan's location; one query."""
    rows = Resource.objects.filter(location=plan.location_id, is_active=True)
    known = list(able.with_ticks(rows).order_by("name", "pk"))
    for role in shapes.roles_of(edited):
        names = [one.name for one in known if able.can_fill(role, one)]
        listed = spoken.listed(names) if names else _("Nobody and nothing here")
        yield Crew(_noun(role), listed, not names)
    if shapes.is_supervised(plan) and not shapes.is_supervised(edited):
        yield Crew(_("Supervising doctor"), _("Not needed in the epidermis"))


def _less() -> str:
    return _("%(minutes)s, %(by)s less")


def _noun(role: ProtocolRole) -> str:
    asked = Role(Kind(role.kind), frozenset(role.skills), role.shared)
    return str(capfirst(spoken.thing_words(role.name, asked)))


def _messages(plan: TreatmentPlan, edited: TreatmentPlan, now: datetime) -> list[Told]:
    """What the patient would be sent if the series were booked from its first day."""
    if ribbons.sessions_of(plan, now=now):
        return []
    before = _counted(_owed(plan, now))
    owed = _owed(edited, now)
    counts = _counted(owed)
    first = dict(reversed(owed))  # the earliest of each rule comes last
    zone = plan.location.zone
    return [
        Told(
            name=str(reminders.RULES[rule].name),
            icon=reminders.RULES[rule].icon,
            count=counts[rule],
            before=before.get(rule, 0),
            first=first[rule].astimezone(zone),
        )
        for rule in sorted(first, key=lambda rule: first[rule])
    ]


def _counted(owed: Iterable[tuple[str, datetime]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for rule, _due in owed:
        counts[rule] = counts.get(rule, 0) + 1
    return counts


def _owed(plan: TreatmentPlan, now: datetime) -> list[tuple[str, datetime]]:
    """Rule and due time of each message, in order of time; one confirmation for all."""
    found: list[tuple[str, datetime]] = []
    for session in _ribbon(plan, now).sessions:
        start = datetime.combine(session.day, AT, tzinfo=plan.location.zone)
        visit = _visit(plan, session.number, start)
        for message in reminders.owed(visit, now):
            told = any(rule == reminders.CONFIRMATION for rule, _due in found)
            if message.rule != reminders.CONFIRMATION or not told:
                found.append((message.rule, message.due_at))
    return sorted(found, key=lambda one: one[1])


def _visit(plan: TreatmentPlan, number: int, start: datetime) -> Appointment:
    end = start + timedelta(minutes=shapes.minutes_of(plan))
    about: dict[str, Any] = {"patient": plan.patient, "plan": plan, "number": number}
    return Appointment(
        kind=AppointmentKind.SESSION,
        location=plan.location,
        during=DateTimeTZRange(start, end),
        **about,
    )
