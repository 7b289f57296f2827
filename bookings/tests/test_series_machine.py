"""Whatever the desk, the patients and the clock do, a series stays right."""

import os
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bookings.models import Appointment, Outage, SeriesHold, WaitingEntry
from bookings.tests.series_machine import PLANS, Clinic
from bookings.tests.series_truths import sessions_of

EXAMPLES = int(os.environ.get("SERIES_EXAMPLES", "12"))
STEPS = int(os.environ.get("SERIES_STEPS", "14"))

a_plan = st.integers(0, PLANS - 1)
some_days = st.integers(-30, 60)
a_number = st.integers(1, 3)
a_choice = st.integers(0, 20)
VERBS = [
    *("cancel", "cancel", "no_show", "complete", "arrive_late"),
    *("confirm", "arrive", "begin", "back"),
]


something_stands = precondition(lambda machine: Appointment.objects.live().exists())
something_is_held = precondition(lambda machine: SeriesHold.objects.exists())
somebody_waits = precondition(lambda machine: WaitingEntry.objects.open().exists())
somebody_is_out = precondition(lambda machine: Outage.objects.standing().exists())


class Series(RuleBasedStateMachine):
    """One clinic, from its first day on; every example is rolled back."""

    def __init__(self):
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.clinic = Clinic()

    def teardown(self):
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    def plan(self, index):
        return self.clinic.plans[index]

    def visit(self, index, number):
        standing = sessions_of(self.plan(index))
        return standing[(number - 1) % len(standing)] if standing else None

    @rule(plan=a_plan, wait=st.integers(0, 10))
    def book(self, plan, wait):
        sessions = self.clinic.proposed(self.plan(plan), wait)
        if sessions:
            self.clinic.book(self.plan(plan), sessions)

    @rule(one=a_plan, other=a_plan, wait=st.integers(0, 10))
    def race(self, one, other, wait):
        """Two desks look at the same diary, then both book what they saw."""
        seen = [(i, self.clinic.proposed(self.plan(i), wait)) for i in (one, other)]
        for index, sessions in seen:
            if sessions:
                self.clinic.book(self.plan(index), sessions)

    @something_stands
    @rule(index=a_choice)
    def submit_again(self, index):
        self.clinic.book_again(index)

    @rule(plan=a_plan, wait=st.integers(0, 10), days=some_days, may=st.booleans())
    def book_by_hand(self, plan, wait, days, may):
        sessions = self.clinic.proposed(self.plan(plan), wait)
        if sessions:
            who = self.clinic.manager if may else self.clinic.desk
            self.clinic.book_by_hand(self.plan(plan), sessions, days, who)

    @rule(plan=a_plan, wait=st.integers(0, 10))
    def pencil(self, plan, wait):
        sessions = self.clinic.proposed(self.plan(plan), wait)
        if sessions:
            self.clinic.pencil(self.plan(plan), sessions)

    @rule(
        plan=a_plan,
        what=st.sampled_from(
            ["submit", "approve", "approve", "approve", "send_back", "decline"]
        ),
    )
    def review(self, plan, what):
        self.clinic.review(self.plan(plan), what)

    @rule(
        plan=a_plan,
        said=st.sampled_from(["isotretinoin", "cold-sores", "keloid", "pregnancy", ""]),
        ago=st.integers(0, 120),
    )
    def answer(self, plan, said, ago):
        yes = {said: "yes"} if said else {}
        on = self.clinic.now.date() - timedelta(days=ago + 1)
        self.clinic.answer(self.plan(plan), yes, on)

    @rule(plan=a_plan, ahead=st.integers(0, 90))
    def talk(self, plan, ahead):
        self.clinic.talk(self.plan(plan), ahead)

    @rule(which=a_choice)
    def switch(self, which):
        self.clinic.switch(which)

    @rule(plan=a_plan, wait=st.integers(0, 10))
    def hold(self, plan, wait):
        sessions = self.clinic.proposed(self.plan(plan), wait)
        if sessions:
            self.clinic.hold(self.plan(plan), sessions)

    @something_is_held
    @rule(plan=a_plan, what=st.sampled_from(["extend", "confirm", "release"]))
    def with_hold(self, plan, what):
        self.clinic.with_hold(self.plan(plan), what)

    @something_stands
    @rule(
        plan=a_plan, number=a_number, day=a_choice, hour=a_choice, notify=st.booleans()
    )
    def move(self, plan, number, day, hour, notify):
        if visit := self.visit(plan, number):
            self.clinic.move(visit, day, hour, notify=notify)

    @something_stands
    @rule(plan=a_plan, number=a_number, days=some_days, quarters=st.integers(-8, 8))
    def move_anywhere(self, plan, number, days, quarters):
        if visit := self.visit(plan, number):
            self.clinic.move_anywhere(visit, days, quarters * 15)

    @something_stands
    @rule(
        plan=a_plan,
        number=a_number,
        verb=st.sampled_from(VERBS),
        minutes=a_choice,
    )
    def change(self, plan, number, verb, minutes):
        if visit := self.visit(plan, number):
            self.clinic.change(visit, verb, minutes)

    @something_stands
    @rule(plan=a_plan, number=a_number, back=st.integers(1, 3))
    def along_the_path(self, plan, number, back):
        """All the way to the end on the day, and some steps back."""
        visit = self.visit(plan, number)
        if visit is None:
            return
        if visit.ends_at > self.clinic.now:
            self.clinic.pass_time(visit.ends_at - self.clinic.now)
        for verb in ("confirm", "arrive", "begin", "complete", *["back"] * back):
            visit.refresh_from_db()
            self.clinic.change(visit, verb, 0)

    @rule(plan=a_plan, index=a_choice)
    def reopen(self, plan, index):
        self.clinic.reopen(self.plan(plan), index)

    @rule(index=st.integers(0, 2))
    def undo(self, index):
        self.clinic.undo(index)

    @something_stands
    @rule(plan=a_plan)
    def repair(self, plan):
        self.clinic.repair(self.plan(plan))

    @something_stands
    @rule(which=a_choice, ahead=st.integers(0, 90), days=st.integers(0, 14))
    def declare(self, which, ahead, days):
        self.clinic.declare(which, ahead, days)

    @somebody_is_out
    @rule()
    def replan(self):
        self.clinic.replan()

    @somebody_is_out
    @rule()
    def lift(self):
        self.clinic.lift()

    @rule(plan=a_plan, number=st.none() | a_number)
    def wait(self, plan, number):
        self.clinic.wait(self.plan(plan), number)

    @somebody_waits
    @rule(what=st.sampled_from(["accept", "decline"]), plan=a_plan)
    def offer(self, what, plan):
        self.clinic.pass_time(timedelta())
        self.clinic.ask_again(self.plan(plan))
        self.clinic.answer_offer(what)

    @something_stands
    @rule(
        plan=a_plan,
        count=st.integers(1, 4),
        gap=st.sampled_from([None, None, (42, 70), (56, 70)]),
    )
    def amend(self, plan, count, gap):
        self.clinic.amend(self.plan(plan), count, gap)

    @rule(span=st.sampled_from([5, 20, 60 * 3, 60 * 24, 60 * 24 * 20]))
    def time_goes_by(self, span):
        self.clinic.pass_time(timedelta(minutes=span))

    @something_stands
    @rule(plan=a_plan, number=a_number)
    def the_day_comes(self, plan, number):
        """To the minute at which a session ends."""
        visit = self.visit(plan, number)
        if visit and visit.ends_at > self.clinic.now:
            self.clinic.pass_time(visit.ends_at - self.clinic.now)

    @invariant()
    def all_is_well(self):
        self.clinic.check()


@pytest.mark.django_db
def test_a_series_stays_right_whatever_happens():
    run_state_machine_as_test(
        Series,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink]
            if EXAMPLES > 50
            else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
