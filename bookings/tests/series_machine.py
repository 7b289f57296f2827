"""A small clinic in which anything may happen, and what has to be true after all of it.

`Clinic` does things through the services that the pages use, and checks. A refusal is
an answer as good as any, as long as it leaves every row as it was.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Claim,
    ClaimReason,
    DecisionKind,
    HoldKind,
    Outage,
    OutageKind,
    TreatmentPlan,
    WaitingOffer,
)
from bookings.scheduling import Optimal, solve
from bookings.services import (
    diary,
    overrides,
    plans,
    screening,
    series,
    steps,
    waiting,
)
from bookings.services.amendments import amended, amending
from bookings.services.holding import holds
from bookings.services.judging import PlannedSession
from bookings.services.messages import outbox
from bookings.services.messages.moments import GRACE
from bookings.services.missing import outage_plans, outages, stranded
from bookings.services.moves import backwards, changes, moving, standing, undo
from bookings.services.plans import AreaSetting, Decision
from bookings.services.proposing import by_hand
from bookings.services.refusals import BookingRefused
from bookings.services.screening import Given
from bookings.tests.factories import (
    NOW,
    make_appointment,
    make_device,
    make_doctor,
    make_hours,
    make_location,
    make_patient,
    make_practitioner,
    make_room,
    make_user,
)
from bookings.tests.series_truths import (
    Truths,
    fresh,
    places,
    snapshot,
    standing_of,
)
from bookings.tests.test_pencils import make_waiting
from bookings.tests.test_series_book import make_approved
from clinic.models import Location, Resource

PLANS = 5
OPENS, CLOSES = time(9), time(12)
TALK = timedelta(minutes=30)


class Clinic(Truths):
    """Two places in two zones, one room and one device at each, and mornings only.

    The first has two practitioners, and three patients: one's plan waits for its
    signature. The second has one practitioner, a patient of its own, and another
    plan of the first patient.
    """

    def __init__(self) -> None:
        self.now: datetime = NOW
        self.place = make_location()
        far = make_location(name="Harbour", timezone="America/Vancouver")
        self.resources = self._staff(self.place, 2) + self._staff(far, 1)
        self.manager, self.desk = make_user("Manager"), make_user("Front desk")
        self.staff = self.manager
        self.plans: list[TreatmentPlan] = []
        for place, make in (
            (self.place, make_approved),
            (self.place, make_approved),
            (self.place, make_waiting),
            (far, make_approved),
        ):
            self.plans.append(self._plan(place, make))
        first = self.plans[0]
        again = make_approved(
            far, patient=first.patient, session_count=3, protocol=first.protocol
        )
        self.plans.append(again)
        self.keys: list[tuple[TreatmentPlan, list[PlannedSession], UUID]] = []
        self.done: list[tuple[str, int, Any]] = []

    def _staff(self, place: Location, people: int) -> list[Resource]:
        found = [
            make_doctor(place, skills=["needling", "doctor"]),
            make_practitioner(place, skills=["needling"]),
        ][:people]
        found += [make_room(place), make_device(place)]
        for resource in found:
            make_hours(resource, opens=OPENS, closes=CLOSES)
        return found

    def _plan(self, place: Location, make: Callable[..., Any]) -> TreatmentPlan:
        number = len(self.plans)
        patient = make_patient(
            first_name=f"Patient {number}", email=f"{number}@example.org"
        )
        protocol = self.plans[0].protocol if number else None
        more = {"protocol": protocol} if protocol else {}
        return make(place, patient=patient, session_count=3, **more)

    # --- What is done -----------------------------------------------------------------

    def attempt(self, act: Callable[..., Any], *given: Any, **more: Any) -> Any:
        """What `act` gives; None where it refuses, which leaves every row alone."""
        before, stood, said = snapshot(), places(), ""
        try:
            answer = act(*given, **more)
        except BookingRefused as refused:
            said = str(refused)
        else:
            self.new_dates_suit(stood)
            self.committed()
            return answer
        assert said.strip(), "a refusal says something"
        assert snapshot() == before, f"refused, and changed something: {said}"
        return None

    def committed(self) -> None:
        """Do what waits for the commit that never comes here."""
        waits, connection.run_on_commit = connection.run_on_commit, []
        for _savepoints, act, _robust in waits:
            stood = places()
            act()
            self.new_dates_suit(stood)

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

    def pencil(self, plan: TreatmentPlan, sessions: list[PlannedSession]) -> Any:
        return self.attempt(
            holds.hold,
            plan,
            sessions,
            key=uuid4(),
            strategy="earliest-finish",
            actor=self.desk,
            now=self.now,
            kind=HoldKind.PENCIL,
        )

    def book_by_hand(
        self, plan: TreatmentPlan, sessions: list[PlannedSession], days: int, who: Any
    ) -> Any:
        """The last session some days from where it was proposed, with a reason given."""
        starts = {one.number: one.starts_at for one in sessions}
        starts[sessions[-1].number] += timedelta(days=days)
        chosen = self.attempt(by_hand.choose, fresh(plan), starts, now=self.now)
        if chosen.refusal:
            return None
        allowed = overrides.for_all(chosen.breaches, "She travels")
        return self.attempt(
            series.book,
            plan,
            chosen.sessions,
            key=uuid4(),
            strategy="by-hand",
            actor=who,
            now=self.now,
            overrides=allowed,
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

    def recorded(self, about: Any, act: Callable[[], Any]) -> Any:
        """Do `act` so that it can be undone later."""

        def go() -> Any:
            stood = standing_of(about.patient_id)
            with undo.recording(about, actor=self.staff, now=self.now) as record:
                answer = act()
            if record.token:
                self.done.append((record.token, about.patient_id, stood))
            return answer

        return self.attempt(go)

    def undo(self, index: int) -> None:
        """Undo something: the patient's visits stand as they did before it."""
        if not self.done:
            return
        token, patient, stood = self.done[-1 - index % len(self.done)]
        rows = self.attempt(undo.undo, token, actor=self.staff, now=self.now)
        for row in rows or ():
            released = (AppointmentStatus.RELEASED, row.during, row.version, None, [])
            wanted = stood.get(row.pk, released)
            assert standing_of(patient)[row.pk] == wanted, "an undo puts it all back"

    def reopen(self, plan: TreatmentPlan, index: int) -> None:
        """Take up again a session that was given up."""
        rows = plan.appointments.filter(status__in=steps.LOST).order_by("pk")
        if rows:
            visit = rows[index % len(rows)]
            act = partial(backwards.reopen, visit, actor=self.staff, now=self.now)
            self.recorded(visit, act)

    def move(
        self, visit: Appointment, day: int, hour: int, *, notify: bool = True
    ) -> None:
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
            self.accept(proposal, notify=notify)

    def move_anywhere(self, visit: Appointment, days: int, minutes: int) -> None:
        """A manager moves against the windows, or onto a day with another visit."""
        start = visit.starts_at + timedelta(days=days, minutes=minutes)
        if proposal := self.attempt(moving.propose, visit, start, now=self.now):
            self.accept(proposal)

    def repair(self, plan: TreatmentPlan) -> None:
        proposal = self.attempt(moving.repair, plan, now=self.now)
        if proposal:
            self.accept(proposal)

    def accept(self, proposal: Any, *, notify: bool = True) -> None:
        if not proposal.can_be_accepted:
            return
        wanted = {c.number: c.after.starts_at for c in proposal.changed}
        allowed = overrides.for_all(proposal.breaches, "For a good reason")
        moved = self.recorded(
            proposal.plan,
            partial(
                moving.accept,
                proposal.plan,
                proposal.sealed(),
                actor=self.staff,
                now=self.now,
                why="",
                overrides=allowed,
                notify=notify,
            ),
        )
        if moved:
            assert {row.number: row.starts_at for row in moved} == wanted

    def change(self, visit: Appointment, verb: str, minutes: int) -> None:
        """Confirm, receive, begin, finish, miss, cancel or delay `visit`, or step back."""
        facts: dict[str, Any] = {
            "cancel": {"reason": "Ill", "notify": minutes % 2 == 0},
            "complete": {"performed_at": min(self.now, visit.ends_at)},
            "arrive_late": {"minutes": 1 + minutes % 60},
        }.get(verb, {})
        act = backwards.back if verb == "back" else getattr(changes, verb)
        done = partial(act, visit, actor=self.staff, now=self.now, **facts)
        self.recorded(visit, done)

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
        """Ask today what is asked before each booking; nothing stands in the way."""
        self.answer(plan, {})

    def answer(
        self, plan: TreatmentPlan, said: dict[str, str], on: date | None = None
    ) -> None:
        """Answer every question afresh: no, unless `said`."""
        questions = screening.questions_for(plan.protocol)
        given = [
            Given(
                q.code,
                said.get(q.code, "no"),
                on if q.code == "isotretinoin" and q.code in said else None,
                is_fresh=True,
            )
            for q in questions
        ]
        self.attempt(
            screening.record, plan.patient, given, actor=self.staff, now=self.now
        )

    def amend(
        self, plan: TreatmentPlan, count: int, gap: tuple[int, int] | None
    ) -> None:
        plan = fresh(plan)
        change = amended.Change(count, plan.protocol, gap, "She asked")
        diff = self.attempt(amending.preview, plan, change, now=self.now)
        if diff.refusal:
            return
        sealed, version = diff.sealed(), plan.version
        save = partial(amending.save, version=version, actor=self.staff, now=self.now)
        if made := self.attempt(save, plan, sealed):
            before = snapshot()
            assert self.attempt(save, plan, sealed) == made
            assert snapshot() == before, "the same submit counted twice"

    def review(self, plan: TreatmentPlan, what: str) -> None:
        """Send to the clinicians, or sign, return or decline."""
        plan = fresh(plan)
        if what == "submit":
            self.attempt(plans.submit, plan, self.desk, self.now)
            return
        facts: dict[str, Any] = {"note": "Why"}
        if what == "approve":
            facts = {"areas": self._areas(plan), "decisions": self._decisions()}
        about = {"version": plan.version, "actor": self.staff, "now": self.now}
        self.attempt(getattr(plans, what), plan, **about, **facts)

    def _areas(self, plan: TreatmentPlan) -> list[AreaSetting]:
        rows = plan.areas.all()
        return [AreaSetting(row.area_id, Decimal("1.5"), 4) for row in rows]

    def _decisions(self) -> list[Decision]:
        return [
            Decision("cold-sores", DecisionKind.CLEARED, "Antiviral"),
            Decision("keloid", DecisionKind.OVERRIDE, "Small, old"),
        ]

    def talk(self, plan: TreatmentPlan, ahead: int) -> None:
        """The patient comes for a consultation on some day, where time is free."""
        zone = plan.location.zone
        day = self.now.astimezone(zone).date() + timedelta(days=ahead)
        start = datetime.combine(day, CLOSES, tzinfo=zone)
        during = DateTimeTZRange(start, start + TALK)
        who = next(r for r in self.resources if r.location_id == plan.location_id)
        same_day = Appointment.objects.live().filter(patient=plan.patient)
        days = {row.local_date for row in same_day.select_related("location")}
        taken = Claim.objects.filter(resource=who.pk, during__overlap=during)
        if day in days or start <= self.now or taken.exists():
            return
        row = make_appointment(
            patient=plan.patient, location=plan.location, starts_at=start, minutes=30
        )
        Claim.objects.create(
            resource_id=who.pk,
            during=during,
            why=ClaimReason.APPOINTMENT,
            appointment=row,
            role="operator",
        )

    def switch(self, which: int) -> None:
        """Take a resource out of use for good, or put it back."""
        resource = self.resources[which % len(self.resources)]
        resource.is_active = not resource.is_active
        resource.save(update_fields=["is_active"])

    def pass_time(self, span: timedelta) -> None:
        """Time goes by, and what beat rings is done: what was due then has left."""
        soon = self.now + min(span, GRACE)
        outbox.send_due(clock=lambda: soon)
        self.now += span
        for ring in (
            holds.expire_overdue,
            waiting.lapse_overdue,
            waiting.close_settled,
            waiting.match,
            outages.reconcile,
            stranded.reconcile,
        ):
            stood = places()
            ring(now=self.now)
            self.new_dates_suit(stood)
            self.committed()
        outbox.send_due(clock=lambda: self.now)
