"""One step of a request as a page: its words, its form, how far one has come."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings.forms.public.steps import Steps
from bookings.services.enquiries.draft import STEPS
from bookings.services.enquiries.traps import HONEYPOT


@dataclass(frozen=True, slots=True)
class StepWords:
    """The heading of a step and the line under it."""

    title: Promise
    lead: Promise


WORDS = {
    "why": StepWords(
        _("What brings you"), _("Choose what fits. You can choose several.")
    ),
    "you": StepWords(_("About you"), _("So we know who you are and can answer you.")),
    "health": StepWords(
        _("Your health"), _("A few questions, so we treat you safely.")
    ),
    "when": StepWords(
        _("When and where"), _("Tell us what suits you. Nothing is booked yet.")
    ),
}


def step_page(
    request: HttpRequest, step: str, steps: Steps, status: int, **context: Any
) -> HttpResponse:
    """The page of `step`, with what was typed in it so far."""
    number = STEPS.index(step) + 1
    context |= {
        "step": step,
        "words": WORDS[step],
        "number": number,
        "steps": range(1, len(STEPS) + 1),
        "count": len(STEPS),
        "minutes": len(STEPS) + 1 - number,
        "form": steps.form(step),
        "honeypot": HONEYPOT,
    }
    if step == "health":
        context["asked"] = list(steps.health.asked(steps.cards()))
    return render(request, f"public/request_{step}.html", context, status=status)
