"""Booking one visit: one page, all of it in the address but the words one types last."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings.forms.booking import BookForm, SlotForm, SomebodyNewForm, names_in
from bookings.models import Appointment, ConsultationRequest, Patient
from bookings.services import finding, patients
from bookings.services.appointing import drafts, single, talks
from bookings.services.appointing.drafts import Draft, Look
from bookings.services.appointing.soonest import Place
from bookings.services.refusals import BookingRefused
from clinic.models import Location
from clinic.views import current_user

PEOPLE = "booking-people"  # where htmx puts the people found
SLOT = ("date", "time", "practitioner", "room")


@dataclass(frozen=True, slots=True)
class Asked:
    """What one address asks for: rows, the visit as far as it goes, what may be chosen."""

    query: QueryDict
    places: list[Location]
    patient: Patient | None
    request: ConsultationRequest | None
    options: list[drafts.Option]
    form: SlotForm
    draft: Draft
    now: datetime

    def with_changes(self, **changes: Any) -> str:
        """The address with some of its parts changed; None leaves one out."""
        query = self.query.copy()
        for name, value in changes.items():
            query.pop(name, None)
            if value is not None:
                query[name] = str(value)
        return query.urlencode()

    @property
    def for_somebody_new(self) -> str:
        """The address with room for somebody new, the words of the search kept."""
        return self.with_changes(new="1")

    @property
    def for_a_search(self) -> str:
        """The address that looks for somebody known."""
        return self.with_changes(new=None)

    @property
    def between(self) -> list[BoundField]:
        """The first and the last arrival to look for."""
        return [self.form["arrive_from"], self.form["arrive_until"]]

    def at(self, place: Place) -> str:
        """The address that asks for a place as it was offered, for what is chosen."""
        return self.with_changes(
            location=self.draft.location.slug,
            date=f"{place.local_start:%Y-%m-%d}",
            time=f"{place.local_start:%H:%M}",
            practitioner=place.practitioner,
            room=place.room,
            what=self.draft.option.value,
        )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("bookings.add_appointment", raise_exception=True)
def book(request: HttpRequest) -> HttpResponse:
    """Arrange a visit, then book it; whatever the address says is kept on the way."""
    if request.headers.get("HX-Target") == PEOPLE:
        return _people(request)
    asked = _asked(request)
    if asked is None:
        return render(request, "desk/day_empty.html")
    if request.method == "POST" and "add" in request.POST:
        return _add(request, asked)
    if request.method == "POST":
        return _book(request, asked)
    return _page(request, asked)


def _asked(request: HttpRequest) -> Asked | None:
    """Read the address; None where there is no place to book anything at."""
    query, now = request.GET, timezone.now()
    places = list(Location.objects.filter(is_active=True))
    wanted = _request(query)
    patient = wanted.patient if wanted else _patient(query)
    options = drafts.options(patient, now=now)
    default = "" if query.get("kind") or not wanted else "consultation"
    names = (query.get("what", ""), query.get("kind", default), query.get("plan", ""))
    option = drafts.chosen(options, *names)
    place = _place_of(query, places, option, patient, wanted)
    if place is None:
        return None
    form = SlotForm(_slot(query, wanted), place)
    draft = _draft(form, place, option, patient, now)
    return Asked(query, places, patient, wanted, options, form, draft, now)


def _draft(
    form: SlotForm,
    place: Location,
    option: drafts.Option,
    patient: Patient | None,
    now: datetime,
) -> Draft:
    form.full_clean()
    today = now.astimezone(place.zone).date()
    return Draft(
        location=place,
        option=option,
        first=max(form.cleaned_data.get("date") or today, today),
        start=form.start() if form.is_valid() else None,
        patient=patient,
        practitioner=form.chosen("practitioner"),
        room=form.chosen("room"),
        weekdays=form.weekdays(),
        arrive_between=form.arrive_between(),
    )


def _slot(query: QueryDict, wanted: ConsultationRequest | None) -> QueryDict:
    """The slot asked for, with the doctor whom a request names unless another is."""
    if wanted is None or wanted.doctor_id is None or "practitioner" in query:
        return query
    named = query.copy()
    named["practitioner"] = str(wanted.doctor_id)
    return named


def _request(query: QueryDict) -> ConsultationRequest | None:
    rows = ConsultationRequest.objects.select_related("patient__location", "location")
    return rows.filter(pk=_key(query.get("request", ""))).first()


def _patient(query: QueryDict) -> Patient | None:
    """The patient of the address; for a merged record, the one it is part of."""
    rows = Patient.objects.select_related("location", "merged_into__location")
    found = rows.filter(pk=_key(query.get("patient", ""))).first()
    return (found.merged_into or found) if found else None


def _place_of(
    query: QueryDict,
    places: list[Location],
    option: drafts.Option,
    patient: Patient | None,
    wanted: ConsultationRequest | None,
) -> Location | None:
    """Where: a session is where its plan is, all else where it is asked for."""
    if option.plan and option.number:
        return option.plan.location
    named = [place for place in places if place.slug == query.get("location")]
    usual = {wanted and wanted.location_id, patient and patient.location_id}
    near = [place for place in places if place.pk in usual]
    return next(iter([*named, *near, *places]), None)


def _page(
    request: HttpRequest,
    asked: Asked,
    *,
    refusal: str = "",
    book: BookForm | None = None,
    somebody: SomebodyNewForm | None = None,
    known: list[Patient] | None = None,
) -> HttpResponse:
    """The page with every input kept; 422 where it has to say no."""
    if asked.patient:
        patients.log_access(current_user(request), asked.patient, "booking")
    context = {
        **_facts(request, asked, _look(asked, refusal)),
        "refusal": refusal,
        "book": book or BookForm(initial={"key": uuid4()}),
        "somebody": somebody or _somebody(asked),
        "known": _with_addresses(asked, known or []),
        "found": _found(request, asked),
    }
    broken = refusal or asked.form.errors or somebody
    status = 422 if broken else 200
    return render(request, "desk/booking.html", context, status=status)


def _look(asked: Asked, refusal: str) -> Look:
    """What the diary says; beside a refusal the nearest times at any rate."""
    seen, start = drafts.look(asked.draft, now=asked.now), asked.draft.start
    if refusal and start and not seen.places:
        drafts.near(seen, asked.draft, start, now=asked.now)
    return seen


def _with_addresses(asked: Asked, known: list[Patient]) -> list[tuple[Patient, str]]:
    """People who may be the one meant, each with the address that goes on with them."""
    return [
        (one, asked.with_changes(patient=one.pk, new=None, q=None)) for one in known
    ]


def _facts(request: HttpRequest, asked: Asked, seen: Look) -> dict[str, Any]:
    """What the page shows of the draft, and the addresses that change it."""
    draft, what = asked.draft, asked.draft.option.value
    shown = asked.at(seen.place) if seen.place else asked.with_changes(what=what)
    return {
        "asked": asked,
        "draft": draft,
        "form": asked.form,
        "patient": asked.patient,
        "age": asked.patient and asked.patient.age_on(asked.now.date()),
        "seen": seen,
        "days": [
            (day, [(place, asked.at(place)) for place in places])
            for day, places in seen.days
        ],
        "ready": bool(asked.patient and seen.can_be_booked),
        "action": f"{reverse('desk:book')}?{shown}",
        "without_time": asked.with_changes(**dict.fromkeys(SLOT[1:])),
        "without_patient": asked.with_changes(patient=None, request=None, what=None),
        "series_query": drafts.series_query(draft),
        "kept": _carried(asked.query, only=("patient", "request")),
        "carried": _carried(asked.query, without=("q", "new")),
        "leads": request.headers.get("HX-Trigger") != "slot",
    }


def _carried(
    query: QueryDict, *, only: Collection[str] = (), without: Collection[str] = ()
) -> list[tuple[str, str]]:
    """What a form of its own carries on of the address."""
    return [
        (name, value)
        for name, values in query.lists()
        for value in values
        if value and name not in without and (not only or name in only)
    ]


def _found(request: HttpRequest, asked: Asked) -> list[tuple[finding.Person, str]]:
    """The people who match the words, or whom one opened last, each with its address."""
    if asked.patient:
        return []
    words = asked.query.get("q", "")
    found = finding.find(words, user=current_user(request), now=asked.now)
    return [
        (one, asked.with_changes(patient=one.patient.pk, q=None, new=None))
        for one in found.people
    ]


def _people(request: HttpRequest) -> HttpResponse:
    """The people found alone, for htmx while one types."""
    asked = _asked(request)
    found = _found(request, asked) if asked else []
    context = {"asked": asked, "found": found}
    return render(request, "desk/_booking_people.html", context)


def _somebody(asked: Asked) -> SomebodyNewForm | None:
    """The fields for somebody new, where the address asks for them."""
    if "new" not in asked.query or asked.patient:
        return None
    return SomebodyNewForm(initial=names_in(asked.query.get("q", "")))


def _add(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Add somebody new and go on with the booking; likely duplicates are shown first."""
    form, known = SomebodyNewForm(request.POST), []
    if form.is_valid():
        known = [] if form.cleaned_data["is_someone_new"] else form.alike()
        if not known and (person := _added(request, form, asked)):
            query = asked.with_changes(patient=person.pk, new=None, q=None)
            return redirect(f"{reverse('desk:book')}?{query}")
    return _page(request, asked, somebody=form, known=known)


def _added(request: HttpRequest, form: SomebodyNewForm, asked: Asked) -> Patient | None:
    try:
        return patients.add(
            **form.facts(),
            location=asked.draft.location,
            actor=current_user(request),
            now=asked.now,
        )
    except BookingRefused as refused:
        form.add_error(None, str(refused))
        return None


def _book(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Book the visit of the address, or say why not and offer the nearest times."""
    form = BookForm(request.POST)
    try:
        if not form.is_valid():
            raise BookingRefused(_("Look at the fields below and try again."))
        row = _booked(request, asked, form)
    except BookingRefused as refused:
        fresh = BookForm({**request.POST.dict(), "key": str(uuid4())})
        return _page(request, asked, refusal=str(refused), book=fresh)
    messages.success(request, _said(row, asked.now))
    return redirect(_in_the_diary(row))


def _in_the_diary(row: Appointment) -> str:
    """The day of the visit with its drawer open."""
    where: dict[str, str | int] = {
        "date": row.local_date.isoformat(),
        "location": row.location.slug,
        "open": row.pk,
    }
    return f"{reverse('desk:day')}?{urlencode(where)}"


def _booked(request: HttpRequest, asked: Asked, form: BookForm) -> Appointment:
    """Book what the page showed; the same submit again is what it booked before."""
    draft, given = asked.draft, form.cleaned_data
    if draft.patient is None:
        raise BookingRefused(_("Say who comes first."))
    if before := drafts.booked_before(draft.patient, given["key"]):
        return before
    _judge_asked(asked)
    about: dict[str, Any] = {
        "key": given["key"],
        "actor": current_user(request),
        "now": asked.now,
        "note": given["note"],
    }
    option, start = draft.option, draft.start
    if start is None:
        raise BookingRefused(_("Choose a day and a time first."))
    if option.plan and option.number:
        about |= {"practitioner": draft.practitioner, "room": draft.room}
        return single.book(option.plan, option.number, start, **about)
    talk = draft.talk(draft.patient, drafts.as_asked(draft, start, now=asked.now))
    about |= {"reason": given["reason"], "request": asked.request}
    return talks.book(talk, **about)


def _judge_asked(asked: Asked) -> None:
    """Refuse where what was chosen can no longer be had: never book something else."""
    named = asked.query.get("what", "")
    if named and named != asked.draft.option.value:
        raise BookingRefused(_("That is booked already. Choose again what it is for."))


def _said(row: Appointment, now: datetime) -> str:
    """What was booked, its code, and what of its plan still has no time."""
    words = _("Booked: %(patient)s, %(when)s. Code %(code)s.") % {
        "patient": row.patient,
        "when": date_format(row.local_start, "D j M, H:i"),
        "code": row.code,
    }
    left = single.left_words(row.plan, now=now) if row.plan and row.number else ""
    return f"{words} {left}".strip()


def _key(text: str) -> int:
    """A primary key as an address has it; 0, which nobody has, for anything else."""
    is_key = text.isascii() and text.isdigit() and len(text) < 10
    return int(text) if is_key else 0
