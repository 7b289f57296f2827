"""A plan that can be signed for, and its patient at the keyboard."""

from datetime import timedelta

from django.test import Client

from bookings.models import PlanStatus
from bookings.services.consenting import signing, wording
from bookings.services.portal import accounts
from bookings.tests.factories import (
    NOW,
    draft_protocol,
    make_area,
    make_patient,
    make_plan,
    make_treatment,
    make_user,
)
from treatments.models import EffectKind, Modality, ProtocolEffect, ProtocolFact

EARLIER = NOW - timedelta(days=365)  # before any clock of a view

EFFECTS = (
    ("redness", EffectKind.RECOVERY, "Your skin is pink for a day."),
    ("flaking", EffectKind.POSSIBLE, "Light flaking or dryness."),
    ("scabs", EffectKind.RARE, "Small scabs."),
    ("infection", EffectKind.VERY_RARE, "An infection."),
    ("alarm", EffectKind.URGENT, "Pus or fever."),
)


def make_full_protocol(**fields):
    """A published protocol with effects of every kind, and an alternative."""
    protocol = draft_protocol(**fields)
    for code, kind, text in EFFECTS:
        ProtocolEffect.objects.create(
            protocol=protocol, code=code, kind=kind, text=text, source="S2"
        )
    ProtocolFact.objects.create(
        protocol=protocol, code="alternatives", text="A peel may do.", source="S2"
    )
    protocol.published_at = NOW - timedelta(days=100)
    protocol.save(update_fields=["published_at"])
    return protocol


def make_signable(**fields):
    """A plan that a clinician has signed and the patient has not."""
    fields.setdefault("patient", None)
    fields["patient"] = fields["patient"] or make_patient(
        first_name="Zoé", last_name="Côté-Roy", email="zoe@example.org"
    )
    treatment = fields.pop("treatment", None) or make_needling()
    fields.setdefault("protocol", None)
    fields["protocol"] = fields["protocol"] or make_full_protocol(treatment=treatment)
    facts = {
        "status": PlanStatus.APPROVED,
        "reviewed_by": make_user(first_name="Adaeze", last_name="Okafor"),
        "reviewed_at": NOW - timedelta(days=3),
        "areas": [make_area(name="Neck")],
    }
    return make_plan(**facts | fields)


def make_needling(name="Medical microneedling"):
    treatment = make_treatment(name=name, summary="Fine sterile needles.")
    part = Modality.objects.create(
        code=f"part-{treatment.pk}", name="Needling", summary="Tiny channels."
    )
    treatment.modalities.add(part)
    return treatment


def at_the_keyboard(patient):
    """A browser signed in as `patient`."""
    client = Client()
    client.force_login(accounts.account_of(patient))
    return client


def address_of(plan, prefix=""):
    return f"{prefix}/my/consents/treatment/?plan={plan.pk}"


def shown(response):
    """The words on the page, one after the other."""
    return " ".join(response.content.decode().split())


def lines_of(text):
    """What a page shows of kept words: each line, without the dash of a list."""
    lines = (line.removeprefix("– ") for line in text.splitlines() if line)
    return [" ".join(line.split()) for line in lines]


def filled(plan, language="en", **fields):
    """What the form sends for `plan`, read and signed."""
    words = wording.for_plan(plan, language)
    return {
        "digest": words.digest,
        "has_read": "on",
        "name": str(plan.patient),
    } | fields


def signed(plan, language="en", *, now=EARLIER, **fields):
    """The patient's signature, given as the portal gives it."""
    words = wording.for_plan(plan, language)
    facts = {"digest": words.digest, "language": language, "name": str(plan.patient)}
    signature = signing.Signature(**facts | fields)
    actor = accounts.account_of(plan.patient)
    return signing.sign(plan, signature, actor=actor, now=now)
