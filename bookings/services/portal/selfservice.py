"""Patients change their own visits: through the engine and the services of the desk.

Each act locks, looks at the clinic's policy again, and lets the desk's own service do
the rest: claims, windows, tasks, messages with their grace. The history names the
patient's account and says that it was the patient. What the desk reads of it is
written in the desk's language, whatever language the page was in.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pghistory
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from bookings.models import Appointment, AppointmentKind, AppointmentStatus, Patient
from bookings.services import patients
from bookings.services.appointing import talks
from bookings.services.moves import changes, moving, standing
from bookings.services.portal import policy
from bookings.services.portal.accounts import account_of
from bookings.services.portal.policy import NotAlone
from bookings.services.refusals import BookingRefused
from bookings.services.steps import BY_PATIENT
from clinic.models import User

LONGEST_REASON = 150  # characters of what a patient writes beside a cancellation


class Changed(BookingRefused):
    """The visit is not what it was on the page; the page has to be read again."""


class Lost(BookingRefused):
    """The time that was chosen cannot be had any more; another has to be chosen."""


@contextmanager
def acting(patient: Patient, **facts: Any) -> Iterator[User]:
    """One transaction in which `patient` acts; the account that stands for them.

    `facts` are kept in the history beside what changes.
    """
    with translation.override(settings.LANGUAGE_CODE), transaction.atomic():
        patients.hold(patient.pk)
        actor = account_of(patient)
        with pghistory.context(user=actor.pk, **{BY_PATIENT: True}, **facts):
            yield actor


def confirm(visit: Appointment, *, version: int, now: datetime) -> Appointment:
    """The patient says to come. Twice is once; raises Changed or NotAlone."""
    with _in_patients_words(), acting(visit.patient) as actor:
        row = _locked(visit, version)
        if row.status == AppointmentStatus.CONFIRMED and row.starts_at > now:
            return row
        if bar := policy.against_confirming(row, now=now):
            raise NotAlone(bar)
        return changes.confirm(row, actor=actor, now=now)


def cancel(
    visit: Appointment, *, version: int, now: datetime, why: str = ""
) -> Appointment:
    """The patient gives the time back. Twice is once; raises Changed or NotAlone."""
    with _in_patients_words(), acting(visit.patient) as actor:
        row = _locked(visit, None)
        if row.status == AppointmentStatus.CANCELLED:
            return row
        _judge_version(row, version)
        if bar := policy.against_cancelling(row, now=now):
            raise NotAlone(bar)
        return changes.cancel(row, reason=_reason(why), actor=actor, now=now)


def move(visit: Appointment, sealed: Mapping[str, Any], *, now: datetime) -> None:
    """Move it where `sealed` (of `proposed.Proposed`) says, with all that follows.

    All of it or nothing. Twice is once; raises Changed, Lost or NotAlone.
    """
    about = {policy.MOVED: visit.pk}
    with _in_patients_words(), acting(visit.patient, **about) as actor:
        row = _locked(visit, None)
        if sealed["visit"] != row.pk:
            raise Changed(_("This page was about another visit."))
        if row.is_live and row.starts_at == datetime.fromisoformat(sealed["start"]):
            return
        _judge_version(row, sealed["version"])
        if bar := policy.against_moving(row, now=now):
            raise NotAlone(bar)
        _move(row, sealed, actor, now)


def _move(
    row: Appointment, sealed: Mapping[str, Any], actor: User, now: datetime
) -> None:
    why = _("Moved by the patient")
    if row.plan is not None and row.kind == AppointmentKind.SESSION:
        moving.accept(row.plan, sealed["moves"], actor=actor, now=now, why=why)
        return
    talks.move(
        row,
        datetime.fromisoformat(sealed["start"]),
        practitioner=sealed["practitioner"],
        room=sealed["room"],
        actor=actor,
        now=now,
        version=row.version,
        why=why,
    )


def _locked(visit: Appointment, version: int | None) -> Appointment:
    """The row as it is now, with patient and plan held; raises Changed."""
    row = standing.lock(visit, list(AppointmentStatus), None)
    if version is not None:
        _judge_version(row, version)
    return row


def _judge_version(row: Appointment, version: int) -> None:
    if row.version != version:
        raise Changed("")


@contextmanager
def _in_patients_words() -> Iterator[None]:
    """Let what the desk's services refuse be said as a patient has to hear it."""
    try:
        yield
    except NotAlone as refused:
        raise NotAlone(refused.bar) from refused  # in the language of the page
    except Changed as refused:
        raise Changed(
            _("Your visit has changed since this page was opened. Look at it again.")
        ) from refused
    except BookingRefused as refused:
        raise Lost(
            _("That time has just been taken. Nothing was changed.")
        ) from refused


def _reason(why: str) -> str:
    said = " ".join(why.split())[:LONGEST_REASON]
    if not said:
        return _("Cancelled by the patient")
    return _("Cancelled by the patient: %(why)s") % {"why": said}
