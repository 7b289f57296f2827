"""Every page that patients may open says all of it in French.

The demo's people are in every state there is. Each address of the site and of the
portal is in one of the lists below, or is named with the reason why it is not.
"""

import pytest
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone, translation

from bookings.models import (
    Appointment,
    AppointmentStatus,
    ConsultationRequest,
    Message,
    Patient,
    TreatmentPlan,
    WaitingOffer,
)
from bookings.services import links
from bookings.services.links import Purpose
from bookings.tests.demo.rows import MORNING
from bookings.tests.french import unsaid
from bookings.tests.portal import signed_in_as
from bookings.urls import portal, public
from treatments.models import Treatment

pytestmark = pytest.mark.usefixtures("demo")

SITE = (
    *("home", "treatments", "how", "doctors", "locations", "contact", "privacy"),
    *("accessibility", "after-care", "robots", "sitemap"),
)
ASKING = ("request", "request-sent", "request-saved")
STEPS = ("why", "you", "health", "when")
FOLLOWING = ("request-follow", "request-change", "request-withdraw", "request-choose")
OWN = (
    *("plan", "care", "messages", "account", "account-details", "account-email"),
    *("account-email-code", "account-away", "account-everywhere", "documents"),
    *("who", "export"),
)
ONE_VISIT = (
    *("my-visit", "my-visit-confirm", "my-visit-move", "my-visit-cancel"),
    *("my-visit-ask", "my-visit-wait", "my-answers", "my-healing", "visit-calendar"),
)
BY_LINK = {
    "visit": Purpose.VISIT,
    "visit-confirm": Purpose.VISIT,
    "visit-move": Purpose.VISIT,
    "visit-cancel": Purpose.VISIT,
    "visit-ask": Purpose.VISIT,
    "visit-wait": Purpose.VISIT,
    "answers": Purpose.ANSWERS,
    "healing": Purpose.HEALING,
}
DOORS = ("sign-in", "sign-in-code")
ELSEWHERE = {
    "treatment",  # each treatment has a test of its own below
    "request-step",  # each step, too
    *("message", "message-page", "document-plan", "document-consent", "consent"),
    *("offer", "my-offer", "calendar", "sign-in-link", "recall"),
}
NO_PAGE = {  # they take what was sent and lead on
    *("tick", "sign-out", "account-consent", "account-away-remove"),
    *("account-calendar-new", "my-visit-leave", "visit-leave"),
}


@pytest.fixture(autouse=True)
def morning(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: MORNING)
    with translation.override("fr"):
        yield


def read(client, addresses):
    """What is not said in French on these pages, by address; each has to answer."""
    found = {}
    for address in addresses:
        with unsaid() as heard:
            answer = client.get(address, follow=True)
            b"".join(answer) if answer.streaming else answer.content
        assert answer.status_code in (200, 404, 422), address
        if heard:
            found[address] = sorted(heard)
    return found


def at(face, names, *args):
    return [reverse(f"{face}:{name}", args=args) for name in names]


def test_every_address_is_read_or_left_out_for_a_reason():
    def names(face):
        return {one.name for one in face.urlpatterns if isinstance(one, URLPattern)}

    read_here = {*SITE, *ASKING, *FOLLOWING, *OWN, *ONE_VISIT, *BY_LINK, *DOORS}

    assert names(public) | names(portal) == read_here | ELSEWHERE | NO_PAGE


def test_the_site_is_french():
    treatments = [
        reverse("public:treatment", args=[code])
        for code in Treatment.objects.values_list("code", flat=True)
    ]

    assert read(Client(), at("public", SITE) + treatments) == {}


def test_the_request_is_french():
    client = Client()
    steps = [reverse("public:request-step", args=[step]) for step in STEPS]

    assert read(client, at("public", ASKING) + steps) == {}


@pytest.mark.parametrize("step", STEPS)
def test_what_a_step_refuses_is_said_in_french(step):
    client = Client()
    address = reverse("public:request-step", args=[step])
    client.get(reverse("public:request"))
    with unsaid() as heard:
        client.post(address, {})

    assert heard == set()


def test_every_request_can_be_followed_in_french():
    found = {}
    for row in ConsultationRequest.objects.select_related("patient"):
        token = links.token(Purpose.REQUEST, row, now=MORNING)
        found |= read(Client(), at("public", FOLLOWING, token))

    assert found == {}


def test_the_door_is_french():
    assert read(Client(), at("portal", DOORS)) == {}


def people():
    """One patient for each state in which a plan can be, and somebody without one."""
    states = TreatmentPlan.objects.order_by().values_list("status", flat=True)
    yield from (
        Patient.objects.filter(plans__status=status).exclude(email="").earliest("pk")
        for status in states.distinct()
    )
    requested = ConsultationRequest.objects.filter(patient__plans=None)
    yield from (row.patient for row in requested.select_related("patient")[:2])
    yield Patient.objects.get(first_name="Anouk", last_name="Desrosiers")


def test_own_pages_are_french():
    found = {}
    for patient in people():
        found |= read(signed_in_as(patient), at("portal", OWN))

    assert found == {}


def test_letters_plans_and_consents_are_shown_in_french():
    patient = Patient.objects.get(first_name="Anouk", last_name="Desrosiers")
    letters = Message.objects.filter(patient=patient).values_list("pk", flat=True)
    pages = [
        address
        for pk in letters
        for address in at("portal", ("message", "message-page"), pk)
    ]
    plan = patient.plans.first()
    pages += at("portal", ("document-plan",), plan.pk)
    pages += [
        address
        for consent in patient.consents.all()
        for address in at("portal", ("document-consent",), consent.pk)
    ]
    pages += [f"{reverse('portal:consent', args=['treatment'])}?plan={plan.pk}"]
    pages += at("portal", ("consent",), "photos")

    assert read(signed_in_as(patient), pages) == {}


def visits():
    """A visit of each kind in each state."""
    kinds = Appointment.objects.values_list("kind", "status").distinct().order_by()
    for kind, status in kinds:
        if status != AppointmentStatus.HELD:
            rows = Appointment.objects.filter(kind=kind, status=status)
            yield rows.exclude(patient__email="").latest("during")


def test_each_kind_of_visit_is_french_signed_in_and_by_link():
    found = {}
    for visit in visits():
        client = signed_in_as(visit.patient)
        found |= read(client, at("portal", ONE_VISIT, visit.code))
        for name, purpose in BY_LINK.items():
            token = links.token(purpose, visit, now=MORNING)
            found |= read(Client(), at("portal", (name,), token))

    assert found == {}


def test_the_next_course_is_asked_for_in_french():
    plan = Message.objects.filter(rule="recall").latest("due_at").plan
    token = links.token(Purpose.RECALL, plan, now=MORNING)

    assert read(Client(), at("portal", ("recall",), token)) == {}


def test_offers_and_feeds_are_french():
    found = {}
    for offer in WaitingOffer.objects.select_related("entry__patient"):
        token = links.token(Purpose.OFFER, offer, now=MORNING)
        found |= read(Client(), at("portal", ("offer",), token))
    patient = Patient.objects.get(first_name="Anouk", last_name="Desrosiers")
    token = links.token(Purpose.CALENDAR, patient, now=MORNING)
    found |= read(Client(), at("portal", ("calendar",), token))
    found |= read(Client(), at("portal", ("sign-in-link", "visit"), "1.wrong.wrong"))

    assert found == {}
