"""One new patient's way through the clinic, one step a function, in either language.

The phone may read French and do without scripts: a page is known by the heading that its
language gives it, and a control by its name and place rather than by its words.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect
from psycopg2.extras import DateTimeTZRange

from bookings.models import Appointment, AppointmentStatus, Patient, TreatmentPlan
from bookings.services import plans
from bookings.services.demo import places
from bookings.services.messages import outbox
from bookings.services.plans import AreaSetting
from bookings.tests.asking import YOU
from bookings.tests.browser import job
from bookings.tests.browser.clinic import protocol_of
from bookings.tests.browser.test_request import (
    at,
    go_on,
    say_no_to_all,
    say_when,
    say_who,
    say_why,
)
from bookings.tests.portal import code_in
from clinic.models import Location, User
from treatments.models import BodyArea, Concern

NAME = f"{YOU['first_name']} {YOU['last_name']}"
ASK = {"en": "Request a consultation", "fr": "Demander une consultation"}
HELLO = {"en": "Hello", "fr": "Bonjour"}
NEXT = {"en": "session 1 of 3", "fr": "séance 1 sur 3"}
MOVED = {"en": "Your {} visits are moved.", "fr": "Vos {} visites sont déplacées."}
HEADINGS = {
    "sent": {
        "en": "Your request is with us",
        "fr": "Nous avons bien reçu votre demande",
    },
    "follow": {"en": "Your request", "fr": "Votre demande"},
    "choose": {"en": "Choose a time", "fr": "Choisissez un moment"},
    "booked": {
        "en": "Your consultation is booked",
        "fr": "Votre consultation est réservée",
    },
    "sign-in": {"en": "See your plan", "fr": "Voir votre plan"},
    "code": {"en": "Look in your mail", "fr": "Regardez vos courriels"},
    "plan": {"en": "My plan", "fr": "Mon plan"},
    "answers": {"en": "Before your session", "fr": "Avant votre séance"},
    "move": {"en": "Choose a new time", "fr": "Choisir une nouvelle heure"},
    "follows": {
        "en": "This moves more than one visit",
        "fr": "Plus d’une visite est déplacée",
    },
    "healing": {"en": "How is it healing?", "fr": "Comment ça guérit\u00a0?"},
}

AFTER_GRACE = timedelta(minutes=10)
LEAD_DAYS = 3  # time to move a session alone, and to get ready for it already
SINCE_DONE = timedelta(hours=49)


@dataclass(frozen=True, slots=True)
class Phone:
    """The patient's phone, and the language that its pages have to be in."""

    page: Page
    language: str

    @property
    def pre(self) -> str:
        """What stands before the paths of the English pages."""
        return "" if self.language == "en" else f"/{self.language}"

    def open(self, path: str) -> None:
        """Open `path` of the English pages in the patient's language."""
        self.page.goto(f"{self.pre}{path}")

    def reads(self, name: str) -> None:
        """The page is the one that is called so, and in the patient's language."""
        self.speaks()
        heading = self.page.get_by_role("heading", level=1)
        expect(heading).to_have_text(HEADINGS[name][self.language])

    def speaks(self) -> None:
        expect(self.page.locator("html")).to_have_attribute("lang", self.language)

    def tap(self, target: str) -> None:
        self.page.locator(target).first.click()

    def link_in(self, letter, path: str) -> str:
        """The address that looks like `path` in a letter; both are in her language."""
        assert HELLO[self.language] in letter.body
        return re.search(rf"https?://[^/]+({self.pre}{path})", letter.body)[1]


def patient() -> Patient:
    return Patient.objects.get(email=YOU["email"])


def newest_letter():
    """The last letter to leave once every slip could have been undone."""
    later = timezone.now() + AFTER_GRACE
    outbox.send_due(clock=lambda: later)
    assert mail.outbox[-1].to == [YOU["email"]]
    return mail.outbox[-1]


def ask_for_a_consultation(phone: Phone) -> None:
    """From the home page through the four steps."""
    phone.open("/")
    phone.speaks()
    main = phone.page.get_by_role("main")
    main.get_by_role("link", name=ASK[phone.language]).first.click()
    for step, fill in (
        ("why", say_why),
        ("you", lambda page: say_who(page, phone.language)),
        ("health", say_no_to_all),
        ("when", say_when),
    ):
        at(phone.page, step)
        phone.speaks()
        fill(phone.page)
        go_on(phone.page)
    phone.reads("sent")


def follow_the_request(phone: Phone) -> None:
    """By the link of the letter that says the request has come in."""
    phone.page.goto(phone.link_in(newest_letter(), r"/requests/[^/\s]+/"))
    phone.reads("follow")
    expect(phone.page.locator(".cd-rq-way [aria-current=step]")).to_be_visible()


def propose_times(desk: Page) -> None:
    """The desk finds the request in its inbox and sends two times."""
    desk.goto("/desk/requests/")
    desk.get_by_role("link", name=NAME).click()
    desk.get_by_role("link", name="Propose times by e-mail").click()
    desk.locator("[name=pick]").nth(0).check()
    desk.locator("[name=pick]").nth(1).check()
    desk.get_by_role("button", name="Send by e-mail").click()
    expect(desk.get_by_text(f"2 times go to {YOU['email']}")).to_be_visible()


def take_the_first_time(phone: Phone) -> None:
    """One click on the page that the letter leads to."""
    phone.page.goto(
        phone.link_in(newest_letter(), r"/requests/[^/\s]+/choose/\?time=\d+")
    )
    phone.reads("choose")
    phone.tap(".cd-choose button")
    phone.reads("booked")


def make_past(visit: Appointment, since: timedelta) -> None:
    """Let a visit have ended that long ago. Pages read the clock, so rows have to go."""
    end = timezone.now() - since
    visit.claims.all().delete()
    Appointment.objects.filter(pk=visit.pk).update(
        during=DateTimeTZRange(end - (visit.ends_at - visit.starts_at), end),
        status=AppointmentStatus.DONE,
        completed_at=end,
    )


def sign_a_plan(staff: dict[str, User]) -> TreatmentPlan:
    """Staff plan three sessions on the answers she gave with her request, and sign."""
    plan = plans.draft(
        patient(),
        protocol=protocol_of("microneedling"),
        location=Location.objects.get(slug=places.CENTRETOWN),
        concerns=[Concern.objects.get(code="acne-scars")],
        areas=[BodyArea.objects.get(code="face")],
        session_count=3,
        wishes="",
        actor=staff["Boyer"],
        now=timezone.now(),
    )
    plans.submit(plan, staff["Boyer"], timezone.now())
    plan.refresh_from_db()
    depth, passes = Decimal("1.5"), plan.protocol.passes_min
    plans.approve(
        plan,
        version=plan.version,
        areas=[AreaSetting(one.area_id, depth, passes) for one in plan.areas.all()],
        actor=staff["Okafor"],
        now=timezone.now(),
    )
    return plan


def book_the_series(desk: Page, plan: TreatmentPlan) -> None:
    """The desk books what the diary proposes first, from a few days ahead on."""
    earliest = timezone.localdate() + timedelta(days=LEAD_DAYS)
    days = "&".join(f"days={day}" for day in range(6))
    hours = "arrive_from=11:00&arrive_until=16:00"
    query = f"earliest={earliest}&{days}&{hours}&policy=anyone"
    desk.goto(f"/desk/plans/{plan.pk}/series/?{query}")
    job.book_all(desk)
    expect(desk.get_by_text("All 3 sessions are booked.")).to_be_visible()


def sign_in(phone: Phone) -> None:
    """With the code that comes by e-mail."""
    phone.open("/my/")
    phone.reads("sign-in")
    phone.page.locator("[name=email]").fill(YOU["email"])
    phone.tap("form .btn-primary")
    phone.reads("code")
    letter = mail.outbox[-1]
    assert HELLO[phone.language] in letter.body
    phone.page.locator("[name=code]").fill(code_in(letter))
    phone.tap("form .btn-primary")
    phone.reads("plan")


def tick_one_thing_off(phone: Phone) -> None:
    """On the plan, between the card of the next session and the ribbon."""
    card, ribbon = phone.page.locator(".cd-plan-next"), "figure.cd-ribbon svg"
    expect(card).to_contain_text(NEXT[phone.language])
    expect(phone.page.locator(ribbon)).to_be_visible()
    box = phone.page.get_by_role("checkbox").first
    box.click()
    expect(box).to_be_checked()


def say_nothing_has_changed(phone: Phone) -> None:
    """From the plan, which asks first."""
    phone.tap("a.cd-plan-first[href$='/answers/']")
    phone.reads("answers")
    phone.tap("button[name=do][value=same]")
    expect(phone.page.locator("#checked")).to_be_visible()
    phone.reads("answers")


def move_with_what_follows(phone: Phone, visit: Appointment) -> list[datetime]:
    """From the answers to the visit, and on to a day that takes another visit along.

    Says when the page promised her each visit that moves.
    """
    page = phone.page
    phone.tap(f"main a[href$='/visits/{visit.code}/']")
    phone.speaks()
    phone.tap("main a[href$='/move/']")
    phone.reads("move")
    phone.tap("main a[href$='?all=1']")
    phone.tap(".vi-day:has(.vi-drags) .vi-time")
    phone.reads("follows")
    moments = page.locator(".vi-change .vi-new time").all()
    promised = [str(one.get_attribute("datetime")) for one in moments]
    phone.tap(".vi-accept .btn-primary")
    words = MOVED[phone.language].format(len(promised))
    expect(page.get_by_text(words)).to_be_visible()
    phone.speaks()
    return [datetime.fromisoformat(one) for one in promised]


def say_it_heals_well(phone: Phone) -> None:
    """From the plan, in one tap."""
    phone.open("/my/")
    phone.reads("plan")
    phone.tap("a.cd-plan-first[href*='/healing/']")
    phone.reads("healing")
    phone.tap("button[name=state][value=well]")
    expect(phone.page.locator("#told")).to_be_visible()
    phone.reads("healing")
