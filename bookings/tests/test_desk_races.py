"""Real threads that do all there is at once: words for losers, and every rule kept."""

from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest

from bookings.models import (
    Appointment,
    AppointmentKind,
    Claim,
    ClaimReason,
    Outage,
    OutageKind,
    SeriesHold,
    WaitingOffer,
)
from bookings.services import series, waiting
from bookings.services.amendments import amended, amending
from bookings.services.holding import holds
from bookings.services.missing import outage_plans, outages, stranded
from bookings.services.moves import changes, moving
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_answers,
    make_place_with_people,
    make_protocol,
    make_user,
)
from bookings.tests.series_truths import Truths, fresh, sessions_of
from bookings.tests.test_moving import accept, propose, session
from bookings.tests.test_outages import declare, device_of
from bookings.tests.test_series_book import (
    FIRST,
    book,
    make_approved,
    make_sessions,
    roles_at,
)
from bookings.tests.threads import at_once
from clinic.models import Resource

ROUNDS = 3
DESKS, ACTS = 4, 5

pytestmark = pytest.mark.django_db(transaction=True)


def refusals(outcomes):
    return [one for one in outcomes if isinstance(one, BookingRefused)]


class Shop(Truths):
    """Plans at one place with one of everything, and whoever works there."""

    def __init__(self, count=5):
        self.now = NOW
        self.place, protocol = make_place_with_people(), make_protocol()
        self.actor = make_user("Manager")
        self.plans = [
            make_approved(self.place, protocol=protocol) for _ in range(count)
        ]
        self.resources = list(roles_at(self.place).values())

    def settle(self):
        """What beat does within the next minute."""
        for ring in RINGS:
            ring(now=self.now)

    def some(self, random, now):
        """One act at `now`, picked by chance."""
        plan = random.choice(self.plans)
        name = random.choice(
            [
                "book",
                "hold",
                "keep",
                "move",
                "cancel",
                "amend",
                "wait",
                "answer",
                "declare",
                "lift",
                "apply",
                "ring",
            ]
        )
        getattr(self, name)(plan, random, now)

    def _sessions(self, plan, random):
        first = FIRST + timedelta(days=random.choice([0, 1, 2, 7]))
        return make_sessions(plan, (0, 49, 98), first=first)

    def _about(self, now):
        return {"actor": self.actor, "now": now}

    def book(self, plan, random, now):
        about = {"key": uuid4(), "strategy": "steady", **self._about(now)}
        series.book(plan, self._sessions(plan, random), **about)

    def hold(self, plan, random, now):
        about = {"key": uuid4(), "strategy": "steady", **self._about(now)}
        holds.hold(plan, self._sessions(plan, random), **about)

    def keep(self, plan, random, now):
        held = SeriesHold.objects.open().order_by("?").first()
        if held and random.random() < 0.5:
            holds.confirm(held, **self._about(now))
        elif held:
            act = random.choice([holds.extend, holds.release])
            act(held, self.actor, now)

    def _visit(self, plan, random):
        standing = sessions_of(plan)
        return random.choice(standing) if standing else None

    def move(self, plan, random, now):
        if visit := self._visit(plan, random):
            days = timedelta(days=random.choice([-7, -1, 1, 7]))
            proposal = moving.propose(visit, visit.starts_at + days, now=now)
            if proposal.can_be_accepted:
                moving.accept(plan, proposal.sealed(), why="", **self._about(now))

    def cancel(self, plan, random, now):
        if visit := self._visit(plan, random):
            changes.cancel(visit, reason="Ill", **self._about(now))

    def amend(self, plan, random, now):
        plan = fresh(plan)
        count = random.choice([2, 3, 4])
        change = amended.Change(count, plan.protocol, None, "She asked")
        diff = amending.preview(plan, change, now=now)
        if not diff.refusal:
            version = plan.version
            amending.save(plan, diff.sealed(), version=version, **self._about(now))

    def wait(self, plan, random, now):
        number = random.choice([None, 1, 2, 3])
        days = {
            "first_day": now.date(),
            "last_day": now.date() + timedelta(days=120),
        }
        waiting.add(plan, number=number, **self._about(now), **days)

    def answer(self, plan, random, now):
        if offer := WaitingOffer.objects.open().order_by("?").first():
            act = random.choice([waiting.accept, waiting.decline])
            make_answers(offer.entry.plan, answered_at=now)
            act(offer, **self._about(now))

    def declare(self, plan, random, now):
        resource = Resource.objects.get(pk=random.choice(self.resources))
        first = FIRST + timedelta(days=random.choice([0, 1, 49, 98]))
        span = outages.moments(self.place.zone, first, first + timedelta(days=1))
        about = {"kind": OutageKind.ABSENCE, "reason": "Flu", **self._about(now)}
        outages.declare(resource, *span, **about)

    def lift(self, plan, random, now):
        if outage := Outage.objects.standing().order_by("?").first():
            outages.lift(outage, **self._about(now))

    def apply(self, plan, random, now):
        if outage := Outage.objects.standing().order_by("?").first():
            bulk = outage_plans.proposals(outage, now=now)
            sealed = [one.proposal.sealed() for one in bulk.possible]
            outage_plans.apply(outage, sealed, **self._about(now))

    def ring(self, plan, random, now):
        random.choice(RINGS)(now=now)


RINGS = (
    holds.expire_overdue,
    waiting.lapse_overdue,
    waiting.close_settled,
    waiting.match,
    outages.reconcile,
    stranded.reconcile,
)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_jumble_of_all_that_desks_and_sweeps_do_keeps_every_rule(seed):
    shop = Shop()

    def desk(number):
        random = Random(seed * 100 + number)

        def work():
            for turn in range(ACTS):
                now = NOW + timedelta(minutes=5 * turn + random.randint(0, 3))
                try:
                    shop.some(random, now)
                except BookingRefused:
                    continue

        return work

    at_once(*[desk(number) for number in range(DESKS)])

    shop.now = NOW + timedelta(hours=3)
    shop.settle()
    shop.check()


def test_of_a_confirmed_hold_a_booking_and_an_outage_none_is_halved():
    for _turn in range(ROUNDS):
        shop = Shop(2)
        mine, other = shop.plans
        about = {"strategy": "steady", "actor": shop.actor, "now": NOW}
        held = holds.hold(mine, make_sessions(mine), key=uuid4(), **about)
        sessions, device = make_sessions(other), device_of(shop.place)

        booked, lost, _outage = at_once(
            lambda held=held, shop=shop: holds.confirm(held, actor=shop.actor, now=NOW),
            lambda other=other, sessions=sessions, about=about: series.book(
                other, sessions, key=uuid4(), **about
            ),
            lambda device=device: declare(device, FIRST),
        )

        # The outage may come first: then the hold is refused for that alone.
        if isinstance(booked, BookingRefused):
            assert "out of service" in str(booked)
        assert isinstance(lost, BookingRefused)
        shop.settle()
        shop.check()
        assert other.appointments.count() == 0


def test_an_offer_taken_while_its_session_is_cancelled_ends_in_one_of_the_two():
    for _turn in range(ROUNDS):
        shop = Shop(1)
        [plan] = shop.plans
        book(plan)
        waiting.add(
            plan,
            number=1,
            actor=shop.actor,
            now=NOW,
            first_day=NOW.date() + timedelta(days=1),
            last_day=FIRST - timedelta(days=1),
        )
        waiting.match(now=NOW)
        offer, visit = WaitingOffer.objects.open().get(), session(plan, 1)
        make_answers(plan, answered_at=NOW)

        at_once(
            lambda offer=offer, shop=shop: waiting.accept(
                offer, actor=shop.actor, now=NOW
            ),
            lambda visit=visit, shop=shop: changes.cancel(
                visit, reason="Ill", actor=shop.actor, now=NOW
            ),
        )

        shop.check()
        WaitingOffer.objects.open().update(status="declined")
        Claim.objects.filter(why=ClaimReason.HOLD).delete()


def test_an_amendment_and_a_move_end_in_one_or_in_both_in_turn():
    for _turn in range(ROUNDS):
        shop = Shop(1)
        [plan] = shop.plans
        book(plan)
        proposal = propose(plan, 2, 50)
        change = amended.Change(2, plan.protocol, None, "She asked")
        diff = amending.preview(fresh(plan), change, now=NOW)
        sealed, version = diff.sealed(), plan.version

        at_once(
            lambda plan=plan, proposal=proposal: accept(plan, proposal),
            lambda plan=plan, sealed=sealed, version=version, shop=shop: amending.save(
                plan, sealed, version=version, actor=shop.actor, now=NOW
            ),
        )

        shop.check()


def test_two_desks_that_move_two_sessions_of_a_series_move_one_and_look_again():
    for _turn in range(ROUNDS):
        shop = Shop(1)
        [plan] = shop.plans
        book(plan)
        first, last = propose(plan, 1, -1), propose(plan, 3, 99)

        outcomes = at_once(
            lambda plan=plan, move=first: accept(plan, move),
            lambda plan=plan, move=last: accept(plan, move),
        )

        assert len(refusals(outcomes)) == 1
        shop.check()


def test_sweeps_that_run_twice_at_once_agree():
    for _turn in range(ROUNDS):
        shop = Shop(3)
        about = {"strategy": "steady", "actor": shop.actor, "now": NOW}
        for plan, days in zip(shop.plans, (0, 1, 2), strict=True):
            first = FIRST + timedelta(days=days)
            sessions = make_sessions(plan, first=first)
            holds.hold(plan, sessions, key=uuid4(), **about)
        outage = declare(device_of(shop.place), FIRST, FIRST + timedelta(days=2))
        shop.now = NOW + timedelta(hours=1)

        at_once(
            *[lambda ring=ring, s=shop: ring(now=s.now) for ring in RINGS for _ in "12"]
        )

        shop.settle()
        shop.check()
        assert not Appointment.objects.live().filter(
            kind=AppointmentKind.SESSION, plan__in=shop.plans
        )
        taken = Claim.objects.filter(outage=outage)
        assert sum((c.during.upper - c.during.lower for c in taken), timedelta()) == (
            outage.ends_at - outage.starts_at
        )
