"""Every staff address, as every role: who may pass, who is turned away."""

from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from bookings.models import Consent, ConsentKind
from bookings.tests.conftest import signed_in
from bookings.tests.factories import (
    NOW,
    make_appointment,
    make_device,
    make_file,
    make_outage,
    make_patient,
    make_plan,
    make_protocol,
    make_request,
    make_room,
    make_task,
    make_user,
)
from bookings.tests.letterbox import make_message, make_talk
from bookings.tests.reacting import make_reaction
from bookings.tests.records import make_session, sign
from bookings.tests.waiting import make_entry, make_offer
from bookings.urls import desk as desk_urls
from bookings.urls import review as review_urls
from clinic.models import Closure

DESK, CLINICIAN, MANAGER = "Front desk", "Clinician", "Manager"
EVERYONE = {DESK, CLINICIAN, MANAGER}
AT_THE_DESK = {DESK, MANAGER}
SIGNERS = {CLINICIAN, MANAGER}
MANAGERS = {MANAGER}
DIRECTORS = {"Medical director"}

MAY_PASS = {
    "desk:home": EVERYONE | {""},  # only leads on to the day
    "desk:day": EVERYONE,
    "desk:day-feed": EVERYONE,
    "desk:day-sheet": EVERYONE,
    "desk:book": AT_THE_DESK,
    "desk:appointment": EVERYONE,
    "desk:appointment-change": AT_THE_DESK,
    "desk:appointment-reaction": EVERYONE,
    "desk:undo": AT_THE_DESK,
    "desk:drawer": EVERYONE,
    "desk:appointment-move": AT_THE_DESK,
    "desk:plan-repair": AT_THE_DESK,
    "desk:series-list": EVERYONE,
    "desk:series-propose": AT_THE_DESK,
    "desk:series-book": AT_THE_DESK,
    "desk:series-choose": AT_THE_DESK,
    "desk:series-problem": AT_THE_DESK,
    "desk:series-booked": EVERYONE,
    "desk:series-override": SIGNERS,
    "desk:series-hold": AT_THE_DESK,
    "desk:hold": EVERYONE,
    "desk:hold-confirm": AT_THE_DESK,
    "desk:hold-extend": AT_THE_DESK,
    "desk:hold-release": AT_THE_DESK,
    "desk:find": EVERYONE,
    "desk:keys": EVERYONE,
    "desk:patients": EVERYONE,
    "desk:patient": EVERYONE,
    "desk:patient-add": AT_THE_DESK,
    "desk:patient-edit": AT_THE_DESK,
    "desk:patient-duplicates": AT_THE_DESK,
    "desk:patient-merge-choose": AT_THE_DESK,
    "desk:patient-merge": AT_THE_DESK,
    "desk:patient-consent": AT_THE_DESK,
    "desk:consent": EVERYONE,
    "desk:plan-consent": AT_THE_DESK,
    "desk:plan-consent-print": AT_THE_DESK,
    "desk:patient-file-add": AT_THE_DESK,
    "desk:patient-file": EVERYONE,
    "desk:answers-record": EVERYONE,
    "desk:plan": EVERYONE,
    "desk:plan-draft": EVERYONE,
    "desk:plan-edit": EVERYONE,
    "desk:plan-submit": EVERYONE,
    "desk:plan-amend": EVERYONE,
    "desk:plan-amend-save": EVERYONE,
    "desk:waiting": EVERYONE,
    "desk:waiting-add": AT_THE_DESK,
    "desk:waiting-close": AT_THE_DESK,
    "desk:offer-accept": AT_THE_DESK,
    "desk:offer-decline": AT_THE_DESK,
    "desk:tasks": EVERYONE,
    "desk:task-done": AT_THE_DESK,
    "desk:confirmations": EVERYONE,
    "desk:confirmation-note": AT_THE_DESK,
    "desk:requests": EVERYONE,
    "desk:request": EVERYONE,
    "desk:request-add": AT_THE_DESK,
    "desk:request-step": AT_THE_DESK,
    "desk:request-assign": AT_THE_DESK,
    "desk:request-times": AT_THE_DESK,
    "desk:request-times-back": AT_THE_DESK,
    "desk:outages": EVERYONE,
    "desk:outage-add": AT_THE_DESK,
    "desk:outage": EVERYONE,
    "desk:outage-apply": AT_THE_DESK,
    "desk:outage-lift": AT_THE_DESK,
    "desk:messages": EVERYONE,
    "desk:message": EVERYONE,
    "desk:message-page": EVERYONE,
    "desk:setup": MANAGERS,
    "desk:setup-add": MANAGERS,
    "desk:setup-edit": MANAGERS,
    "desk:setup-hours": MANAGERS,
    "desk:setup-hours-change": MANAGERS,
    "desk:setup-closures": MANAGERS,
    "desk:setup-closure-add": MANAGERS,
    "desk:setup-closure": MANAGERS,
    "desk:setup-closure-remove": MANAGERS,
    "desk:setup-holidays": MANAGERS,
    "desk:setup-device-sessions": EVERYONE,
    "review:queue": SIGNERS,
    "review:plan": SIGNERS,
    "review:plan-approve": SIGNERS,
    "review:plan-return": SIGNERS,
    "review:plan-decline": SIGNERS,
    "review:plan-edit": SIGNERS,
    "review:plan-preview": SIGNERS,
    "review:plan-versions": SIGNERS,
    "review:plan-templates": SIGNERS,
    "review:outcomes": SIGNERS,
    "review:outcome": SIGNERS,
    "review:outcome-score": SIGNERS,
    "review:outcome-decide": SIGNERS,
    "review:reactions": EVERYONE,
    "review:reaction": EVERYONE,
    "review:reaction-rate": SIGNERS,
    "review:reaction-look": SIGNERS,
    "review:reaction-close": SIGNERS,
    "review:trace": SIGNERS,
    "review:patient-trace": SIGNERS,
    "review:unconfirmed": EVERYONE,
    "review:catalogue": EVERYONE,
    "review:catalogue-treatment": EVERYONE,
    "review:catalogue-confirm": DIRECTORS,
    "review:catalogue-edit": DIRECTORS,
    "review:catalogue-figures": DIRECTORS,
    "review:catalogue-line": DIRECTORS,
    "review:catalogue-add": DIRECTORS,
    "review:catalogue-remove": DIRECTORS,
    "review:catalogue-discard": DIRECTORS,
    "review:catalogue-effect": DIRECTORS,
    "review:catalogue-publish": DIRECTORS,
    "review:plan-handout": EVERYONE,
    "review:photos": SIGNERS,
    "review:photo": SIGNERS,
    "review:photo-add": SIGNERS,
    "review:photo-compare": SIGNERS,
    "review:photo-file": SIGNERS,
    "review:photo-hide": SIGNERS,
    "review:photos-erase": SIGNERS,
    "review:alerts": SIGNERS,
    "review:alert-close": SIGNERS,
    "review:alert-decide": SIGNERS,
    "review:today": SIGNERS,
    "review:record-start": SIGNERS,
    "review:record": SIGNERS,
    "review:record-draft": SIGNERS,
    "review:record-amend": SIGNERS,
    "review:record-cosign": SIGNERS,
}

ABOUT_ALL_REQUESTS = ("desk:requests", "desk:request-add")
ABOUT_ALL_PATIENTS = ("desk:patient-add", "desk:patient-duplicates")

pytestmark = pytest.mark.django_db


def names() -> set[str]:
    return {
        f"{urls.app_name}:{pattern.name}"
        for urls in (desk_urls, review_urls)
        for pattern in urls.urlpatterns
        if isinstance(pattern, URLPattern)
    }


def address(name: str) -> str:
    """The place called `name`, with rows behind it."""
    if name.startswith("desk:setup"):
        return setup_address(name)
    if name == "review:plan-templates":
        return reverse(name)
    if name == "review:record-cosign":
        return reverse(name, args=[sign(make_session()).pk])
    if name.startswith("review:record"):
        return reverse(name, args=[make_session().code])
    if name == "desk:series-choose":
        return reverse(name, args=[make_plan().pk, 1])
    if name == "desk:series-booked" or name.startswith("desk:hold"):
        return reverse(name, args=[uuid4()])
    if name.startswith("review:catalogue-"):
        return catalogue_address(name)
    if name == "desk:appointment-change":
        return reverse(name, args=[make_appointment(plan=make_plan()).pk, "cancel"])
    if name == "desk:drawer" or name.startswith("desk:appointment"):
        return reverse(name, args=[make_appointment(plan=make_plan()).pk])
    if name in ("desk:message", "desk:message-page"):
        return reverse(name, args=[make_message(make_talk()).pk])
    if name in ("desk:outage", "desk:outage-apply", "desk:outage-lift"):
        return reverse(name, args=[make_outage().pk])
    if name == "desk:waiting-close":
        return reverse(name, args=[make_entry().pk])
    if name.startswith("desk:offer"):
        return reverse(name, args=[make_offer().pk])
    if name == "desk:confirmation-note":
        return reverse(name, args=[make_appointment().pk, "no-answer"])
    if name == "desk:request-step":
        return reverse(name, args=[make_request().pk, "contacted"])
    if name.startswith("desk:request") and name not in ABOUT_ALL_REQUESTS:
        return reverse(name, args=[make_request().pk])
    if name == "desk:task-done":
        return reverse(name, args=[make_task().pk])
    if name.startswith("review:reaction") and name != "review:reactions":
        return reverse(name, args=[make_reaction().pk])
    if name == "review:patient-trace":
        return reverse(name, args=[make_patient().pk])
    if name == "review:alert-close":
        return reverse(
            name, args=[make_task(kind="healing", patient=make_patient()).pk]
        )
    if name == "review:alert-decide":
        return reverse(
            name,
            args=[make_task(kind="answers", patient=make_patient()).pk, make_plan().pk],
        )
    if name == "review:photo-file":
        return reverse(name, args=[1, "a.token"])
    if name in ("review:photo", "review:photo-hide"):
        return reverse(name, args=[1])
    if name.startswith("review:photo"):
        return reverse(name, args=[make_patient().pk])
    if name == "desk:patient-merge":
        return reverse(name, args=[make_patient().pk, make_patient().pk])
    if name == "desk:consent":
        return reverse(name, args=[make_consent().pk])
    if name == "desk:patient-file":
        return reverse(name, args=[make_file().pk])
    if name.startswith("desk:patient-") and name not in ABOUT_ALL_PATIENTS:
        return reverse(name, args=[make_patient().pk])
    if name in ("desk:patient", "desk:answers-record"):
        return reverse(name, args=[make_plan().patient_id])
    if name == "desk:plan-draft":
        return reverse(name, args=[make_plan().patient_id])
    if name.startswith("review:outcome-") or name == "review:outcome":
        return reverse(name, args=[make_plan().pk])
    if (
        "plan" in name
        or name == "desk:waiting-add"
        or ("series-" in name and name != "desk:series-list")
    ):
        return reverse(name, args=[make_plan().pk])
    return reverse(name)


def make_consent() -> Consent:
    return make_patient().consents.create(
        kind=ConsentKind.PHOTOS, is_given=True, words="Yes.", at=NOW
    )


def catalogue_address(name: str) -> str:
    code = make_protocol().treatment.code
    if name in ("review:catalogue-line", "review:catalogue-remove"):
        return reverse(name, args=[code, "facts", 1])
    if name == "review:catalogue-add":
        return reverse(name, args=[code, "facts"])
    return reverse(name, args=[code])


def setup_address(name: str) -> str:
    if name == "desk:setup-add":
        return reverse(name, args=["rooms"])
    if name == "desk:setup-device-sessions":
        return reverse(name, args=[make_device().pk])
    if name == "desk:setup-edit":
        return reverse(name, args=["rooms", make_room().pk])
    if name.startswith("desk:setup-hours"):
        return reverse(name, args=[make_room().pk])
    if name in ("desk:setup-closure", "desk:setup-closure-remove"):
        day = date(2030, 7, 1)
        facts = {"kind": "holiday", "name": "Retreat", "first_day": day}
        return reverse(name, args=[Closure.objects.create(**facts, last_day=day).pk])
    return reverse(name)


def test_every_staff_address_is_in_the_table():
    assert names() == set(MAY_PASS)


@pytest.mark.parametrize("role", [DESK, CLINICIAN, MANAGER, ""])
@pytest.mark.parametrize("name", sorted(MAY_PASS))
def test_a_role_passes_only_its_own_doors(name, role):
    place, client = address(name), signed_in(make_user(role))

    answers = {client.get(place).status_code, client.post(place).status_code}

    assert (403 not in answers) == (role in MAY_PASS[name])


@pytest.mark.parametrize("name", sorted(MAY_PASS))
def test_nobody_passes_without_signing_in(name):
    response = Client().get(address(name))

    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")
