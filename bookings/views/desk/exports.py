"""Lists of the desk as files: what is to do, who waits, messages, outages."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.models import Message, Outage, Patient, Task
from bookings.services import patients
from bookings.services.missing import outages
from bookings.services.waitlist.shown import Line
from bookings.templatetags.outbox import rule_name
from bookings.templatetags.weekdays import weekday_names
from clinic.sheets import csv_response
from clinic.views import current_user


def tasks(request: HttpRequest, rows: list[Task]) -> HttpResponse:
    """What is open on the to-do list."""
    _log(request, (row.patient for row in rows), "to-do list, file")
    head = (_("Kind"), _("To do"), _("Patient"), _("Phone"), _("Since"))
    return csv_response("to-do", head, (_task(row) for row in rows))


def waiting(request: HttpRequest, lines: list[Line]) -> HttpResponse:
    """Who waits for what."""
    _log(request, (line.entry.patient for line in lines), "waiting list, file")
    head = (
        _("Patient"),
        _("Phone"),
        _("Treatment"),
        _("Location"),
        _("Session"),
        _("First day"),
        _("Last day"),
        _("Days of the week"),
        _("Arrives from"),
        _("Arrives until"),
        _("Note"),
        _("Days waited"),
        _("Offered"),
    )
    return csv_response("waiting-list", head, (_line(line) for line in lines))


def messages(request: HttpRequest, rows: Iterable[Message]) -> HttpResponse:
    """Messages in one state or all; not their words."""
    found = list(rows)
    _log(request, (row.patient for row in found), "messages, file")
    head = (
        _("Due"),
        _("Patient"),
        _("Message"),
        _("By"),
        _("To"),
        _("State"),
        _("Sent"),
        _("Problem"),
    )
    return csv_response("messages", head, (_message(row) for row in found))


def outage_list(ahead: list[Outage], past: list[Outage]) -> HttpResponse:
    """Outages now and to come, then those that are over."""
    head = (_("What"), _("Location"), _("When"), _("Reason"), _("State"), _("To do"))
    coming = [_outage(row, _("Standing"), row.open_tasks) for row in ahead]  # type: ignore[attr-defined]
    over = [
        _outage(row, _("Over") if row.is_standing else _("Lifted"), "") for row in past
    ]
    return csv_response("outages", head, [*coming, *over])


def _log(request: HttpRequest, named: Iterable[Patient | None], what: str) -> None:
    """Remember whose names left the house: each once, in one statement."""
    seen = {person.pk: person for person in named if person}
    patients.log_accesses(current_user(request), seen.values(), what)


def _task(row: Task) -> tuple[Any, ...]:
    return (
        row.get_kind_display(),
        row.words,
        row.patient or "",
        _phone(row.patient),
        _moment(row.opened_at),
    )


def _line(line: Line) -> tuple[Any, ...]:
    entry, plan = line.entry, line.entry.plan
    return (
        entry.patient,
        _phone(entry.patient),
        plan.protocol.treatment.name,
        plan.location,
        entry.number or _("All without a time"),
        entry.first_day,
        entry.last_day,
        weekday_names(entry.weekdays),
        f"{entry.arrive_from:%H:%M}",
        f"{entry.arrive_until:%H:%M}",
        entry.note,
        line.days_waiting,
        f"{line.offer.local_start:%Y-%m-%d %H:%M}" if line.offer else "",
    )


def _message(row: Message) -> tuple[Any, ...]:
    return (
        f"{row.due_at.astimezone(row.zone):%Y-%m-%d %H:%M}",
        row.patient,
        rule_name(row),
        row.get_channel_display(),
        row.recipient,
        row.get_status_display(),
        f"{row.sent_at.astimezone(row.zone):%Y-%m-%d %H:%M}" if row.sent_at else "",
        row.problem,
    )


def _outage(row: Outage, state: str, tasks: object) -> tuple[Any, ...]:
    return (
        outages.missing(row),
        row.resource.location,
        outages.when(row),
        row.reason,
        state,
        tasks,
    )


def _phone(patient: Patient | None) -> str:
    return str(patient.phone.as_national) if patient and patient.phone else ""


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
