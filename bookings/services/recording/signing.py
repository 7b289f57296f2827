"""Signing what was done: the session is done with it, and the record is locked.

One transaction: the session's end, which the next window counts from; the record; the
co-signature it asks for. An amendment is another version that says why.
"""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentStatus,
    SessionRecord,
    Task,
    TaskKind,
    TreatedArea,
    TreatmentPlan,
    UsedProduct,
)
from bookings.services import patients, series, todo
from bookings.services.moves import changes, standing
from bookings.services.recording import cosigning, drafts, limits, needs
from bookings.services.recording.drafts import Page
from bookings.services.recording.limits import Beyond
from bookings.services.recording.reading import RECORDABLE
from bookings.services.recording.values import Contents
from bookings.services.refusals import BookingRefused
from clinic.models import User

ADD = "bookings.add_sessionrecord"


@transaction.atomic
def sign(
    session: Appointment, contents: Contents, page: Page, *, actor: User, now: datetime
) -> SessionRecord:
    """Sign the first record of `session` and note that it is done, or refuse both."""
    _judge_right(actor)
    row = standing.lock(session, RECORDABLE, None)
    drafts.judge_base(row, page)
    drafts.judge_seen(row, page)
    return _write(row, contents, None, "", actor=actor, now=now)


@transaction.atomic
def amend(
    session: Appointment,
    contents: Contents,
    page: Page,
    *,
    why: str,
    actor: User,
    now: datetime,
) -> SessionRecord:
    """Sign another version of a record with the reason; the one before it stays."""
    _judge_right(actor)
    row = standing.lock(session, RECORDABLE, None)
    before = drafts.judge_base(row, page)
    drafts.judge_seen(row, page)
    if before is None:
        raise BookingRefused(_("Nothing is signed yet that could be amended."))
    if not why.strip():
        raise BookingRefused(_("Say why: the reason stays in the record."))
    return _write(row, contents, before, why.strip(), actor=actor, now=now)


def _judge_right(actor: User) -> None:
    if not actor.has_perm(ADD):
        raise BookingRefused(_("Session records are signed by clinicians."))


def _write(
    row: Appointment,
    contents: Contents,
    before: SessionRecord | None,
    why: str,
    *,
    actor: User,
    now: datetime,
) -> SessionRecord:
    plan: TreatmentPlan = row.plan  # type: ignore[assignment]
    known = before.supervisor_id if before else None
    outside = limits.judge(plan, contents, actor=actor, known=known)
    row = _set_done(row, contents, actor=actor, now=now)
    record = _new(row, contents, before, outside)
    record.why_amended, record.signed_by, record.signed_at = why, actor, now
    record.needs_cosignature = needs.is_dermal(
        plan, contents
    ) and not needs.may_supervise(actor)
    _save(record, contents)
    drafts.drop(row)
    _settle_tasks(record, actor, now)
    patients.log_access(actor, row.patient, "session record signed")
    return record


def _new(
    row: Appointment,
    contents: Contents,
    before: SessionRecord | None,
    outside: tuple[Beyond, ...],
) -> SessionRecord:
    energies = {area.rf_energy.strip() for area in contents.areas} - {""}
    return SessionRecord(
        appointment=row,
        version=before.version + 1 if before else 1,
        replaces=before,
        device=contents.device,
        supervisor=contents.supervisor,
        started_at=contents.started_at,
        ended_at=contents.ended_at,
        anaesthetic=contents.anaesthetic.strip(),
        endpoint=contents.endpoint,
        rf_energy=energies.pop() if len(energies) == 1 else "",
        prp_lot=contents.prp_lot.strip(),
        prp_volume_ml=contents.prp_volume_ml,
        reaction=contents.reaction.strip(),
        note=contents.note.strip(),
        confirmed_beyond=[one.as_kept() for one in outside],
    )


def _save(record: SessionRecord, contents: Contents) -> None:
    try:
        record.save()
    except IntegrityError as error:
        raise series.refusal(error) from error
    TreatedArea.objects.bulk_create(
        TreatedArea(
            record=record,
            area=one.area,
            depth_mm=one.depth_mm,
            passes=one.passes,
            rf_energy=one.rf_energy.strip(),
        )
        for one in contents.areas
    )
    UsedProduct.objects.bulk_create(
        UsedProduct(record=record, name=one.name, lot=one.lot, amount=one.amount)
        for one in contents.products
    )


def _set_done(
    row: Appointment, contents: Contents, *, actor: User, now: datetime
) -> Appointment:
    """Note the session's end where the diary does not know it, or knows another day."""
    day = contents.ended_at.astimezone(row.location.zone).date()
    if row.status == AppointmentStatus.DONE and row.anchor_date == day:
        return row
    if row.status == AppointmentStatus.DONE:
        _judge_before_next(row, day)
        row.status, row.completed_at = AppointmentStatus.IN_SESSION, None
        row.save(update_fields=["status", "completed_at"])
    return changes.complete(row, performed_at=contents.ended_at, actor=actor, now=now)


def _judge_before_next(row: Appointment, day: date) -> None:
    """Refuse a day on or after that of a later session which took place."""
    plan: TreatmentPlan = row.plan  # type: ignore[assignment]
    done = plan.appointments.filter(
        status=AppointmentStatus.DONE, kind=row.kind, number__gt=row.number
    ).select_related("location")
    for later in done.order_by("number"):
        if later.anchor_date <= day:
            raise BookingRefused(
                _("Session %(later)s took place on %(day)s, so this one was before it.")
                % {
                    "later": later.number,
                    "day": date_format(later.anchor_date, "D j M Y"),
                }
            )


def _settle_tasks(record: SessionRecord, actor: User, now: datetime) -> None:
    owed = Task.objects.filter(kind=TaskKind.RECORD, appointment=record.appointment_id)
    todo.close(owed, actor=actor, now=now)
    cosigning.ask(record, actor=actor, now=now)
