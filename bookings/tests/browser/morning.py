"""A small clinic on a morning: who sits at the desk, who comes, who came yesterday."""

from datetime import date, datetime, time, timedelta
from uuid import uuid4

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from bookings.models import Appointment, Message, MessageStatus, PlanStatus
from bookings.services import series
from bookings.services.judging import PlannedSession
from bookings.tests.browser import job
from bookings.tests.browser.grid import HOUR_PX
from bookings.tests.daybook import Clinic
from bookings.tests.factories import make_answers, make_patient, make_plan, make_user
from clinic import roles
from clinic.demo_accounts import DEMO_PASSWORD

TEN = time(10)
CODE = "centretown"
MINUTES = 70


class Morning(Clinic):
    """A doctor, two rooms, a pen, and Robin Roy at the desk, who can sign in."""

    def __init__(self) -> None:
        super().__init__(slug=CODE)
        self.now = timezone.now()
        self.today = self.now.astimezone(self.place.zone).date()
        self.desk = make_user(roles.FRONT_DESK, email=job.FRONT_DESK)
        self.desk.set_password(DEMO_PASSWORD)
        self.desk.save(update_fields=["password"])

    def colleague(self):
        """A second person at the desk."""
        fields = {"first_name": "Camille", "last_name": "Boyer"}
        return make_user(roles.FRONT_DESK, **fields)

    def plan(self, patient=None, **fields):
        """A plan for three sessions, signed a week ago, all questions answered."""
        week_ago = self.now - timedelta(days=7)
        plan = make_plan(
            patient=patient or make_patient(first_name="Maya", last_name="Tremblay"),
            protocol=self.protocol,
            location=self.place,
            status=PlanStatus.APPROVED,
            reviewed_by=make_user(roles.CLINICIAN),
            reviewed_at=week_ago,
            **fields,
        )
        make_answers(plan, answered_at=week_ago)
        return plan

    def series(self, plan, *days: date, at: time = TEN) -> list[Appointment]:
        """Book all sessions of `plan`, with what the patient will hear of them."""
        needs = {"operator": self.doctor, "room": self.room, "device": self.pen}
        who = {role: resource.pk for role, resource in needs.items()}
        starts = [datetime.combine(day, at, tzinfo=self.place.zone) for day in days]
        series.book(
            plan,
            [
                PlannedSession(number, start, start + timedelta(minutes=MINUTES), who)
                for number, start in enumerate(starts, start=1)
            ],
            key=uuid4(),
            strategy="earliest-finish",
            actor=self.desk,
            now=self.now,
        )
        return list(plan.appointments.order_by("number"))

    def coming(self, **person: str) -> list[Appointment]:
        """Three sessions as close as may be; the first is on a Monday in two weeks."""
        monday = self.today + timedelta(days=14 + -self.today.weekday() % 7)
        plan = self.plan(make_patient(**person))
        days = (monday + timedelta(days=gap) for gap in (0, 42, 91))
        return self.series(plan, *days)

    def begun(self, first: date, second: date) -> list[Appointment]:
        """A session of a series on `first`, which may be past, and the next one."""
        plan = self.plan()
        days = {1: first, 2: second}
        return [
            self.session(10, day=day, plan=plan, number=number)
            for number, day in days.items()
        ]


def next_free_day(clinic: Morning) -> date:
    """A day to come on which the clinic works, and nobody is booked yet."""
    days = (clinic.today + timedelta(days=ahead) for ahead in range(1, 4))
    return next(day for day in days if day.weekday() < 5)


def tell(visits: list[Appointment]) -> None:
    """The patient has read that the visits are booked."""
    told = Message.objects.filter(appointment__in=visits, rule="confirmation")
    told.update(status=MessageStatus.SENT, sent_at=timezone.now())


def diary(page: Page, day: date, query: str = "") -> Page:
    """The diary of `day`, drawn."""
    page.goto(f"/desk/day/?location={CODE}&date={day}{query}")
    return drawn(page)


def drawn(page: Page) -> Page:
    expect(page.locator("#diary[data-drawn]")).to_be_attached()
    return page


def block(page: Page, name: str) -> Locator:
    return page.locator(".di-block[role=button]", has_text=name)


def drawer(page: Page) -> Locator:
    return page.locator("#drawer")


def status(page: Page, words: str) -> None:
    """The drawer says how the visit stands."""
    glyph = drawer(page).locator(".cd-drawer-top > :first-child")
    expect(glyph).to_contain_text(words)


def dialog(page: Page) -> Locator:
    return page.locator("#move-dialog")


def toast(page: Page, words: str) -> Locator:
    found = page.locator("#messages .toast", has_text=words)
    expect(found).to_be_visible()
    return found


def waiting(visits: list[Appointment]) -> list[tuple[str, int | None, int, str]]:
    """The messages that may still leave: what, for which session, version, when."""
    rows = Message.objects.filter(appointment__plan=visits[0].plan).waiting()
    return sorted(
        (row.rule, row.appointment.number, row.version, str(row.due_at))
        for row in rows.select_related("appointment")
    )


def carry(page: Page, one: Locator, column: Locator, hours: float) -> None:
    """Drag a block by the mouse into a column, some hours down; let go there."""
    one.scroll_into_view_if_needed()
    box, head = one.bounding_box(), column.bounding_box()
    x, y = box["x"] + 40, box["y"] + 20
    to_x, to_y = head["x"] + head["width"] / 2, y + hours * HOUR_PX
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 10, steps=3)
    page.mouse.move(to_x, to_y, steps=6)
    page.mouse.up()
