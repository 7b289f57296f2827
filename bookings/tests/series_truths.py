"""What has to be true of a clinic's rows, whatever was done to them."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    Claim,
    ClaimReason,
    HealthAnswer,
    Message,
    MessageStatus,
    Outage,
    OverriddenRule,
    PlanAmendment,
    PlanReview,
    PlanStatus,
    RuleOverride,
    SeriesBooking,
    SeriesHold,
    Task,
    TaskKind,
    TreatmentPlan,
    WaitingEntry,
    WaitingOffer,
)
from bookings.services import claims, screening
from bookings.services.holding import lapses
from bookings.services.messages import cancelled, reminders
from bookings.services.messages.moments import GRACE
from bookings.services.messages.reminders import CANCELLED
from bookings.services.missing import affected
from treatments.suitability import Outcome

FIRM = (AppointmentStatus.BOOKED, AppointmentStatus.CONFIRMED)
WATCHED = (
    Appointment,
    Claim,
    HealthAnswer,
    Message,
    Outage,
    PlanAmendment,
    PlanReview,
    RuleOverride,
    SeriesBooking,
    SeriesHold,
    Task,
    TreatmentPlan,
    WaitingEntry,
    WaitingOffer,
)


class Truths:
    """All that is checked after each step, at `now`, for `plans`."""

    plans: list[TreatmentPlan]
    now: datetime

    def visits(self) -> list[Appointment]:
        return list(Appointment.objects.with_people().order_by("pk"))

    def check(self) -> None:
        visits = self.visits()
        self.nothing_overlaps()
        self.claims_belong_to_somebody()
        for plan in map(fresh, self.plans):
            mine = [visit for visit in visits if visit.plan_id == plan.pk]
            self.windows_are_kept(plan, mine)
            self.the_series_is_whole(plan, mine)
        self.one_visit_a_day(visits)
        for visit in visits:
            self.claims_are_those_of(visit)
            self.messages_are_those_of(visit)
            self.history_ends_with(visit)
        self.patients_know_of_all(visits)
        self.outages_are_seen_to()
        self.nobody_has_two_offers()

    def nothing_overlaps(self) -> None:
        for spans in _by(Claim.objects.all(), lambda claim: claim.resource_id).values():
            taken = sorted((claim.during.lower, claim.during.upper) for claim in spans)
            for (_start, end), (start, _end) in pairwise(taken):
                assert end <= start

    def claims_belong_to_somebody(self) -> None:
        """Nothing keeps time any more that has ended or was lifted."""
        for claim in Claim.objects.select_related("appointment", "offer", "outage"):
            if claim.offer:
                assert claim.offer.is_open, "an offer that ended keeps time"
            elif claim.outage:
                assert claim.outage.is_standing, "a lifted outage keeps time"
            else:
                assert claim.appointment, "nobody knows whose time this is"

    def windows_are_kept(self, plan: TreatmentPlan, visits: list[Appointment]) -> None:
        """Each gap lies in the window, or was allowed, or somebody is asked to look."""
        live = sorted((v for v in visits if v.is_live), key=lambda v: v.number)
        fewest, most = plan.gap_days
        asked = open_tasks(plan, TaskKind.WINDOW)
        allowed = _allowed(OverriddenRule.GAP)
        for before, after in pairwise(live):
            days = (after.anchor_date - before.anchor_date).days
            if after.number != before.number + 1 or fewest <= days <= most:
                continue
            key = (plan.pk, after.number, after.anchor_date)
            settled = key in allowed or after.status not in FIRM
            assert settled or after.number in asked, f"{days} days, and nobody asked"

    def the_series_is_whole(
        self, plan: TreatmentPlan, visits: list[Appointment]
    ) -> None:
        """All sessions have a time or a task; or none was ever kept of the plan."""
        live = {visit.number for visit in visits if visit.is_live}
        held = {visit.number for visit in visits if visit.is_held}
        lost = open_tasks(plan, TaskKind.PLACE)
        assert not (live - held) & lost
        if not live or _asked_anew(plan) or plan.status == PlanStatus.DECLINED:
            return
        if plan.is_approved:
            assert live | lost == set(range(1, plan.session_count + 1))

    def one_visit_a_day(self, visits: list[Appointment]) -> None:
        allowed = _allowed(OverriddenRule.SAME_DAY)
        days = _by(
            [visit for visit in visits if visit.is_live],
            lambda visit: (visit.patient_id, visit.local_date),
        )
        for (_patient, day), same in days.items():
            wanted = [v for v in same if (v.plan_id, v.number, day) in allowed]
            assert len(same) - len(wanted) <= 1, "two visits on one day"

    def claims_are_those_of(self, visit: Appointment) -> None:
        """Who waits for a session has all of it; what was given up has nothing left."""
        rows = list(visit.claims.all())
        if not visit.is_live:
            assert not [row for row in rows if row.during.upper > self.now]
        elif visit.plan and visit.status != AppointmentStatus.DONE:
            roles = {row.role: row.resource_id for row in rows}
            wanted = claims.for_appointment(visit, visit.plan, roles)
            assert _spans(rows) == _spans(wanted)
            assert set(roles) == {"operator", "room", "device"}
            why = ClaimReason.HOLD if visit.is_held else ClaimReason.APPOINTMENT
            assert {row.why for row in rows} == {why}
            assert {row.resource.location_id for row in rows} == {visit.location_id}

    def messages_are_those_of(self, visit: Appointment) -> None:
        """Exactly what a visit that stands promises; nothing for one that does not."""
        waits = list(visit.messages.waiting())
        if not visit.is_live or visit.is_held:
            off = visit.status in cancelled.OFF
            assert {row.rule for row in waits} <= ({CANCELLED} if off else set())
            assert {row.version for row in waits} <= {visit.version}
            return
        assert CANCELLED not in {row.rule for row in waits}, "it stands"
        assert {row.version for row in waits} <= {visit.version}
        if visit.plan and visit.status in FIRM:
            due = {row.rule: row.due_at for row in waits}
            assert len(due) == len(waits)
            missing = self._still_to_come(visit).items() - due.items()
            assert not missing, f"{missing} of {visit.local_start} at {self.now}"

    def _still_to_come(self, visit: Appointment) -> dict[str, datetime]:
        """Rules whose moment does not depend on when they were promised."""
        owed = reminders.owed(visit, self.now)
        return {
            row.rule: row.due_at
            for row in owed
            if row.rule != reminders.CONFIRMATION and row.due_at > self.now + GRACE
        }

    def patients_know_of_all(self, visits: Iterable[Appointment]) -> None:
        """Each visit to come is confirmed as it stands, will be, or the desk chose not to."""
        told = set()
        rows = Message.objects.filter(rule=reminders.CONFIRMATION).select_related(
            "appointment__location", "appointment__booking"
        )
        for row in rows:
            if row.problem == reminders.not_to_tell():
                told.add((row.appointment_id, row.version))
            if row.status == MessageStatus.SENT or row in Message.objects.waiting():
                told |= {(v.pk, row.version) for v in reminders.confirmed_by(row)}
        for visit in visits:
            if visit.plan and visit.status in FIRM and visit.starts_at > self.now:
                assert (visit.pk, visit.version) in told, "nobody told the patient"

    def history_ends_with(self, visit: Appointment) -> None:
        last = visit.events.order_by("-pgh_id").first()
        for name in ("status", "during", "version", "number", "completed_at", "reason"):
            assert getattr(last, name) == getattr(visit, name), name

    def outages_are_seen_to(self) -> None:
        """Whatever an outage makes impossible is on the desk's list."""
        listed = set(
            Task.objects.open()
            .filter(kind=TaskKind.OUTAGE)
            .values_list("appointment", flat=True)
        )
        for outage in Outage.objects.standing():
            for one in affected.affected(outage, now=self.now):
                assert one.appointment.pk in listed

    def nobody_has_two_offers(self) -> None:
        open_ones = WaitingOffer.objects.open().values_list("entry__patient", flat=True)
        assert len(open_ones) == len(set(open_ones))

    def new_dates_suit(self, before: dict[int, tuple[Any, ...]]) -> None:
        """No session was put on a day that the answers of its patient rule out."""
        placed = _by(
            [v for v in self.visits() if v.plan and before.get(v.pk) != _place(v)],
            lambda visit: visit.plan_id,
        )
        for plan_id, rows in placed.items():
            plan = TreatmentPlan.objects.get(pk=plan_id)
            fine = {Outcome.SUITABLE}
            if not plan.is_approved:
                fine.add(Outcome.NEEDS_CLINICIAN)
            to_come = [row for row in rows if _is_to_come(row)]
            days = [row.local_date for row in to_come if row.starts_at > self.now]
            for day, verdict in screening.verdicts_on(plan, days, now=self.now).items():
                against = [f for f in verdict.findings if f.outcome not in fine]
                assert not against, f"{day}: {against}"


def standing_of(patient: int) -> dict[int, tuple[Any, ...]]:
    """A patient's visits as an undo has to put them back, with what they have claimed."""
    rows = Appointment.objects.filter(patient=patient)
    return {
        row.pk: (
            *(row.status, row.during, row.version, row.completed_at),
            _spans(row.claims.all()),
        )
        for row in rows.prefetch_related("claims")
    }


def places() -> dict[int, tuple[Any, ...]]:
    """Where each visit stands."""
    return {row.pk: _place(row) for row in Appointment.objects.with_people()}


def _place(row: Appointment) -> tuple[Any, ...]:
    return row.is_live, row.local_date


def _is_to_come(row: Appointment) -> bool:
    return row.status in (*FIRM, AppointmentStatus.HELD)


def _allowed(rule: OverriddenRule) -> set[tuple[int, int, date]]:
    rows = RuleOverride.objects.filter(rule=rule)
    return set(rows.values_list("plan", "number", "day"))


def _asked_anew(plan: TreatmentPlan) -> bool:
    """Whether a task asks for new dates of the plan as a whole."""
    kinds = (TaskKind.HOLD, TaskKind.REVIEW)
    keys = [f"{kind}:{lapses.task_key(plan.pk)}" for kind in kinds]
    return plan.tasks.open().filter(key__in=keys).exists()


def fresh(plan: TreatmentPlan) -> TreatmentPlan:
    """The plan as it is now, with what the diary reads."""
    rows = TreatmentPlan.objects.with_people().prefetch_related(
        "protocol__phases", "protocol__roles", "protocol__rules", "decisions"
    )
    return rows.get(pk=plan.pk)


def sessions_of(plan: TreatmentPlan) -> list[Appointment]:
    rows = plan.appointments.live().filter(kind=AppointmentKind.SESSION)
    return list(rows.with_people().order_by("number"))


def open_tasks(plan: TreatmentPlan, kind: TaskKind) -> set[int]:
    """Numbers of the plan's sessions that a task of `kind` is about."""
    keys = plan.tasks.open().filter(kind=kind).values_list("key", flat=True)
    return {int(key.rsplit(":", 1)[1]) for key in keys}


def snapshot() -> list[tuple[str, list[tuple[Any, ...]]]]:
    """Every row that booking writes, as values."""
    return [
        (table.__name__, list(table.objects.order_by("pk").values_list()))
        for table in WATCHED
    ]


def _spans(rows: Any) -> list[tuple[int, datetime, datetime]]:
    return sorted((row.resource_id, row.during.lower, row.during.upper) for row in rows)


def _by(rows: Any, key: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found
