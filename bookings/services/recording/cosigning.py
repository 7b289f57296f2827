"""The second signature: dermal work by somebody who may not supervise it (source: S1)."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import RecordCosign, SessionRecord, Task, TaskKind
from bookings.services import patients, todo
from bookings.services.moves import standing
from bookings.services.recording import needs
from bookings.services.refusals import BookingRefused
from clinic.models import User

COSIGN = "bookings.cosign_sessionrecord"


def ask(record: SessionRecord, *, actor: User, now: datetime) -> None:
    """Ask for the co-signature that this version needs, and no more for older ones."""
    session = record.appointment
    before = Task.objects.filter(kind=TaskKind.COSIGN, appointment=session)
    todo.close(before, actor=actor, now=now)
    if record.needs_cosignature:
        todo.open_task(
            TaskKind.COSIGN,
            str(record.pk),
            _words(record),
            now=now,
            patient=session.patient,
            plan=session.plan,
            appointment=session,
        )


def _words(record: SessionRecord) -> str:
    told = {
        "patient": record.appointment.patient,
        "number": record.appointment.number,
        "day": date_format(record.appointment.anchor_date, "D j M Y"),
        "who": record.signed_by,
        "doctor": record.supervisor,
    }
    if record.supervisor:
        said = _(
            "%(patient)s: session %(number)s on %(day)s, recorded by %(who)s, waits "
            "for the co-signature of %(doctor)s."
        )
    else:
        said = _(
            "%(patient)s: session %(number)s on %(day)s, recorded by %(who)s, waits "
            "for a doctor’s co-signature."
        )
    return said % told


def may(user: User) -> bool:
    """Whether `user` may co-sign records at all."""
    return user.has_perm(COSIGN) and needs.may_supervise(user)


@transaction.atomic
def cosign(record: SessionRecord, *, actor: User, now: datetime) -> RecordCosign:
    """Sign under the newest version of a record as the supervising doctor, or refuse."""
    session = record.appointment
    if session.plan:
        standing.hold(session.plan)
    judge(record, actor)
    try:
        with transaction.atomic():
            signed = RecordCosign.objects.create(record=record, by=actor, at=now)
    except IntegrityError:
        raise BookingRefused(_("A colleague has co-signed it already.")) from None
    tasks = Task.objects.filter(kind=TaskKind.COSIGN, appointment=session)
    todo.close(tasks, actor=actor, now=now)
    patients.log_access(actor, session.patient, "session record co-signed")
    return signed


def judge(record: SessionRecord, actor: User) -> None:
    """Refuse a signature that is not asked for, or not this person's to give."""
    if SessionRecord.objects.filter(replaces=record).exists():
        raise BookingRefused(
            _("The record was amended since. Read the newest version and sign that.")
        )
    if not record.needs_cosignature:
        raise BookingRefused(_("This record needs no second signature."))
    if record.signed_by_id == actor.pk:
        raise BookingRefused(_("Nobody co-signs what they have signed themselves."))
    if not may(actor):
        raise BookingRefused(_("A doctor who may supervise dermal work co-signs it."))
    if RecordCosign.objects.filter(record=record).exists():
        raise BookingRefused(_("A colleague has co-signed it already."))
