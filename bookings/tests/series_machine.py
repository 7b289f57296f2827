"""A small clinic in which anything may happen, and what has to be true after all of it.

`Clinic` does things through the services that the pages use, and checks. A refusal is
an answer as good as any, as long as it leaves every row as it was.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    Claim,
    ClaimReason,
    Message,
    Outage,
    OutageKind,
    SeriesHold,
    Task,
    TaskKind,
    TreatmentPlan,
    WaitingEntry,
    WaitingOffer,
)
from bookings.scheduling import Optimal, solve
from bookings.services import (
    affected,
    amended,
    amending,
    changes,
    claims,
    diary,
    holds,
    moving,
    outage_plans,
    outages,
    overrides,
    reminders,
    screening,
    series,
    standing,
    stranded,
    waiting,
)
from bookings.services.judging import PlannedSession
from bookings.services.refusals import BookingRefused
from bookings.services.screening import Given
from bookings.tests.factories import (
    NOW,
    make_device,
    make_doctor,
    make_hours,
    make_location,
    make_patient,
    make_practitioner,
    make_room,
    make_user,
)
from bookings.tests.test_series_book import make_approved

PATIENTS = 3
OPENS, CLOSES = time(9), time(12)
FIRM = (AppointmentStatus.BOOKED, AppointmentStatus.CONFIRMED)
WATCHED = (Appointment, Claim, Message, SeriesHold, Task, WaitingEntry, WaitingOffer)


class Clinic:
    """Three patients, two practitioners, one room and one device, and mornings only."""

    def __init__(self) -> None:
        self.now: datetime = NOW
        self.place = make_location()
        self.resources = [
            make_doctor(self.place, skills=["needling", "doctor"]),
            make_practitioner(self.place, skills=["needling"]),
            make_room(self.place),
            make_device(self.place),
        ]
        for resource in self.resources:
            make_hours(resource, opens=OPENS, closes=CLOSES)
        self.staff = make_user("Manager")
        self.plans: list[TreatmentPlan] = []
        for number in range(PATIENTS):
            self.plans.append(self._plan(number))
        self.keys: list[tuple[TreatmentPlan, list[PlannedSession], UUID]] = []

    def _plan(self, number: int) -> TreatmentPlan:
        patient = make_patient(
            first_name=f"Patient {number}", email=f"{number}@example.org"
        )
        protocol = self.plans[0].protocol if number else None
        return make_approved(
            self.place, patient=patient, session_count=3, protocol=protocol
        )

    # --- What is done -----------------------------------------------------------------

    def attempt(self, act: Callable[..., Any], *given: Any, **more: Any) -> Any:
        """What `act` gives; None where it refuses, which leaves every row alone."""
        before, said = snapshot(), ""
        try:
            return act(*given, **more)
        except BookingRefused as refused:
            said = str(refused)
        assert said.strip(), "a refusal says something"
        assert snapshot() == before, f"refused, and changed something: {said}"
        return None

    def proposed(self, plan: TreatmentPlan, wait: int) -> list[PlannedSession]:
        """The earliest series after `wait` days; the same answer when asked twice."""
        request = diary.Request(
            earliest=self.now.date() + timedelta(days=wait + 1),
            weekdays=frozenset(range(5)),
            arrive_between=(OPENS, CLOSES),
        )
        once, again = (
            solve(diary.read(fresh(plan), request, now=self.now).problem)
            for _time in range(2)
        )
        assert once == again
        if not isinstance(once, Optimal):
            return []
        return [standing.planned(session) for session in once.plans[0].sessions]

    def book(self, plan: TreatmentPlan, sessions: list[PlannedSession]) -> Any:
        key = uuid4()
        self.keys.append((plan, sessions, key))
        return self._book(plan, sessions, key)

    def book_again(self, index: int) -> None:
        """The same submit once more answers as before and writes nothing."""
        if not self.keys:
            return
        plan, sessions, key = self.keys[index % len(self.keys)]
        known = series.SeriesBooking.objects.filter(key=key).first()
        before = snapshot()
        answer = self._book(plan, sessions, key)
        if known:
            assert answer == known
            assert snapshot() == before

    def _book(self, plan: TreatmentPlan, sessions: Any, key: UUID) -> Any:
        return self.attempt(
            series.book,
            plan,
            sessions,
            key=key,
            strategy="earliest-finish",
            actor=self.staff,
            now=self.now,
        )

    def hold(self, plan: TreatmentPlan, sessions: list[PlannedSession]) -> Any:
        return self.attempt(
            holds.hold,
            plan,
            sessions,
            key=uuid4(),
            strategy="earliest-finish",
            actor=self.staff,
            now=self.now,
        )

    def with_hold(self, plan: TreatmentPlan, what: str) -> None:
        """Extend, confirm or release what is held for `plan`, if anything is."""
        held = plan.holds.order_by("-pk").first()
        if held is None:
            return
        act = {"extend": holds.extend, "release": holds.release}.get(what)
        if act:
            self.attempt(act, held, self.staff, self.now)
        else:
            self.attempt(holds.confirm, held, actor=self.staff, now=self.now)

    def move(self, visit: Appointment, day: int, hour: int) -> None:
        """Move to one of the days offered, or, where none is, to any."""
        options = self.attempt(moving.options, visit, now=self.now) or []
        possible = [option for option in options if option.is_possible]
        if possible:
            option = possible[day % len(possible)]
            start = option.times[hour % len(option.times)]
        else:
            start = visit.starts_at + timedelta(days=day)
        proposal = self.attempt(moving.propose, visit, start, now=self.now)
        assert not possible or proposal.can_be_accepted, "an option can be taken"
        if proposal:
            self.accept(proposal)

    def repair(self, plan: TreatmentPlan) -> None:
        proposal = self.attempt(moving.repair, plan, now=self.now)
        if proposal:
            self.accept(proposal)

    def accept(self, proposal: Any) -> None:
        if not proposal.can_be_accepted:
            return
        wanted = {c.number: c.after.starts_at for c in proposal.changed}
        allowed = overrides.for_all(proposal.breaches, "For a good reason")
        moved = self.attempt(
            moving.accept,
            proposal.plan,
            proposal.sealed(),
            actor=self.staff,
            now=self.now,
            why="",
            overrides=allowed,
        )
        if moved:
            assert {row.number: row.starts_at for row in moved} == wanted

    def change(self, visit: Appointment, verb: str, minutes: int) -> None:
        """Cancel, miss, finish or delay `visit`."""
        facts = {
            "cancel": {"reason": "Ill"},
            "no_show": {},
            "complete": {"performed_at": min(self.now, visit.ends_at)},
            "arrive_late": {"minutes": 1 + minutes % 60},
        }[verb]
        act = getattr(changes, verb)
        self.attempt(act, visit, actor=self.staff, now=self.now, **facts)

    def declare(self, which: int, ahead: int, days: int) -> None:
        resource = self.resources[which % len(self.resources)]
        first = self.now.date() + timedelta(days=ahead)
        start, end = outages.moments(
            self.place.zone, first, first + timedelta(days=days)
        )
        self.attempt(
            outages.declare,
            resource,
            start,
            end,
            kind=OutageKind.ABSENCE,
            reason="Flu",
            actor=self.staff,
            now=self.now,
        )

    def replan(self) -> None:
        """Apply all that is proposed for every outage; a patient gets one letter each."""
        for outage in Outage.objects.standing():
            bulk = outage_plans.proposals(outage, now=self.now)
            sealed = [
                row.proposal.sealed()
                for row in bulk.series
                if row.proposal.can_be_accepted
            ]
            outage_plans.apply(outage, sealed, actor=self.staff, now=self.now)

    def lift(self) -> None:
        if outage := Outage.objects.standing().first():
            self.attempt(outages.lift, outage, actor=self.staff, now=self.now)

    def wait(self, plan: TreatmentPlan, number: int | None) -> None:
        today = self.now.date()
        self.attempt(
            waiting.add,
            plan,
            actor=self.staff,
            now=self.now,
            number=number,
            first_day=today,
            last_day=today + timedelta(days=90),
        )

    def answer_offer(self, what: str) -> None:
        offer = WaitingOffer.objects.open().order_by("-pk").first()
        if offer is None:
            return
        act = {"accept": waiting.accept, "decline": waiting.decline}[what]
        self.attempt(act, offer, actor=self.staff, now=self.now)

    def ask_again(self, plan: TreatmentPlan) -> None:
        """Ask today what is asked before each booking."""
        questions = screening.questions_for(plan.protocol)
        given = [Given(q.code, "no", is_fresh=True) for q in questions]
        screening.record(plan.patient, given, actor=self.staff, now=self.now)

    def amend(self, plan: TreatmentPlan, count: int) -> None:
        change = amended.Change(count, plan.protocol, None, "She asked")
        diff = amending.preview(fresh(plan), change, now=self.now)
        if not diff.refusal and not diff.is_medical:
            self.attempt(
                amending.save,
                plan,
                diff.sealed(),
                version=fresh(plan).version,
                actor=self.staff,
                now=self.now,
            )

    def pass_time(self, span: timedelta) -> None:
        """Time goes by, and what beat rings is done."""
        self.now += span
        holds.expire_overdue(now=self.now)
        waiting.lapse_overdue(now=self.now)
        waiting.close_settled(now=self.now)
        outages.reconcile(now=self.now)
        stranded.reconcile(now=self.now)

    # --- What has to be true ----------------------------------------------------------

    def visits(self) -> list[Appointment]:
        return list(Appointment.objects.with_people().order_by("pk"))

    def check(self) -> None:
        visits = self.visits()
        self.nothing_overlaps()
        for plan in map(fresh, self.plans):
            mine = [visit for visit in visits if visit.plan_id == plan.pk]
            self.windows_are_kept(plan, mine)
            self.the_series_is_whole(plan, mine)
        self.one_visit_a_day(visits)
        for visit in visits:
            self.claims_are_those_of(visit)
            self.messages_are_those_of(visit)
            self.history_ends_with(visit)
        self.outages_are_seen_to()

    def nothing_overlaps(self) -> None:
        for spans in _by(Claim.objects.all(), lambda claim: claim.resource_id).values():
            taken = sorted((claim.during.lower, claim.during.upper) for claim in spans)
            for (_start, end), (start, _end) in pairwise(taken):
                assert end <= start

    def windows_are_kept(self, plan: TreatmentPlan, visits: list[Appointment]) -> None:
        """Each gap lies in the window, or was allowed, or somebody is asked to look."""
        live = sorted((v for v in visits if v.is_live), key=lambda v: v.number)
        fewest, most = plan.gap_days
        asked = open_tasks(plan, TaskKind.WINDOW)
        allowed = set(plan.overrides.values_list("number", "day"))
        for before, after in pairwise(live):
            days = (after.anchor_date - before.anchor_date).days
            if after.number != before.number + 1 or fewest <= days <= most:
                continue
            key = (after.number, after.anchor_date)
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
        if live:
            assert live | lost == set(range(1, plan.session_count + 1))

    def one_visit_a_day(self, visits: list[Appointment]) -> None:
        seen = [(v.patient_id, v.local_date) for v in visits if v.is_live]
        assert len(seen) == len(set(seen))

    def claims_are_those_of(self, visit: Appointment) -> None:
        """Who waits for a session has all of it; what was given up has nothing left."""
        rows = list(visit.claims.all())
        if not visit.is_live:
            assert not [row for row in rows if row.during.upper > self.now]
        elif visit.status != AppointmentStatus.DONE:
            roles = {row.role: row.resource_id for row in rows}
            wanted = claims.for_appointment(visit, visit.plan.protocol, roles)
            assert _spans(rows) == _spans(wanted)
            assert set(roles) == {"operator", "room", "device"}
            why = ClaimReason.HOLD if visit.is_held else ClaimReason.APPOINTMENT
            assert {row.why for row in rows} == {why}

    def messages_are_those_of(self, visit: Appointment) -> None:
        """Exactly what a visit that stands promises; nothing for one that does not."""
        waits = list(visit.messages.waiting())
        if not visit.is_live or visit.is_held:
            assert not waits
            return
        assert {row.version for row in waits} <= {visit.version}
        if visit.status in FIRM:
            due = {row.rule: row.due_at for row in waits}
            assert len(due) == len(waits)
            assert due | self._still_to_come(visit) == due

    def _still_to_come(self, visit: Appointment) -> dict[str, datetime]:
        """Rules whose moment does not depend on when they were promised."""
        owed = reminders.owed(visit, self.now)
        return {
            row.rule: row.due_at
            for row in owed
            if row.rule != reminders.CONFIRMATION and row.due_at > self.now
        }

    def history_ends_with(self, visit: Appointment) -> None:
        last = visit.events.order_by("-pgh_id").first()
        for name in ("status", "during", "version", "number", "completed_at"):
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
        (table.__name__, sorted(table.objects.values_list(*_columns(table))))
        for table in WATCHED
    ]


def _columns(table: Any) -> list[str]:
    plain = ("pk", "status", "version", "closed_at", "expires_at", "why", "number")
    names = {field.name for field in table._meta.concrete_fields}
    return ["pk", *(name for name in plain if name in names)]


def _spans(rows: Any) -> list[tuple[int, datetime, datetime]]:
    return sorted((row.resource_id, row.during.lower, row.during.upper) for row in rows)


def _by(rows: Any, key: Callable[[Any], int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found
