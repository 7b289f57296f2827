"""Somebody asks for a consultation on the site, for tests of what comes of it."""

from html import unescape
from typing import Any

from django.http import HttpResponse
from django.test import Client

from bookings.services.enquiries import traps
from bookings.tests.factories import make_protocol, make_treatment
from treatments.models import BodyArea, Concern

WHY = {"concerns": ["acne-scars"], "areas": ["face"], "treatment": "", "words": "Hello"}
YOU = {
    "first_name": "Noémie",
    "last_name": "Gagnon",
    "email": "noemie.gagnon@example.org",
    "phone": "613-555-0177",
    "birth_date_day": "4",
    "birth_date_month": "5",
    "birth_date_year": "1990",
    "language": "en",
    "pronouns": "",
}
RULES = {
    "isotretinoin": {
        "kind": "wait",
        "answer_kind": "yes-no-date",
        "date_text": "When was your last capsule?",
        "wait_amount": 3,
        "wait_unit": "months",
        "reason": "Last taken on {date}: not before {until}.",
    },
    "pregnancy": {"kind": "defer"},
    "keloid": {"kind": "exclude"},
    "cold-sores": {"kind": "decide"},
}
MORE = {"prp": {"blood-thinner": "decide"}, "rf": {"rf-implant": "exclude"}}
"""Rules of every treatment, and of each that has more."""

QUESTIONS = (*RULES, "blood-thinner", "rf-implant")
HEALTH = {f"q-{code}": "no" for code in QUESTIONS}
WHEN = {"location": "any", "contact": "on"}
STEPS = {"why": WHY, "you": YOU, "health": HEALTH, "when": WHEN}


def make_catalogue() -> None:
    """Three treatments that share four questions; two of them have one more."""
    concerns = [
        Concern.objects.create(code=code, name=code.capitalize())
        for code in ("acne-scars", "wrinkles")
    ]
    area = BodyArea.objects.create(code="face", name="Face")
    for more in ("", "prp", "rf"):
        code = f"microneedling-{more}".rstrip("-")
        treatment = make_treatment(code=code, name=code.capitalize())
        treatment.concerns.set(concerns)
        treatment.areas.set([area])
        own = {code: {"kind": kind} for code, kind in MORE.get(more, {}).items()}
        rules = [_rule(code, **facts) for code, facts in (RULES | own).items()]
        make_protocol(treatment=treatment, rules=rules)


def _rule(code: str, **facts: Any) -> dict[str, Any]:
    words = {"question_text": f"About {code}?", "reason": f"Because of {code}."}
    return {"code": code, "question": code, **words, **facts}


class Asker:
    """A browser on the four steps; `pre` is the language's part of the address."""

    def __init__(self, pre: str = "", **extra: Any) -> None:
        self.client = Client()
        self.pre, self.extra = pre, extra
        self.clock = ""

    def get(self, step: str) -> HttpResponse:
        page = self.client.get(f"{self.pre}/request/{step}/", **self.extra)
        if b'name="since"' in page.content:
            part = page.content.decode().partition('name="since" value="')[2]
            self.clock = unescape(part.partition('"')[0])
        return page

    def post(self, step: str, said: Any = None, **more: Any) -> HttpResponse:
        body = {traps.CLOCK: self.clock, **(STEPS[step] if said is None else said)}
        address = f"{self.pre}/request/{step}/"
        return self.client.post(address, body | more, **self.extra)

    def up_to(self, last: str, **said: Any) -> "Asker":
        """Fill in the steps before `last`."""
        self.get("why")
        for step in STEPS:
            if step == last:
                break
            assert self.post(step, said.get(step)).status_code == 302
        return self

    def send(self, **said: Any) -> HttpResponse:
        self.up_to("when", **said)
        return self.post("when", said.get("when"))

    def text(self, step: str) -> str:
        return unescape(self.get(step).content.decode())
