"""Asking for a consultation, in four short steps.

A step is one address and one form: whatever button is pressed, what was typed is kept
first. Nothing is looked up about the person who types.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_http_methods,
    require_safe,
)

from bookings.forms.public.steps import Steps
from bookings.services.enquiries import draft as drafts
from bookings.services.enquiries import sending, traps, wanting
from bookings.services.enquiries.draft import STEPS, Draft
from bookings.views.public import limits
from bookings.views.public.step_pages import step_page

NOT_TYPED = ("csrfmiddlewaretoken", traps.CLOCK, traps.HONEYPOT, "go", "seen")
MOVES = ("back", "save", "language", "look")


@dataclass(slots=True)
class Visit:
    """Somebody at one step: the request, the step, the draft and its forms."""

    request: HttpRequest
    step: str
    draft: Draft
    steps: Steps
    now: datetime

    def keep(self) -> None:
        """Keep the draft as it is now."""
        drafts.keep(self.request.session, self.draft)


@require_safe
@login_not_required
@never_cache
def start(request: HttpRequest) -> HttpResponse:
    """Begin, or go on where one left off; the address may say what is wanted."""
    visit = _visit(request, "")
    asked = {name: request.GET.get(name, "") for name in wanting.NAMES}
    if wanting.take_in(visit.draft, asked):
        visit.keep()
        return redirect("public:request-step", "why")
    return redirect("public:request-step", visit.steps.first_open())


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@never_cache
def step(request: HttpRequest, step: str) -> HttpResponse:
    """One of the four steps: shown, kept, judged, and at the end sent."""
    if step not in STEPS:
        raise Http404
    if request.method == "POST":
        return _posted(request, step)
    visit = _visit(request, step)
    first = visit.steps.first_open(step)
    if first != step:
        return redirect("public:request-step", first)
    return _page(visit)


@require_safe
@login_not_required
@never_cache
def sent(request: HttpRequest) -> HttpResponse:
    """What happens next; of whoever has sent nothing, the first step."""
    code = drafts.last_code(request.session)
    if not code:
        return redirect("public:request")
    return render(request, "public/request_sent.html", {"code": code})


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@never_cache
def saved(request: HttpRequest) -> HttpResponse:
    """Where to go on later, and how to have everything forgotten."""
    if request.method == "POST":
        drafts.erase(request.session)
        return redirect("public:request-saved")
    is_begun = drafts.is_begun(request.session)
    return render(request, "public/request_saved.html", {"is_begun": is_begun})


def _visit(request: HttpRequest, step: str) -> Visit:
    now = timezone.now()
    begun = traps.begun(request.POST.get(traps.CLOCK, ""))
    draft = drafts.opened(request.session, begun, now=now)
    steps = Steps(draft, timezone.localdate(now), get_language() or "en")
    return Visit(request, step, draft, steps, now)


def _posted(request: HttpRequest, step: str) -> HttpResponse:
    """Keep what was typed, then do what the button says."""
    key, _since = traps.begun(request.POST.get(traps.CLOCK, ""))
    if drafts.code_sent(request.session, key):
        return redirect("public:request-sent")  # sent before: the same page again
    visit = _visit(request, step)
    said = {n: v for n, v in request.POST.lists() if n not in NOT_TYPED}
    visit.draft.keep(step, said)
    visit.draft.is_caught |= bool(request.POST.get(traps.HONEYPOT))
    go = request.POST.get("go", "")
    if go in MOVES:
        return _moved(visit, go)
    return _judged(visit)


def _moved(visit: Visit, go: str) -> HttpResponse:
    """Leave the step, or only look at it, without a judgement on what was typed."""
    if go == "look":  # nothing is kept: it may overtake the button that keeps
        return _page(visit)
    visit.keep()
    if go == "save":
        return redirect("public:request-saved")
    if go == "language":
        with override("en" if get_language() == "fr" else "fr"):
            return redirect("public:request-step", visit.step)
    at = STEPS.index(visit.step)
    return redirect("public:request-step", STEPS[at - 1]) if at else _home()


def _home() -> HttpResponse:
    return redirect("public:home")


def _judged(visit: Visit) -> HttpResponse:
    """On to the next step, or back to what is not right yet."""
    form = visit.steps.form(visit.step)
    if not form.is_valid():
        visit.keep()
        form.tells = True
        return _page(visit, status=422)
    if visit.step == "health" and _has_news(visit):
        visit.keep()
        return redirect(f"{reverse('public:request-step', args=['health'])}?read=1")
    visit.draft.accept(visit.step)
    visit.keep()
    if visit.step != STEPS[-1]:
        return redirect("public:request-step", STEPS[STEPS.index(visit.step) + 1])
    return _last(visit)


def _has_news(visit: Visit) -> bool:
    """Whether an answer means something that was not on the page yet."""
    seen = visit.request.POST.getlist("seen")
    return any(card.sign not in seen for card in visit.steps.cards().values())


def _last(visit: Visit) -> HttpResponse:
    """Send it, where all four steps are right."""
    first = visit.steps.first_open(STEPS[-1])
    if first != STEPS[-1]:
        return redirect("public:request-step", first)
    request = visit.request
    clock = request.POST.get(traps.CLOCK, "")
    honeypot = "filled" if visit.draft.is_caught else ""
    if traps.is_machine(honeypot, clock, now=visit.now):
        code = sending.next_code()
    elif limits.is_too_often(request, visit.steps.you.cleaned_data["email"]):
        return _page(visit, status=429, is_too_often=True)
    else:
        key = visit.draft.key
        row = sending.send(visit.steps.enquiry(), key=key, now=visit.now)
        code = sending.code_of(row)
    drafts.sent(request.session, visit.draft, code)
    return redirect("public:request-sent")


def _page(visit: Visit, status: int = 200, **context: object) -> HttpResponse:
    context |= {
        "is_to_read": "read" in visit.request.GET,
        "clock": traps.clock(visit.draft.key, visit.draft.since),
    }
    return step_page(visit.request, visit.step, visit.steps, status, **context)
